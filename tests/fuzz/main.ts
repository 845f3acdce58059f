/**
 * `deno task fuzz [--inputs N] [--only NAME]... [--seed N]`: N inputs for every decoder, a fiftieth of them where each
 * costs public-key work. What breaks a promise is written to the corpus, and the run fails.
 */
import { parseArgs } from "node:util";
import { toHex } from "../../core/ids.ts";
import { Broken, fuzz, inputsOf, line } from "./target.ts";
import { TARGETS } from "./targets.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: { inputs: { type: "string" }, only: { type: "string", multiple: true }, seed: { type: "string" } },
});
const inputs = Number(values.inputs ?? 20_000);
const seed = Number(values.seed ?? 1);
const targets = TARGETS.filter(({ name }) => values.only === undefined || values.only.includes(name));
if (targets.length === 0 || !Number.isSafeInteger(inputs) || inputs < 1) {
  console.error(`Names: ${TARGETS.map(({ name }) => name).join(", ")}`);
  Deno.exit(2);
}

let brokenCount = 0;
for (const target of targets) {
  try {
    console.log(line(await fuzz(target, inputsOf(target, inputs), seed)));
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    brokenCount++;
    console.error(error.message, error.cause);
    const file = new URL(`corpus/${target.name.replaceAll(" ", "-")}.hex`, import.meta.url);
    Deno.writeTextFileSync(file, `${toHex(error.input)}\n`, { append: true });
  }
}
console.log(`${targets.length} targets, ${brokenCount} broken, seed ${seed}`);
Deno.exit(brokenCount === 0 ? 0 : 1);
