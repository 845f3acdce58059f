/** Sets of numbers, and what follows from content that comes in any order. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { digestOf } from "../../../../core/guild/contentSync/digest.ts";
import { entriesOf, heldOf } from "../../../../core/guild/contentSync/held.ts";
import {
  countOf,
  includes,
  minus,
  newest,
  type Ranges,
  union,
  withNumber,
} from "../../../../core/guild/contentSync/ranges.ts";
import { CSYNC } from "../../../../core/limits.ts";
import { channelOf, deviceOf, type Piece, pieceOf } from "../../../support/contentShelf.ts";

const SEED = 24;
const rangesOf = (numbers: Iterable<number>): Ranges => [...numbers].reduce<Ranges>(withNumber, []);
const numbersOf = (ranges: Ranges): readonly number[] =>
  ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, at) => from + at));
const set = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 30 });
const sorted = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b);

Deno.test("[CSYNC3] ranges are the sets that they stand for, in the one form that a frame takes", () => {
  fc.assert(
    fc.property(set, set, fc.nat(45), (a, b, count) => {
      const [one, other] = [rangesOf(a), rangesOf(b)];
      assert.deepEqual(numbersOf(one), sorted(a));
      for (const seq of [1, 7, 40]) assert.equal(includes(one, seq), a.includes(seq));
      assert.equal(countOf(one), a.length);
      const joined = union(one, other);
      assert.deepEqual(joined, rangesOf(sorted(new Set([...a, ...b]))));
      const left = minus(one, other);
      assert.deepEqual(left, rangesOf(sorted(a.filter((seq) => !b.includes(seq)))));
      assert.deepEqual(numbersOf(newest(one, count)), count === 0 ? [] : sorted(a).slice(-count));
    }),
    { seed: SEED },
  );
});

Deno.test("[CSYNC2] what is held, and its digest, is a function of the set: not of the order in which it came", () => {
  const device = deviceOf("ann");
  const pieces: Piece[] = [];
  let before: Piece | null = null;
  for (let seq = 1; seq <= 12; seq++) {
    const [one, other] = ["", "fork"].map((fork) => pieceOf(channelOf("a"), device, seq, before, seq, fork)) as [
      Piece,
      Piece,
    ];
    pieces.push(one, ...(seq % 3 === 0 ? [other] : []));
    before = seq % 6 === 0 ? other : one;
  }
  const some = fc.shuffledSubarray(pieces);
  fc.assert(
    fc.property(some, fc.infiniteStream(fc.nat(1_000)), (part, keys) => {
      const order = new Map(part.map((piece) => [piece, keys.next().value!]));
      const again = part.toSorted((a, b) => order.get(a)! - order.get(b)!);
      assert.deepEqual(heldOf(device, again), heldOf(device, part));
      assert.deepEqual(digestOf([heldOf(device, again)]), digestOf([heldOf(device, part)]));
    }),
    { seed: SEED },
  );
  fc.assert(
    fc.property(some, some, (a, b) => {
      const isSame = a.length === b.length && a.every((piece) => b.includes(piece));
      const [one, other] = [a, b].map((part) => digestOf([heldOf(device, part)]).join());
      assert.equal(one === other, isSame, "sets that differ have digests that differ, though numbers may be the same");
    }),
    { seed: SEED, numRuns: 500 },
  );
});

Deno.test("[CSYNC3] a chain with many holes is offered in several entries, the newest first", () => {
  const device = deviceOf("ann");
  const pieces = Array.from({ length: 80 }, (_, at) => pieceOf(channelOf("a"), device, 1 + 2 * at, null, at));
  const entries = entriesOf(heldOf(device, pieces));
  assert.deepEqual(entries.map(({ ranges }) => ranges.length), [CSYNC.maxRanges, CSYNC.maxRanges, 16]);
  assert.equal(entries[0]!.ranges.at(-1)!.to, 159);
  assert.equal(entries.flatMap(({ tips }) => tips).length, 80);
});
