/** What is here of one device's content in one channel, in as much as another needs to know of it. SPEC section 24. */
import type { ContentId, DeviceId } from "../../ids.ts";
import { CSYNC } from "../../limits.ts";
import type { ContentOffer } from "../../wire/contentSync.ts";
import type { Link } from "../contentChain.ts";
import { type Ranges, withNumber } from "./ranges.ts";

export interface Named {
  readonly seq: number;
  readonly id: ContentId;
}

/** A function of the set that is here: the order in which it came makes no difference. */
export interface Held {
  readonly device: DeviceId;
  readonly ranges: Ranges;
  /** What nothing here follows, the greatest number first. */
  readonly tips: readonly Named[];
  /** What links name and is not here, the greatest number first. */
  readonly awaited: readonly Named[];
}

export const nothingHeld = (device: DeviceId): Held => ({ device, ranges: [], tips: [], awaited: [] });

/** With one more that was opened and is not here yet; `isHere` tells of all others of the chain. */
export function withContent(held: Held, { id, seq, previous }: Link, isHere: (id: ContentId) => boolean): Held {
  const isFollowed = held.awaited.some((named) => named.id === id);
  const awaited = isFollowed ? held.awaited.filter((named) => named.id !== id) : held.awaited;
  const tips = isFollowed ? held.tips : placed(held.tips, { seq, id });
  const ranges = withNumber(held.ranges, seq);
  if (previous === null) return { ...held, ranges, tips, awaited };
  return isHere(previous)
    ? { ...held, ranges, tips: tips.filter((named) => named.id !== previous), awaited }
    : { ...held, ranges, tips, awaited: placed(awaited, { seq: seq - 1, id: previous }) };
}

/** Of these, in any order, none twice. */
export function heldOf(device: DeviceId, links: Iterable<Link>): Held {
  const here = new Set<ContentId>();
  let held = nothingHeld(device);
  for (const link of links) {
    held = withContent(held, link, (id) => here.has(id));
    here.add(link.id);
  }
  return held;
}

function placed(names: readonly Named[], named: Named): readonly Named[] {
  const at = names.findIndex(({ seq, id }) => seq < named.seq || seq === named.seq && id <= named.id);
  if (at < 0) return [...names, named];
  return names[at]!.id === named.id && names[at]!.seq === named.seq ? names : names.toSpliced(at, 0, named);
}

/** [CSYNC3] The newest first. */
export function entriesOf({ device, ranges, tips }: Held): readonly ContentOffer[] {
  const entries: ContentOffer[] = [];
  for (let end = ranges.length; end > 0; end -= CSYNC.maxRanges) {
    const some = ranges.slice(Math.max(0, end - CSYNC.maxRanges), end);
    const [low, high] = [some[0]!.from, some.at(-1)!.to];
    const ends = tips.filter(({ seq }) => low <= seq && seq <= high);
    entries.push({ device, ranges: some, tips: ends.slice(0, CSYNC.maxTips) });
  }
  return entries;
}

/** Bytes of an entry in a frame, or a few more. */
export const entryBytes = ({ ranges, tips }: ContentOffer): number =>
  60 + ranges.reduce((sum, { from, to }) => sum + uintBytes(from) + uintBytes(to), 0) +
  tips.reduce((sum, { seq }) => sum + 43 + uintBytes(seq), 0);

const uintBytes = (value: number): number =>
  value < 24 ? 1 : value < 2 ** 8 ? 2 : value < 2 ** 16 ? 3 : value < 2 ** 32 ? 5 : 9;
