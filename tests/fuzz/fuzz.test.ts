/** A short run over every target, with the corpus: the long one is `deno task fuzz --inputs 1000000`. */
import assert from "node:assert/strict";
import { fuzz, line, type Target } from "./target.ts";
import { mutateBytes } from "./mutate.ts";
import { TARGETS } from "./targets.ts";

const INPUTS = { cheap: 4_000, costly: 100 } as const;
const SEED = 20261124;

for (const target of TARGETS) {
  Deno.test(`[WIRE4] ${target.name}: hostile inputs are refused by name, in bounded time, and change nothing`, async () => {
    const report = await fuzz(target, INPUTS[target.cost], SEED);
    console.log(line(report));
    assert.ok(report.reasons.has("accepted"), "the inputs lost their subject: not one was accepted");
    assert.ok(report.reasons.size > 1, "not one was refused");
  });
}

Deno.test("every file of core/wire that decodes has a target", () => {
  const read = (path: string) => Deno.readTextFileSync(new URL(path, import.meta.url));
  const names = (folder: string) => [...Deno.readDirSync(new URL(folder, import.meta.url))].map(({ name }) => name);
  const targets = names(".").filter((name) => name.endsWith(".ts")).map(read).join("\n");
  const decodes =
    /export (const|function) (decode|parse|split|from|un)\w*|export const \w+(: Codec<\w+>)? = (codec|versioned|upgraded)/;
  const missing = names("../../core/wire").filter((name) => decodes.test(read(`../../core/wire/${name}`)))
    .filter((name) => !targets.includes(`core/wire/${name}`));
  assert.deepEqual(missing, []);
});

const broken = (run: Target["run"]): Target => ({
  name: "broken on purpose",
  cost: "cheap",
  maxInputMs: 25,
  seeds: [new Uint8Array(8)],
  mutate: mutateBytes,
  run,
});

Deno.test("the fuzzer reports what throws, what dawdles and what refuses without a name", async () => {
  const refused = (reason: string) => ({ passedFirstParse: false, reason }) as ReturnType<Target["run"]>;
  const faults: readonly Target["run"][] = [
    (input) => {
      if (input.length > 8) throw new Error("a bug");
      return refused("wire.malformed");
    },
    (input) => {
      const endMs = performance.now() + (input.length > 8 ? 40 : 0);
      while (performance.now() < endMs);
      return refused("wire.malformed");
    },
    (input) => refused(input.length > 8 ? "no such reason" : "wire.malformed"),
  ];
  for (const fault of faults) await assert.rejects(fuzz(broken(fault), 500, SEED), /broken on purpose/);
});
