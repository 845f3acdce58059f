import assert from "node:assert/strict";
import { rows } from "./held.ts";

const read = (name: string): string => Deno.readTextFileSync(new URL(name, import.meta.url));

Deno.test("every row of the table is held to what its test ran", () => {
  assert.ok(rows().length > 20);
  for (const { what, test } of rows()) assert.ok(read(test).includes(`"${what}"`), `${test} does not hold "${what}"`);
});

Deno.test("vectors go through our functions, not through the library's", () => {
  for (const { name } of Deno.readDirSync(new URL(".", import.meta.url))) {
    if (name.endsWith(".ts") && name !== "readme.test.ts") assert.ok(!read(name).includes("@noble"), name);
  }
});
