/** What of a channel's content a peer's device is offered: worked out once for each content, as long as that holds. */
import type { ChannelId, ContentId, DeviceId, OpId } from "../../ids.ts";
import { LIVE } from "../../limits.ts";
import { type Held, nothingHeld, withContent } from "../contentSync/held.ts";
import type { Era, Hindsight } from "../hindsight.ts";
import { isArchive } from "../keys/granting.ts";
import { isReader } from "../keys/readers.ts";
import type { DeviceShelf, Kept, Shelf } from "./shelf.ts";

interface Offering {
  readonly hindsight: Hindsight;
  readonly offers: readonly Held[];
}

/** A shelf is never changed, so what is offered of it is gathered once for each peer and state of the log. */
const offerings = new WeakMap<Shelf, Map<DeviceId, Offering>>();
/** All of a shelf, as one array for all who may have all of it. */
const wholes = new WeakMap<Shelf, readonly Held[]>();

/** Chains that have grown lately first. The same array as long as nothing of it changes. */
export function offersTo(hindsight: Hindsight, peer: DeviceId, channel: ChannelId, shelf: Shelf): readonly Held[] {
  const known = offerings.get(shelf) ?? new Map<DeviceId, Offering>();
  offerings.set(shelf, known);
  const before = known.get(peer);
  if (before?.hindsight === hindsight) return before.offers;
  const offers = sameAs([wholeOf(shelf), before?.offers ?? []], gather(hindsight, peer, channel, shelf));
  known.set(peer, { hindsight, offers });
  return offers;
}

function sameAs(known: readonly (readonly Held[])[], offers: readonly Held[]): readonly Held[] {
  const isSame = (one: readonly Held[]) => one.length === offers.length && one.every((held, at) => held === offers[at]);
  return known.find(isSame) ?? offers;
}

function wholeOf(shelf: Shelf): readonly Held[] {
  const known = wholes.get(shelf) ?? [...shelf.values()].reverse().map(({ held }) => held);
  wholes.set(shelf, known);
  return known;
}

function gather(hindsight: Hindsight, peer: DeviceId, channel: ChannelId, shelf: Shelf): readonly Held[] {
  if (!isReader(hindsight.state, channel, peer)) return [];
  const reads = hindsight.readings(peer, channel);
  const given = isArchive(hindsight, { channel })
    ? (one: DeviceShelf) => look(hindsight, one, null, (heads) => hindsight.knows(heads) ? true : null)
    : (one: DeviceShelf) => look(hindsight, one, peer, reads);
  // Whoever has grown last is last on the shelf.
  return [...shelf.values()].reverse().flatMap((one) => one.kept.size === 0 ? [] : given(one) ?? []);
}

/** What was found out of the first contents of one chain. */
interface Looked {
  readonly kept: DeviceShelf["kept"];
  readonly era: Era;
  readonly opCount: number;
  /** What may be given, and how many they are. */
  readonly held: Held;
  readonly count: number;
  /** What may not; it is of this look alone, and grows with it. */
  readonly withheld: Set<ContentId>;
  /** Of these those whose heads were not here. */
  readonly untold: readonly Kept[];
}

/** By the chain, in whatever form it is, and the reader of it; in an archive, where all are alike, by nobody. */
const looks = new WeakMap<object, Map<DeviceId | null, Looked>>();

/** `null` where nothing may be given. `may` says `null` of what cannot be told yet. */
function look(
  hindsight: Hindsight,
  shelf: DeviceShelf,
  reader: DeviceId | null,
  may: (heads: readonly OpId[]) => boolean | null,
): Held | null {
  const { kept } = shelf;
  const readers = looks.get(kept.root) ?? new Map<DeviceId | null, Looked>();
  looks.set(kept.root, readers);
  const known = readers.get(reader);
  const isGood = known !== undefined && known.era === hindsight.era && known.opCount <= hindsight.opCount &&
    kept.continues(known.kept);
  const before = isGood ? known : null;
  const isNothingNew = before !== null && before.kept.size === kept.size && before.untold.length === 0;
  const looked = isNothingNew ? before : lookOn(hindsight, shelf, before, may);
  readers.delete(reader);
  readers.set(reader, looked);
  if (readers.size > LIVE.maxOfferedTo) readers.delete(readers.keys().next().value!);
  return looked.count === 0 ? null : looked.held;
}

function lookOn(
  { era, opCount }: Hindsight,
  { kept, held: all }: DeviceShelf,
  before: Looked | null,
  may: (heads: readonly OpId[]) => boolean | null,
): Looked {
  const withheld = before?.withheld ?? new Set<ContentId>();
  const given: Kept[] = [];
  const untold: Kept[] = [];
  for (const one of [...before?.untold ?? [], ...kept.after(before?.kept.size ?? 0)]) {
    const answer = may(one.content.heads);
    if (answer === true) given.push(one);
    else withheld.add(one.id);
    if (answer === null) untold.push(one);
  }
  for (const { id } of given) withheld.delete(id);
  const count = kept.size - withheld.size;
  if (count === kept.size) return { kept, era, opCount, held: all, count, withheld, untold };
  const left = new Set(given.map(({ id }) => id));
  let held = before?.held ?? nothingHeld(all.device);
  for (const { id, content: { seq, previous } } of given) {
    left.delete(id);
    held = withContent(held, { id, seq, previous }, (one) => kept.has(one) && !withheld.has(one) && !left.has(one));
  }
  return { kept, era, opCount, held, count, withheld, untold };
}
