/** The rules of guilds under adversarial sets of ops, each from a seed. */
import assert from "node:assert/strict";
import { checkSeed, newTally } from "./guildChecks.ts";

const SETS = 2_000;

Deno.test("[GLD1] [GLD2] [GLD4] [GLD9] [GLD14] every order gives one state, nobody junior undoes, the removed are gone", () => {
  const tally = newTally();
  const startMs = performance.now();
  for (let seed = 1; seed <= SETS; seed++) {
    try {
      checkSeed(seed, tally);
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
  const rate = Math.round(SETS / (performance.now() - startMs) * 1000);
  console.log(`${SETS} sets, ${rate}/s, ${tally.ops} ops of which ${tally.void} void, ${tally.departures} removals`);
  console.log([...tally.rules].sort(([, a], [, b]) => b - a).map(([rule, count]) => `${rule} ${count}`).join(", "));
  assert.ok(tally.departures > SETS / 2 && tally.intrusions > 10 * SETS, "the test lost its subject");
});
