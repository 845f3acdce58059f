/** Breaks the code on purpose, in a copy, and demands that the named test fails. */
import assert from "node:assert/strict";
import { MUTATIONS } from "./mutations.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const COPIED = ["core", "client", "rendezvous", "turn", "tests", "deno.json", "deno.lock"];

async function copyProject(): Promise<string> {
  const copy = await Deno.makeTempDir({ prefix: "securecomm-mutation-" });
  const args = ["-r", ...COPIED.map((name) => `${ROOT}${name}`), copy];
  const { success } = await new Deno.Command("cp", { args }).output();
  assert.ok(success, "the project could not be copied");
  return copy;
}

async function passes(copy: string, file: string, test: string): Promise<boolean> {
  const filter = `/^${test.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")}$/`;
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "--no-check", "--allow-all", "--filter", filter, file],
    cwd: copy,
    env: { NO_COLOR: "1" },
  }).output();
  const output = new TextDecoder().decode(stdout);
  assert.match(output, /\b1 (passed|failed)|[01] passed \| 1 failed/, `${file} has no test "${test}"`);
  return success;
}

Deno.test("each fault is noticed by its test", async (t) => {
  const copy = await copyProject();
  try {
    for (const { fault, file, find, put, caughtBy } of MUTATIONS) {
      await t.step(fault, async () => {
        const path = `${copy}/${file}`;
        const original = await Deno.readTextFile(path);
        assert.equal(original.split(find).length, 2, `the place to change in ${file} is not there exactly once`);
        assert.ok(await passes(copy, caughtBy.file, caughtBy.test), "the test fails without the fault already");
        await Deno.writeTextFile(path, original.replace(find, () => put));
        assert.ok(!(await passes(copy, caughtBy.file, caughtBy.test)), "nobody noticed");
        await Deno.writeTextFile(path, original);
      });
    }
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
});
