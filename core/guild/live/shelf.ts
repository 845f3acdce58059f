/** The content of one channel that is here: by author device, without envelopes. */
import type { ChainId, ChannelId, ContentId, DeviceId } from "../../ids.ts";
import { AppendMap } from "../../log/appendMap.ts";
import type { GuildContent } from "../../wire/guildContent.ts";
import { type ContentChain, EMPTY_CHAIN, type LastSeen, linkContent } from "../contentChain.ts";
import { type Held, nothingHeld, withContent } from "../contentSync/held.ts";

/** One piece of content, opened. Its envelope and key are in the store. */
export interface Kept {
  readonly id: ContentId;
  readonly content: GuildContent;
  /** Of the envelope: its chain, its number there, and its length. */
  readonly chain: ChainId;
  readonly index: number;
  readonly sizeBytes: number;
}

/** An envelope that no key opens yet. */
export interface Sealed {
  readonly channel: ChannelId;
  /** As whose it came: nothing is known before it is opened. */
  readonly device: DeviceId;
  /** As which number of theirs it came. */
  readonly seq: number;
  readonly envelope: Uint8Array;
  /** Of the envelope: its chain, and its number there. */
  readonly chain: ChainId;
  readonly index: number;
  /** Until then its number is not asked for: who passed it on may have told another number. 0 when that is over. */
  readonly untilMs: number;
}

/** By author device, chain and number; the earliest first. */
export type SealedMap = ReadonlyMap<string, Sealed>;

export interface DeviceShelf {
  readonly chain: ContentChain;
  readonly kept: AppendMap<ContentId, Kept>;
  /** By chain and number in it. */
  readonly places: AppendMap<string, ContentId>;
  /** [CNT9] Judged as shown here, for ever. */
  readonly confirmed: AppendMap<ContentId, true>;
  /** What others are offered of it. */
  readonly held: Held;
  /** Of the greatest number. */
  readonly newest: Kept | null;
}

export type Shelf = ReadonlyMap<DeviceId, DeviceShelf>;

export const EMPTY_SHELF: Shelf = new Map();

export const emptyDeviceShelf = (device: DeviceId): DeviceShelf => ({
  chain: EMPTY_CHAIN,
  kept: AppendMap.of<ContentId, Kept>([]),
  places: AppendMap.of<string, ContentId>([]),
  confirmed: AppendMap.of<ContentId, true>([]),
  held: nothingHeld(device),
  newest: null,
});

/**
 * With more of one device's content. What is here already and, [CNT10], what is a third under its number changes nothing,
 * unless removals list it.
 */
export function shelved(shelf: DeviceShelf, more: readonly Kept[], lists: readonly LastSeen[] = []): DeviceShelf {
  const fresh = more.filter(({ id }) => !shelf.kept.has(id));
  if (fresh.length === 0) return shelf;
  const links = fresh.map(({ id, content: { seq, previous } }) => ({ id, seq, previous }));
  const { chain, surplus } = linkContent(shelf.chain, links, lists);
  const taken = fresh.filter(({ id }) => !surplus.includes(id));
  const newest = [shelf.newest, ...taken].reduce((a, b) => a === null || b!.content.seq > a.content.seq ? b : a);
  if (taken.length === 0) return chain === shelf.chain ? shelf : { ...shelf, chain };
  const added = new Set<ContentId>();
  let { held } = shelf;
  for (const { id, content: { seq, previous } } of taken) {
    held = withContent(held, { id, seq, previous }, (one) => added.has(one) || shelf.kept.has(one));
    added.add(id);
  }
  const places = new Map(taken.map((one) => [placeOf(one), one.id] as const));
  return {
    ...shelf,
    chain,
    kept: shelf.kept.with(taken.map((one) => [one.id, one])),
    places: shelf.places.with([...places].filter(([place]) => !shelf.places.has(place))),
    held,
    newest,
  };
}

export const placeOf = ({ chain, index }: Pick<Kept, "chain" | "index">): string => `${chain}/${index}`;

export const confirmed = (shelf: DeviceShelf, ids: readonly ContentId[]): DeviceShelf => ({
  ...shelf,
  confirmed: shelf.confirmed.with(ids.filter((id) => !shelf.confirmed.has(id)).map((id) => [id, true])),
});
