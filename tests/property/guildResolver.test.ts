/** The resolver that grows says what the plain one says, however ops arrive. */
import assert from "node:assert/strict";
import { extend, openResolver } from "../../core/guild/resolver.ts";
import { resolve } from "../../core/guild/resolve.ts";
import type { Rulings } from "../../core/guild/rulings.ts";
import { arrival } from "./guildArrival.ts";
import { dice, QuarrelWorld } from "./guildWorld.ts";

const SETS = 150;

function assertSame(fast: Rulings, plain: Rulings, seed: number): void {
  assert.deepEqual(fast.history.ops.map(({ id }) => id), plain.history.ops.map(({ id }) => id));
  assert.deepEqual(fast.levels, plain.levels, `seed ${seed}`);
  assert.deepEqual(fast.reigns, plain.reigns);
  assert.deepEqual(fast.facts.equivocations, plain.facts.equivocations);
  assert.deepEqual(fast.facts.all.map(({ place }) => place), plain.facts.all.map(({ place }) => place));
  for (const later of plain.history.ops.keys()) {
    for (let earlier = 0; earlier <= later; earlier++) {
      assert.equal(fast.history.isPast(earlier, later), plain.history.isPast(earlier, later));
    }
  }
}

function checkArrival(seed: number): void {
  const world = new QuarrelWorld(seed);
  world.run(8 + world.roll(18));
  const roll = dice(seed);
  const ops = arrival(world.stage.ops, roll);
  let known = seed % 2 === 0 ? 1 : 12;
  let resolver = openResolver(ops.slice(0, known));
  while (known < ops.length) {
    const before = resolver;
    const levels = before.rulings.levels.slice();
    const count = roll(3) === 0 ? 1 + roll(6) : 1;
    resolver = extend(resolver, ops.slice(Math.max(0, known - roll(2)), known + count).toReversed());
    known = Math.min(ops.length, known + count);
    assertSame(resolver.rulings, resolve(ops.slice(0, known)), seed);
    assert.deepEqual(before.rulings.levels, levels, "a value was changed");
  }
  assertSame(openResolver(ops).rulings, resolver.rulings, seed);
}

Deno.test("[GLD1] [GLD2] rulings that grow by random batches equal those on the whole set", () => {
  for (let seed = 1; seed <= SETS; seed++) checkArrival(seed);
});
