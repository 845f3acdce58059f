/** Members who lie, each in a way of its own. They run the same code, with what they say and hear bent. */
import type { LiveEffect, LiveEvent } from "../../../core/guild/live/index.ts";
import type { ChannelId, DeviceId } from "../../../core/ids.ts";
import { indexBit } from "../../../core/wire/chainIndexes.ts";
import { guildKeysCodec, type KeysWant } from "../../../core/wire/guildKeys.ts";
import { guildToldCodec } from "../../../core/wire/guildTold.ts";
import { contentSyncCodec, type ContentSyncFrame } from "../../../core/wire/contentSync.ts";
import { type GuildFrame, guildFrameCodec } from "../../../core/wire/guildFrame.ts";
import { logSyncCodec, type LogSyncFrame } from "../../../core/wire/logSync.ts";
import { must } from "../../support/world.ts";
import { GuildNode } from "./node.ts";

/**
 * `forger`: alters signatures, envelopes and answers. `withholder`: keeps ops, content and keys back. `flooder`: says
 * much that means nothing. `backdater`: stays at the heads it had at some time, and goes on from there, removed or not.
 * An `equivocator` is two nodes with one device, which do not know of each other.
 */
export type Malice = "forger" | "withholder" | "flooder" | "backdater" | "equivocator";
export const MALICES: readonly Malice[] = ["forger", "withholder", "flooder", "backdater", "equivocator"];

const FLOOD = 12;

type Place = Omit<KeysWant["chains"][number], "indexes"> & { readonly channel: ChannelId; readonly index: number };

export const placeOf = ({ device, chain, index }: Omit<Place, "channel">): string => `${device} ${chain} ${index}`;

/** All of them see all ciphertext, and ask for the keys of it. */
export class HostileNode extends GuildNode {
  malice: Malice = "withholder";
  seen: () => Place | undefined = () => undefined;
  /** Messages of which others gave the keys. */
  readonly given = new Set<string>();
  /** A backdater has seen enough. */
  isFrozen = false;

  override receive(event: LiveEvent): void {
    if (this.isFrozen && event.type === "FrameReceived" && isOps(event.frame)) return;
    super.receive(event);
    if (event.type === "ToldBy") this.listen(event.message);
    if (event.type === "FrameReceived" && this.random.chance(0.02)) this.pry(event.device);
    if (this.malice === "flooder" && event.type === "FrameReceived" && this.random.chance(0.05)) {
      this.flood(event.device);
    }
  }

  private pry(device: DeviceId): void {
    const place = this.seen();
    if (place === undefined) return;
    const chains = [{ device: place.device, chain: place.chain, indexes: indexBit(place.index) }];
    const [other] = this.state.ruled.guild.channels.keys();
    const channel = this.random.chance(0.9) || other === undefined ? place.channel : other;
    const body = guildKeysCodec.encode({ t: "want", number: 1_000_000 + this.random.below(1_000), channel, chains });
    super.perform({ type: "Tell", devices: [device], message: guildToldCodec.encode({ t: "keys", body }) });
  }

  private listen(bytes: Uint8Array): void {
    const told = guildToldCodec.decode(bytes);
    const frame = told.ok && told.value.t === "keys" ? guildKeysCodec.decode(told.value.body) : null;
    if (!frame?.ok || frame.value.t !== "keys") return;
    for (const { device, chain, keys } of frame.value.chains) {
      for (const { index } of keys) this.given.add(placeOf({ device, chain, index }));
    }
  }

  protected override perform(effect: LiveEffect): void {
    // Nobody is refused: what the removed have to say is passed on.
    if (effect.type === "Unlink") return;
    if (this.malice === "withholder" && this.random.chance(0.4) && (effect.type === "Tell" || isAnswer(effect))) return;
    if (this.malice === "forger" && effect.type === "SendFrame" && this.random.chance(0.3)) {
      return super.perform({ ...effect, frame: this.forged(effect.frame) });
    }
    super.perform(effect);
  }

  private forged(bytes: Uint8Array): Uint8Array {
    const frame = must(guildFrameCodec.decode(bytes));
    if (frame.t === "log") return this.bent(frame, logSyncCodec, (inner) => this.forgedLog(inner));
    if (frame.t === "content") return this.bent(frame, contentSyncCodec, (inner) => this.forgedContent(inner));
    return bytes;
  }

  private bent<T>(
    frame: GuildFrame,
    codec: { encode(value: T): Uint8Array; decode(bytes: Uint8Array): Parameters<typeof must<T>>[0] },
    bend: (inner: T) => T,
  ): Uint8Array {
    return guildFrameCodec.encode({ ...frame, body: codec.encode(bend(must(codec.decode(frame.body)))) });
  }

  private forgedLog(frame: LogSyncFrame): LogSyncFrame {
    if (frame.t !== "ops") return frame;
    return { ...frame, ops: frame.ops.map((op) => this.flipped(op)) };
  }

  private forgedContent(frame: ContentSyncFrame): ContentSyncFrame {
    if (frame.t === "push") return { ...frame, envelope: this.flipped(frame.envelope), seq: 1 + this.random.below(50) };
    if (frame.t !== "items") return frame;
    return { ...frame, items: frame.items.map((item) => ({ ...item, envelope: this.flipped(item.envelope) })) };
  }

  private flipped(bytes: Uint8Array): Uint8Array {
    const at = this.random.below(bytes.length);
    return bytes.with(at, bytes[at]! ^ (1 << this.random.below(8)));
  }

  private flood(device: DeviceId): void {
    for (let i = 0; i < FLOOD; i++) {
      const { frame } = this.noise();
      super.perform({ type: "SendFrame", device, frame });
    }
  }

  private noise(): { readonly frame: Uint8Array } {
    const { random } = this;
    const body = (frame: LogSyncFrame) => guildFrameCodec.encode({ t: "log", body: logSyncCodec.encode(frame) });
    const ids = Array.from({ length: 8 }, () => this.madeUp());
    const luck = random.below(4);
    if (luck === 0) return { frame: body({ t: "heads", ids }) };
    if (luck === 1) return { frame: body({ t: "want", number: 1 + random.below(9), ids, have: [], strict: true }) };
    if (luck === 2) return { frame: body({ t: "ops", number: 1 + random.below(9), ops: [random.bytes(200)] }) };
    return { frame: random.bytes(1 + random.below(100)) };
  }

  private madeUp() {
    const [some] = this.state.log.heads;
    const nibble = "0123456789abcdef"[this.random.below(16)]!;
    return `${nibble}${some!.slice(1, -1)}${nibble}` as typeof some & string;
  }
}

function isOps(bytes: Uint8Array): boolean {
  const frame = guildFrameCodec.decode(bytes);
  if (!frame.ok || frame.value.t !== "log") return false;
  const inner = logSyncCodec.decode(frame.value.body);
  return inner.ok && inner.value.t === "ops";
}

function isAnswer(effect: LiveEffect): boolean {
  if (effect.type !== "SendFrame") return false;
  const frame = must(guildFrameCodec.decode(effect.frame));
  if (frame.t === "log") return must(logSyncCodec.decode(frame.body)).t === "ops";
  return frame.t === "content" && must(contentSyncCodec.decode(frame.body)).t === "items";
}
