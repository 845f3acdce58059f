/** Content of others: opened where its key is here, kept with that key, and judged. SPEC section 26. */
import { type ChainClaim, isOfChain, openKept, proveChain } from "../../group/kept.ts";
import { createReceiver, openGroup, openRun, peekMessage } from "../../group/receiver.ts";
import { type ChainId, chainId, type ChannelId, type ContentId, type DeviceId } from "../../ids.ts";
import { LIVE } from "../../limits.ts";
import { sameBytes } from "../../wire/bytes.ts";
import { decodeGroupEnvelope, type GroupEnvelope } from "../../wire/groupEnvelope.ts";
import { contentRecord } from "../../wire/guildRecords.ts";
import { guildTextCodec, TEXT_KIND } from "../../wire/guildText.ts";
import { receiveContent } from "../contentChain.ts";
import { shownNow } from "./judging.ts";
import { checkLinks, checkNumbers, holdSealed, releaseSealed, sealedOf } from "./sealed.ts";
import { type Kept, placeOf, type Sealed, shelved } from "./shelf.ts";
import type { GuildTurn } from "./turn.ts";

export interface CameIn extends Pick<Sealed, "channel" | "device" | "seq" | "envelope"> {
  /** Whose the chain is, as its giver says: without it only its author's word is taken. */
  readonly chain: ChainClaim | null;
}

/** What asking for a key can mend. */
const KEYLESS: readonly string[] = ["group.unknown-chain", "group.before-start", "group.replayed"];

/** One envelope that a peer sent. Whether anything new is here after it. */
export function envelopeCame(turn: GuildTurn, item: CameIn, from: DeviceId): boolean {
  const { channel, device, envelope } = item;
  const decoded = decodeGroupEnvelope(envelope);
  if (!decoded.ok) {
    turn.refuse(decoded.reason);
    return false;
  }
  const receiver = turn.channel(channel).receivers.get(device) ?? createReceiver(channel, device);
  const opened = openGroup(receiver, envelope);
  if (opened.ok) {
    turn.setReceiver(opened.value.receiver);
    const { signer, ownership } = receiver.chains.find(({ id }) => sameBytes(id, decoded.value.chain))!;
    const { plaintext, messageKey: key } = opened.value;
    return keep(
      turn,
      channel,
      device,
      [{ plaintext, envelope, ...placed(decoded.value), key, signer, ownership }],
      from,
    );
  }
  if (!KEYLESS.includes(opened.reason)) {
    turn.refuse(opened.reason);
    return false;
  }
  if (openAgain(turn, item, placed(decoded.value))) return false;
  if (device !== from && !isShown(item)) {
    turn.refuse("group.bad-signature");
    return false;
  }
  const untilMs = turn.nowMs + LIVE.sealedMs;
  return holdSealed(turn, { channel, device, seq: item.seq, envelope, ...placed(decoded.value), untilMs });
}

/**
 * [GKEY6] A sender whose store was set back seals two messages under one number of one chain: the key of the one that is
 * here opens the other. Whether there is one.
 */
function openAgain(
  turn: GuildTurn,
  { channel, device, envelope }: CameIn,
  place: Pick<Sealed, "chain" | "index">,
): boolean {
  const { places, kept } = turn.shelf(channel, device);
  const id = places.get(placeOf(place));
  const known = id === undefined ? undefined : kept.get(id);
  if (known === undefined) return false;
  turn.read({ t: "again", channel, device, envelope }, [
    turn.keys.content(channel, device, known.content.seq, known.id),
  ]);
  return true;
}

/** The record of the one that is here was read. */
export function openedAgain(
  turn: GuildTurn,
  { channel, device, envelope }: Pick<CameIn, "channel" | "device" | "envelope">,
  bytes: Uint8Array | null,
): void {
  const record = bytes === null ? null : contentRecord.decode(bytes);
  if (!record?.ok || sameBytes(record.value.envelope, envelope)) return;
  const { key, signer, ownership } = record.value;
  const message = peekMessage(envelope);
  if (!message.ok) return turn.refuse(message.reason);
  const { chain, index } = message.value;
  const proven = proveChain({ channel, device, chain, signer, ownership });
  if (!proven.ok) return turn.refuse(proven.reason);
  const [opened] = openKept(proven.value, [{ index, key }], [envelope]);
  if (!opened!.ok) return turn.refuse(opened!.reason);
  const { plaintext } = opened!.value;
  keep(turn, channel, device, [{ plaintext, envelope, chain: chainIdOf(chain), index, key, signer, ownership }], null);
  checkLinks(turn, channel, device);
}

