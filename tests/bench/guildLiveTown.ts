/** The store of one member of a large guild that has written much, and what its other members would say to it. */
import { type GroupSender, sealGroup } from "../../core/group/sender.ts";
import { contentIdOf } from "../../core/guild/contentChain.ts";
import { makeDeal } from "../../core/guild/join/deal.ts";
import { encodeDeals, NO_DEALS, withDeal } from "../../core/guild/join/deals.ts";
import { guildKeys } from "../../core/guild/live/keys.ts";
import type { LocalDevice } from "../../core/identity/identity.ts";
import type { ChannelId, ContentId, OpId } from "../../core/ids.ts";
import { GROUP } from "../../core/limits.ts";
import { decodeOp } from "../../core/log/signedOp.ts";
import type { Env, RecordWrite, Store, StoredRecord } from "../../core/ports.ts";
import { CONTENT_VERSION, encodeGuildContent, NO_CLAIMS } from "../../core/wire/guildContent.ts";
import { contentRecord } from "../../core/wire/guildRecords.ts";
import { guildTextCodec, TEXT_KIND } from "../../core/wire/guildText.ts";
import { must } from "../support/world.ts";
import type { Town } from "./joinTown.ts";

/** Records by key in order: what is read costs what it is. */
export class SortedStore implements Store {
  private constructor(private readonly keys: readonly string[], private readonly records: Map<string, Uint8Array>) {}

  static of(writes: readonly RecordWrite[]): SortedStore {
    const records = new Map(writes.flatMap(({ key, value }) => value === null ? [] : [[key, value] as const]));
    return new SortedStore([...records.keys()].sort(), records);
  }

  write(): Promise<void> {
    return Promise.resolve();
  }

  get(key: string): Uint8Array | null {
    return this.records.get(key) ?? null;
  }

  read(prefix: string): Promise<readonly StoredRecord[]> {
    const from = this.keys.findIndex((key) => key.startsWith(prefix));
    const found: StoredRecord[] = [];
    for (let at = from; at >= 0 && at < this.keys.length && this.keys[at]!.startsWith(prefix); at++) {
      const key = this.keys[at]!;
      found.push({ key, value: this.records.get(key)! });
    }
    return Promise.resolve(found);
  }
}

/** A member who writes in one channel. */
export class Writer {
  private seq = 0;
  private previous: ContentId | null = null;
  private sender: GroupSender | null = null;

  constructor(readonly device: LocalDevice, readonly channel: ChannelId) {}

  get nextSeq(): number {
    return this.seq + 1;
  }

  /** There is one as soon as something was sealed. */
  get chain(): GroupSender {
    return this.sender!;
  }

  /** A plaintext with its id, under one head. */
  write(head: OpId, lamport: number) {
    const body = guildTextCodec.encode({
      lamport,
      sentAtMs: lamport,
      text: `what somebody has to say, number ${lamport}`,
    });
    const seq = ++this.seq;
    const plaintext = encodeGuildContent({
      v: CONTENT_VERSION,
      kind: TEXT_KIND,
      channel: this.channel,
      device: this.device.id,
      seq,
      previous: this.previous,
      heads: [head],
      claims: NO_CLAIMS,
      body,
    });
    const id = contentIdOf(plaintext);
    this.previous = id;
    return { plaintext, id, seq };
  }

  /** Nobody but the device itself has the chain yet. */
  seal(plaintexts: readonly Uint8Array[], env: Env) {
    const sealed = sealGroup(this.sender, this.channel, this.device, new Set([this.device.id]), plaintexts, env);
    this.sender = sealed.state;
    return { ...sealed, chain: sealed.state };
  }
}

export interface LivedTown {
  readonly store: SortedStore;
  readonly writers: readonly Writer[];
  readonly channel: ChannelId;
}

/** `contentCount` contents of `writers`, in turns, each under the head of its time; all of them are shown. */
export function livedTown(town: Town, writers: readonly Writer[], contentCount: number, env: Env): LivedTown {
  const { guild, ops, founder } = town;
  const keys = guildKeys(guild);
  const writes: RecordWrite[] = [];
  const ids = ops.map((bytes) => must(decodeOp(bytes)).id);
  for (const [depth, id] of ids.entries()) writes.push({ key: keys.op(depth, id), value: ops[depth]! });
  const deal = makeDeal(guild, [ids.at(-1)!], founder, env);
  writes.push({ key: keys.deals, value: encodeDeals(withDeal(NO_DEALS, deal)) });
  const half = ops.length / 2;
  const waiting = new Map(writers.map((writer) => [writer, [] as ReturnType<Writer["write"]>[]]));
  const flush = (writer: Writer) => {
    const some = waiting.get(writer)!.splice(0);
    if (some.length === 0) return;
    const { chain, envelopes, messageKeys } = writer.seal(some.map(({ plaintext }) => plaintext), env);
    for (const [at, { plaintext, id, seq }] of some.entries()) {
      const { signer: { publicKey: signer }, ownership } = chain;
      const record = { content: plaintext, envelope: envelopes[at]!, key: messageKeys[at]!, signer, ownership };
      const [channel, device] = [writer.channel, writer.device.id];
      writes.push({ key: keys.content(channel, device, seq, id), value: contentRecord.encode(record) });
      writes.push({ key: keys.confirmation(channel, device, id), value: Uint8Array.of(1) });
    }
  };
  for (let at = 0; at < contentCount; at++) {
    const writer = writers[at % writers.length]!;
    waiting.get(writer)!.push(writer.write(ids[half + Math.floor(at * half / contentCount)]!, at + 1));
    if (waiting.get(writer)!.length === GROUP.maxBlock) flush(writer);
  }
  for (const writer of writers) flush(writer);
  return { store: SortedStore.of(writes), writers, channel: writers[0]!.channel };
}
