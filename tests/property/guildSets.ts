/** Many adversarial sets of ops: `--count N` of them, from `--from N`; `--seed N` tries one. Non-zero at the first that fails. */
import { parseArgs } from "node:util";
import { checkSeed, newTally } from "./guildChecks.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "10000" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
  },
});

const from = Number(values.seed ?? values.from);
const count = values.seed === undefined ? Number(values.count) : 1;
const tally = newTally();
const startMs = performance.now();
for (let seed = from; seed < from + count; seed++) {
  try {
    checkSeed(seed, tally);
  } catch (error) {
    console.error(`seed ${seed}: ${error instanceof Error ? error.message : error}`);
    console.error(`Replay it with: deno task guild:sets --seed ${seed}`);
    Deno.exit(1);
  }
}
const seconds = (performance.now() - startMs) / 1000;
console.log(
  `${tally.sets} sets (${Math.round(tally.sets / seconds)}/s), ${tally.ops} ops of which ${tally.void} void, ` +
    `${tally.departures} removals, ${tally.intrusions} ops held against intruders: no rule broken`,
);
