/**
 * The rules as an equation: the level of each op from the levels of all. From levels drawn at random, each op's is computed
 * anew until none changes. If the rules are well-founded there is one solution, and no start, order or resolver matters.
 */
import assert from "node:assert/strict";
import { faultOf } from "../../core/guild/authorise.ts";
import { actAt, levelsIn } from "../../core/guild/resolve.ts";
import { type Rulings, viewFrom, VOID } from "../../core/guild/rulings.ts";

const MAX_ROUNDS = 200;

export function checkFixpoint(rulings: Rulings, roll: (n: number) => number): void {
  const { history: { ops }, levels: settled } = rulings;
  const scale = [...levelsIn(rulings)];
  // Partings count against each other in an order of their own, and transfers by theirs ([GLD5], [GLD14]): they are given.
  const isGiven = (place: number) => place === 0 || ["leave", "device.revoke", "transfer"].includes(ops[place]!.body.t);
  let levels = settled.map((level, place) => isGiven(place) ? level : [VOID, ...scale][roll(scale.length + 1)]!);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const guess = { ...rulings, levels };
    const next = levels.map((level, place) => isGiven(place) ? level : levelOf(guess, place, scale));
    if (next.every((level, place) => level === levels[place])) break;
    levels = next;
  }
  assert.deepEqual([...levels], [...settled]);
}

function levelOf(guess: Rulings, place: number, scale: readonly number[]): number {
  return scale.find((level) => faultOf(guess, viewFrom(guess, place, level), actAt(guess, place)) === null) ?? VOID;
}
