/** Sets of numbers as ranges that ascend and do not touch: what a chain has, and what it lacks. */
import type { SeqRange } from "../../wire/contentSync.ts";

export type Ranges = readonly SeqRange[];

/** The place of the first range that does not end before `seq`. */
function placeOf(ranges: Ranges, seq: number): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle]!.to < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function includes(ranges: Ranges, seq: number): boolean {
  const range = ranges[placeOf(ranges, seq)];
  return range !== undefined && range.from <= seq;
}

/** The greatest number below `seq`; `null` where there is none. */
export function below(ranges: Ranges, seq: number): number | null {
  const at = placeOf(ranges, seq);
  const range = ranges[at];
  if (range !== undefined && range.from < seq) return seq - 1;
  return ranges[at - 1]?.to ?? null;
}

/** The least number above `seq`; `null` where there is none. */
export function above(ranges: Ranges, seq: number): number | null {
  const range = ranges[placeOf(ranges, seq + 1)];
  return range === undefined ? null : Math.max(range.from, seq + 1);
}

export const countOf = (ranges: Ranges): number => ranges.reduce((sum, { from, to }) => sum + (to - from + 1), 0);

export function withNumber(ranges: Ranges, seq: number): Ranges {
  const at = placeOf(ranges, seq);
  const [before, after] = [ranges[at - 1], ranges[at]];
  if (after !== undefined && after.from <= seq) return ranges;
  const from = before?.to === seq - 1 ? before.from : seq;
  const to = after?.from === seq + 1 ? after.to : seq;
  return ranges.toSpliced(from < seq ? at - 1 : at, (from < seq ? 1 : 0) + (to > seq ? 1 : 0), { from, to });
}

export function union(a: Ranges, b: Ranges): Ranges {
  const joined: SeqRange[] = [];
  for (const range of [...a, ...b].sort((one, other) => one.from - other.from)) {
    const last = joined.at(-1);
    if (last === undefined || range.from > last.to + 1) joined.push(range);
    else if (range.to > last.to) joined[joined.length - 1] = { from: last.from, to: range.to };
  }
  return joined;
}

/** What is in `ranges` and not in `taken`. Costs what is in the one, and what of the other lies within it. */
export function minus(ranges: Ranges, taken: Ranges): Ranges {
  const left: SeqRange[] = [];
  for (const { from, to } of ranges) {
    let next = from;
    for (let at = placeOf(taken, from); at < taken.length && taken[at]!.from <= to; at++) {
      if (taken[at]!.from > next) left.push({ from: next, to: taken[at]!.from - 1 });
      next = taken[at]!.to + 1;
    }
    if (next <= to) left.push({ from: next, to });
  }
  return left;
}

/** The greatest `count` of them. */
export function newest(ranges: Ranges, count: number): Ranges {
  const found: SeqRange[] = [];
  let left = count;
  for (let at = ranges.length - 1; at >= 0 && left > 0; at--) {
    const { from, to } = ranges[at]!;
    found.push({ from: Math.max(from, to - left + 1), to });
    left -= to - from + 1;
  }
  return found.reverse();
}
