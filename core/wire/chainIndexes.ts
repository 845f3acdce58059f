/** Which messages of a sender's chain: a set of numbers below 1,000, as bits in memory and as ranges on the wire. */
import { ok, refuse } from "../errors.ts";
import { GROUP } from "../limits.ts";
import { bytesUint, concat, uintBytes } from "./bytes.ts";
import { bytes, type Field, mapped } from "./schema.ts";

/** Bit `i` stands for message `i`; with `&`, `|` and `& ~` as for any sets. */
export type Indexes = bigint;

export const NO_INDEXES: Indexes = 0n;

export const indexBit = (index: number): Indexes => 1n << BigInt(index);

export const indexesOf = (numbers: Iterable<number>): Indexes => {
  let indexes = NO_INDEXES;
  for (const number of numbers) indexes |= indexBit(number);
  return indexes;
};

export const hasIndex = (indexes: Indexes, index: number): boolean => (indexes & indexBit(index)) !== 0n;

/** Those up to `index`, with it. */
export const upTo = (indexes: Indexes, index: number): Indexes => indexes & (indexBit(index + 1) - 1n);

/** With both ends. */
export interface IndexRange {
  readonly from: number;
  readonly to: number;
}

/** Ascending, and none next to another. */
export function rangesOf(indexes: Indexes): readonly IndexRange[] {
  const ranges: { from: number; to: number }[] = [];
  const bits = indexes.toString(2);
  for (let index = 0; index < bits.length; index++) {
    if (bits[bits.length - 1 - index] !== "1") continue;
    const last = ranges.at(-1);
    if (last?.to === index - 1) last.to = index;
    else ranges.push({ from: index, to: index });
  }
  return ranges;
}

/** -1 where there is none. */
export const greatestOf = (indexes: Indexes): number => indexes === NO_INDEXES ? -1 : indexes.toString(2).length - 1;

/** Ascending. */
export const numbersOf = (indexes: Indexes): readonly number[] =>
  rangesOf(indexes).flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i));

export const countOf = (indexes: Indexes): number =>
  rangesOf(indexes).reduce((sum, { from, to }) => sum + to - from + 1, 0);

/** The greatest of them: at most `maxCount`, in at most `maxRanges` ranges. */
export function newestOf(indexes: Indexes, maxCount: number, maxRanges: number): Indexes {
  let [kept, left] = [NO_INDEXES, maxCount];
  for (const { from, to } of rangesOf(indexes).slice(-maxRanges).reverse()) {
    if (left <= 0) break;
    const first = Math.max(from, to - left + 1);
    kept |= rangeBits(first, to);
    left -= to - first + 1;
  }
  return kept;
}

const rangeBits = (from: number, to: number): Indexes => indexBit(to + 1) - indexBit(from);

const RANGE_BYTES = 4;

/** 4 bytes for each range, ascending, with a gap between any two: first 2 | last 2. At least one. */
export const indexesField = (maxRanges: number): Field<Indexes> =>
  mapped(
    bytes(RANGE_BYTES, RANGE_BYTES * maxRanges),
    (indexes) => concat(...rangesOf(indexes).flatMap(({ from, to }) => [uintBytes(from, 2), uintBytes(to, 2)])),
    (packed) => {
      if (packed.length % RANGE_BYTES !== 0) return refuse("wire.wrong-shape");
      let [indexes, before] = [NO_INDEXES, -2];
      for (let at = 0; at < packed.length; at += RANGE_BYTES) {
        const [from, to] = [bytesUint(packed.subarray(at, at + 2)), bytesUint(packed.subarray(at + 2, at + 4))];
        if (from <= before + 1 || to < from || to >= GROUP.maxMessages) return refuse("wire.wrong-shape");
        indexes |= rangeBits(from, to);
        before = to;
      }
      return ok(indexes);
    },
  );