/** Whatever is kept without being opened is a message of that device's all the same. */
function isShown({ chain, envelope }: CameIn): boolean {
  const proven = chain === null ? null : provenOnce(chain);
  return proven?.ok === true && isOfChain(proven.value, envelope);
}

/** Of many envelopes of one chain that come together its claim is checked once. */
const proofs = new WeakMap<ChainClaim, ReturnType<typeof proveChain>>();

function provenOnce(claim: ChainClaim): ReturnType<typeof proveChain> {
  const proof = proofs.get(claim) ?? proveChain(claim);
  proofs.set(claim, proof);
  return proof;
}

export function chainIdOf(bytes: Uint8Array): ChainId {
  const id = chainId(bytes);
  if (!id.ok) throw new Error("a chain's id has 16 bytes");
  return id.value;
}

const placed = ({ chain, first, position }: GroupEnvelope): Pick<Sealed, "chain" | "index"> => ({
  chain: chainIdOf(chain),
  index: first + position,
});

/** A chain came: what waited for it is opened. */
export function openSealed(turn: GuildTurn, channel: ChannelId, device: DeviceId): void {
  const waiting = sealedOf(turn, channel, device);
  const receiver = turn.channel(channel).receivers.get(device);
  if (waiting.length === 0 || receiver === undefined) return;
  const run = openRun(receiver, waiting.map(({ envelope }) => envelope));
  const opened: Opened[] = [];
  const released = waiting.filter(({ envelope, chain, index }, at) => {
    const result = run.results[at]!;
    if (!result.ok) return !KEYLESS.includes(result.reason);
    const { plaintext, messageKey: key } = result.value;
    const { signer, ownership } = receiver.chains.find(({ id }) => chainIdOf(id) === chain)!;
    opened.push({ plaintext, envelope, chain, index, key, signer, ownership });
    return true;
  });
  if (run.receiver !== receiver) turn.setReceiver(run.receiver);
  releaseSealed(turn, channel, released);
  keep(turn, channel, device, opened, null);
  checkNumbers(turn, channel, released);
}

/** One message that was opened, with all that it takes to pass it on. */
export interface Opened extends Pick<Sealed, "envelope" | "chain" | "index"> {
  readonly plaintext: Uint8Array;
  readonly key: Uint8Array;
  readonly signer: Uint8Array;
  readonly ownership: Uint8Array;
}

/** What was opened, of one device in one channel: the envelopes were that device's. Whether anything of it is new. */
export function keep(
  turn: GuildTurn,
  channel: ChannelId,
  device: DeviceId,
  opened: readonly Opened[],
  from: DeviceId | null,
): boolean {
  const before = turn.shelf(channel, device);
  const arrived = new Map<ContentId, { readonly kept: Kept; readonly opened: Opened }>();
  for (const one of opened) {
    const received = receiveContent(one.plaintext, channel, device);
    if (!received.ok) turn.refuse(received.reason);
    else {
      const { chain, index, envelope } = one;
      arrived.set(received.value.id, {
        kept: { ...received.value, chain, index, sizeBytes: envelope.length },
        opened: one,
      });
    }
  }
  const after = shelved(before, [...arrived.values()].map(({ kept }) => kept), turn.listsOf(channel, device));
  if (after === before) return false;
  turn.setShelf(channel, device, after);
  const fresh = [...after.kept.after(before.kept.size)];
  for (const kept of fresh) {
    const { plaintext: content, envelope, key, signer, ownership } = arrived.get(kept.id)!.opened;
    turn.writeContent(kept, { content, envelope, key, signer, ownership });
    turn.sawLamport(channel, lamportOf(kept));
  }
  turn.grew(channel, device, fresh.map(({ content }) => content.seq), from);
  noticeOwn(turn, channel, device);
  judgeShelf(turn, channel, device);
  return true;
}

/** [LIVE4] Content of ours that others had and we had not: our store was set back, and our chain has gone on without us. */
function noticeOwn(turn: GuildTurn, channel: ChannelId, device: DeviceId): void {
  if (device === turn.state.device.id) turn.dropSender(channel);
}

export function lamportOf({ content: { kind, body } }: Pick<Kept, "content">): number {
  const text = kind === TEXT_KIND ? guildTextCodec.decode(body) : null;
  return text?.ok ? text.value.lamport : 0;
}

/** [CNT9] Whatever is shown now is confirmed for ever. */
export function judgeShelf(turn: GuildTurn, channel: ChannelId, device: DeviceId): void {
  const shown = shownNow(turn.state.ruled.hindsight, turn.shelf(channel, device));
  if (shown.length > 0) turn.confirm(channel, device, shown);
}
