/** Content that one member has, in maps: what the sync of content asks for, and what it gives. */
import { type ChannelId, channelId, type ContentId, contentId, type DeviceId, deviceId } from "../../core/ids.ts";
import type { ReadItem } from "../../core/guild/contentSync/answering.ts";
import type { ContentIndex, DeviceContentId, DeviceRanges, Found } from "../../core/guild/contentSync/contentIndex.ts";
import { type Held, heldOf, type Named, nothingHeld, withContent } from "../../core/guild/contentSync/held.ts";
import { includes, type Ranges } from "../../core/guild/contentSync/ranges.ts";
import { sha256 } from "../../core/crypto/kdf.ts";
import { CONTENT } from "../../core/limits.ts";
import { fromUtf8, utf8 } from "../../core/wire/text.ts";
import { must } from "./world.ts";

/** One piece of content as the sync sees it: its envelope is a name, and bytes after it. */
export interface Piece {
  readonly channel: ChannelId;
  readonly device: DeviceId;
  readonly seq: number;
  readonly id: ContentId;
  readonly previous: ContentId | null;
  /** When it was written, for what is newest. */
  readonly at: number;
  readonly envelope: Uint8Array;
}

export const deviceOf = (name: string): DeviceId => must(deviceId(sha256(utf8(`device ${name}`))));
export const channelOf = (name: string): ChannelId => must(channelId(sha256(utf8(`channel ${name}`))));

const NAME_BYTES = 64;

/** `fork` tells two under one number apart. */
export function pieceOf(
  channel: ChannelId,
  device: DeviceId,
  seq: number,
  before: Piece | null,
  at: number,
  fork = "",
  sizeBytes = 420,
): Piece {
  const name = sha256(utf8(`${channel} ${device} ${seq} ${before?.id} ${fork}`));
  const id = must(contentId(name));
  const envelope = new Uint8Array(Math.max(NAME_BYTES, sizeBytes));
  envelope.set(utf8(id));
  return { channel, device, seq, id, previous: before?.id ?? null, at, envelope };
}

export const envelopeName = (envelope: Uint8Array): string => fromUtf8(envelope.subarray(0, NAME_BYTES)) ?? "";

interface Chain {
  held: Held;
  readonly pieces: Map<ContentId, Piece>;
  readonly bySeq: Map<number, Piece[]>;
}

export class ContentShelf implements ContentIndex {
  private readonly chains = new Map<ChannelId, Map<DeviceId, Chain>>();
  private readonly offered = new Map<ChannelId, readonly Held[]>();

  /** Who reads which channel, by this member; all do unless told. */
  reads: (peer: DeviceId, channel: ChannelId) => boolean = () => true;
  /** Numbers below which a device is given nothing, as a newcomer. */
  from: (peer: DeviceId, channel: ChannelId) => number = () => 1;

  constructor(readonly order: readonly ChannelId[]) {}

  /** Whether it is new here. */
  add(piece: Piece): boolean {
    const chain = this.chain(piece.channel, piece.device);
    const same = chain.bySeq.get(piece.seq) ?? [];
    if (chain.pieces.has(piece.id) || same.length >= CONTENT.maxForks) return false;
    chain.held = withContent(chain.held, piece, (id) => chain.pieces.has(id));
    chain.pieces.set(piece.id, piece);
    chain.bySeq.set(piece.seq, [...same, piece]);
    this.offered.delete(piece.channel);
    return true;
  }

  has({ channel, device, id }: Piece): boolean {
    return this.chain(channel, device).pieces.has(id);
  }

  get pieces(): readonly Piece[] {
    return [...this.chains.values()].flatMap((of) => [...of.values()].flatMap(({ pieces }) => [...pieces.values()]));
  }

  channels(peer: DeviceId): readonly ChannelId[] {
    return this.order.filter((channel) => this.reads(peer, channel));
  }

  offers(peer: DeviceId, channel: ChannelId): readonly Held[] {
    const from = this.from(peer, channel);
    const all = this.offered.get(channel) ??
      [...this.chains.get(channel)?.values() ?? []].map(({ held }) => held).filter(({ ranges }) => ranges.length > 0);
    this.offered.set(channel, all);
    if (from === 1) return all;
    return all.map(({ device }) =>
      heldOf(device, [...this.chain(channel, device).pieces.values()].filter(({ seq }) => seq >= from))
    );
  }

  here(channel: ChannelId, device: DeviceId): Ranges {
    return this.chain(channel, device).held.ranges;
  }

  awaited(channel: ChannelId, device: DeviceId): readonly Named[] {
    return this.chain(channel, device).held.awaited;
  }

  lacks(channel: ChannelId, device: DeviceId, { seq, id }: Named): boolean {
    const { held, pieces, bySeq } = this.chain(channel, device);
    return includes(held.ranges, seq) && !pieces.has(id) && bySeq.get(seq)!.length < CONTENT.maxForks;
  }

  find(
    peer: DeviceId,
    channel: ChannelId,
    wants: readonly DeviceRanges[],
    ids: readonly DeviceContentId[],
  ): readonly Found[] {
    const found = new Set<Piece>();
    for (const { device, ranges } of wants) {
      const { bySeq } = this.chain(channel, device);
      for (const { from, to } of ranges) {
        for (let seq = from; seq <= to; seq++) for (const piece of bySeq.get(seq) ?? []) found.add(piece);
      }
    }
    for (const { device, id } of ids) {
      const piece = this.chain(channel, device).pieces.get(id);
      if (piece !== undefined) found.add(piece);
    }
    return [...found].filter(({ seq }) => seq >= this.from(peer, channel)).sort((a, b) => b.at - a.at).map((piece) => ({
      key: `${piece.channel}/${piece.device}/${piece.id}`,
      device: piece.device,
      seq: piece.seq,
      sizeBytes: piece.envelope.length,
    }));
  }

  read(keys: readonly string[]): readonly ReadItem[] {
    return keys.map((key) => {
      const [channel, device, id] = key.split("/") as [ChannelId, DeviceId, ContentId];
      const { seq, envelope } = this.chain(channel, device).pieces.get(id)!;
      const chain = sha256(utf8(`${channel} ${device}`)).subarray(0, 16);
      return { device, seq, envelope, origin: { chain, signer: new Uint8Array(32), ownership: new Uint8Array(64) } };
    });
  }

  private chain(channel: ChannelId, device: DeviceId): Chain {
    let chains = this.chains.get(channel);
    if (chains === undefined) this.chains.set(channel, chains = new Map());
    let chain = chains.get(device);
    if (chain === undefined) {
      chains.set(device, chain = { held: nothingHeld(device), pieces: new Map(), bySeq: new Map() });
    }
    return chain;
  }
}
