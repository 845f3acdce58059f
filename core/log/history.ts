/** A closed set of ops in one order, and who has seen what: the plain form, with the whole past of each op as bits. */
import type { OpId } from "../ids.ts";
import type { LoggedOp } from "./log.ts";
import { linksOf } from "./signedOp.ts";

export interface History {
  /** Each op after all that it follows; those of one depth by their ids. The places here name ops from now on. */
  readonly ops: readonly LoggedOp[];
  readonly placeOf: Pick<ReadonlyMap<OpId, number>, "get" | "has">;
  /** Whether the op at `earlier` is in the past of the op at `later`; an op is not in its own. */
  isPast(earlier: number, later: number): boolean;
}

/** The order of places. */
export const byPlace = (a: LoggedOp, b: LoggedOp): number => a.depth - b.depth || (a.id < b.id ? -1 : 1);

/** Takes time and memory by the square of the number of ops: 12 MB for 10,000. */
export function historyOf(set: Iterable<LoggedOp>): History {
  const ops = [...set].sort(byPlace);
  const placeOf = new Map(ops.map(({ id }, place) => [id, place]));
  const pasts: Uint32Array[] = [];
  for (const [place, { op }] of ops.entries()) {
    const past = new Uint32Array((place + 31) >>> 5);
    for (const id of linksOf(op)) {
      const link = placeOf.get(id);
      if (link === undefined) throw new Error("the set is not closed under parents");
      past[link >>> 5]! |= 1 << (link & 31);
      const before = pasts[link]!;
      for (let word = 0; word < before.length; word++) past[word]! |= before[word]!;
    }
    pasts.push(past);
  }
  const isPast = (earlier: number, later: number) =>
    earlier < later && (pasts[later]![earlier >>> 5]! >>> (earlier & 31) & 1) === 1;
  return { ops, placeOf, isPast };
}
