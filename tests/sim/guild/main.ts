/**
 * Runs many guilds: `--seeds N` of them, beginning at `--from N`; `--seed N` replays one with its trace. Ends with a
 * non-zero status at the first broken invariant and names the seed.
 */
import { parseArgs } from "node:util";
import { GuildWorld } from "./world.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "50" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
  },
});

async function sweep(from: number, count: number): Promise<void> {
  const startMs = performance.now();
  const total = { steps: 0, ops: 0, contents: 0, removed: 0 };
  for (let seed = from; seed < from + count; seed++) {
    try {
      const { steps, ops, contents, removed } = await new GuildWorld(seed).run();
      total.steps += steps;
      total.ops += ops;
      total.contents += contents;
      total.removed += removed;
    } catch (error) {
      console.error(`seed ${seed}: ${error instanceof Error ? error.stack : error}`);
      console.error(`Replay it with: deno task sim:guild --seed ${seed}`);
      Deno.exit(1);
    }
  }
  const seconds = (performance.now() - startMs) / 1000;
  console.log(
    `${count} guilds, ${total.steps} steps, ${total.ops} ops, ${total.contents} texts, ${total.removed} people gone, ` +
      `${seconds.toFixed(1)} s: no invariant broken`,
  );
}

if (values.seed !== undefined) console.log(await new GuildWorld(Number(values.seed), console.log).run());
else await sweep(Number(values.from), Number(values.seeds));
