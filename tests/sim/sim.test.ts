import { AwayWorld } from "./awayWorld.ts";
import { AWAY_SEEDS, REGRESSION_SEEDS } from "./seeds.ts";
import { World } from "./world.ts";
import assert from "node:assert/strict";

for (const { seed, was, mail } of REGRESSION_SEEDS) {
  Deno.test(`seed ${seed} holds every invariant (${was})`, async () => {
    await new World(seed, undefined, mail).run();
  });
}

for (const { seed, was } of AWAY_SEEDS) {
  Deno.test(`people who are never there at once converge, seed ${seed} (${was})`, async () => {
    await new AwayWorld(seed).run();
  });
}

Deno.test("a world is a function of its seed", async () => {
  assert.deepEqual(await new World(3).run(), await new World(3).run());
});
