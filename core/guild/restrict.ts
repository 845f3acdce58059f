/** The rulings on all ops, seen from some heads: what the whole set says of what was known there. SPEC section 21. */
import type { OpId } from "../ids.ts";
import type { History } from "../log/history.ts";
import { factsOf } from "./facts.ts";
import type { Reign, Rulings } from "./rulings.ts";

/**
 * [CNT6] The heads and their past, with the verdicts of the whole set: an op that is void there is void here, although
 * those who saw no more could not know it. `null` where a head is unknown.
 */
export function restrict(rulings: Rulings, heads: readonly OpId[]): Rulings | null {
  const { history, levels, reigns } = rulings;
  const tips: number[] = [];
  for (const id of heads) {
    const place = history.placeOf.get(id);
    if (place === undefined) return null;
    tips.push(place);
  }
  const places = [...history.ops.keys()].filter((place) =>
    tips.some((tip) => tip === place || history.isPast(place, tip))
  );
  const part = partOf(history, places);
  const placeIn = new Map(places.map((place, at) => [place, at]));
  return {
    history: part,
    facts: factsOf(part),
    levels: Int16Array.from(places, (place) => levels[place]!),
    reigns: reigns.flatMap((reign) => reignIn(placeIn, reign)),
  };
}

function partOf({ ops, isPast }: History, places: readonly number[]): History {
  const kept = places.map((place) => ops[place]!);
  return {
    ops: kept,
    placeOf: new Map(kept.map(({ id }, place) => [id, place])),
    isPast: (earlier, later) => isPast(places[earlier]!, places[later]!),
  };
}

function reignIn(placeIn: ReadonlyMap<number, number>, { founder, from, to }: Reign): readonly Reign[] {
  const begun = placeIn.get(from);
  if (begun === undefined) return [];
  return [{ founder, from: begun, to: to === null ? null : placeIn.get(to) ?? null }];
}
