/**
 * A history by what each op has not seen of the ops placed before it. Honest ops leave out little, so this is short; where
 * it is not, bits from the first one left out on take its place, so that it never needs more than the plain form.
 */
import type { OpId } from "../ids.ts";
import { byPlace, type History } from "./history.ts";
import { Layered } from "./layered.ts";
import type { LoggedOp } from "./log.ts";
import { linksOf } from "./signedOp.ts";

/** Places before the op that are not in its past, ascending; or a bit for each place from `from` on. */
type Unseen = Uint32Array | { readonly from: number; readonly bits: Uint32Array };

export interface CompactHistory extends History {
  readonly placeOf: Layered<OpId, number>;
  readonly unseen: readonly Unseen[];
}

const NONE = new Uint32Array(0);

/** Takes time and memory by the number of ops and of pairs of which neither follows the other. */
export function compactHistoryOf(set: Iterable<LoggedOp>): CompactHistory {
  const ops = [...set].sort(byPlace);
  const placeOf = new Layered(new Map(ops.map(({ id }, place) => [id, place])));
  const unseen: Unseen[] = [];
  for (const op of ops) unseen.push(unseenBy(op, unseen, placeOf));
  return { ops, placeOf, unseen, isPast: pastBy(unseen) };
}

/** With an op that comes after all others in the order of places. */
export function withOp(history: CompactHistory, op: LoggedOp): CompactHistory {
  const placeOf = history.placeOf.with([[op.id, history.ops.length]]);
  const unseen = [...history.unseen, unseenBy(op, history.unseen, placeOf)];
  return { ops: [...history.ops, op], placeOf, unseen, isPast: pastBy(unseen) };
}

const pastBy = (unseen: readonly Unseen[]) => (earlier: number, later: number): boolean =>
  earlier < later && !lacks(unseen[later]!, earlier);

function lacks(unseen: Unseen, place: number): boolean {
  if (unseen instanceof Uint32Array) return includes(unseen, place);
  const at = place - unseen.from;
  return at >= 0 && (unseen.bits[at >>> 5]! >>> (at & 31) & 1) === 1;
}

function includes(ascending: Uint32Array, place: number): boolean {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < place) low = middle + 1;
    else high = middle;
  }
  return ascending[low] === place;
}

/** The op's place is the next one. */
function unseenBy({ op }: LoggedOp, earlier: readonly Unseen[], placeOf: Layered<OpId, number>): Unseen {
  const links = linksOf(op).map((id) => {
    const place = placeOf.get(id);
    if (place === undefined) throw new Error("the set is not closed under parents");
    return place;
  }).sort((a, b) => b - a);
  const [nearest, ...others] = links;
  if (nearest === undefined) return NONE;
  const isUnseen = (place: number) =>
    others.every((link) => link !== place && (link < place || lacks(earlier[link]!, place)));
  const found = [...placesIn(earlier[nearest]!)].filter(isUnseen);
  for (let place = nearest + 1; place < earlier.length; place++) found.push(place);
  return packed(found, earlier.length);
}

function* placesIn(unseen: Unseen): Generator<number> {
  if (unseen instanceof Uint32Array) return yield* unseen;
  for (let at = 0; at < unseen.bits.length * 32; at++) {
    if (lacks(unseen, unseen.from + at)) yield unseen.from + at;
  }
}

function packed(found: readonly number[], place: number): Unseen {
  const [from] = found;
  if (from === undefined) return NONE;
  const words = (place - from + 31) >>> 5;
  if (found.length <= words) return Uint32Array.from(found);
  const bits = new Uint32Array(words);
  for (const one of found) bits[(one - from) >>> 5]! |= 1 << (one - from & 31);
  return { from, bits };
}
