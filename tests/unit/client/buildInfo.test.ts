import assert from "node:assert/strict";
import { listing } from "../../../client/build/listing.ts";
import { readBuildInfo } from "../../../client/runtime/buildInfo.ts";

const SCRIPT = "https://example.org/assets/main-1.js";
const FILES = new Map([["assets/main-1.js", "run()"], ["index.html", "<html>"]]);

function server(list: unknown, script = "run()"): typeof fetch {
  return (url) => Promise.resolve(String(url) === "/build.json" ? Response.json(list) : new Response(script));
}

Deno.test("the build's hash is shown when list and running script agree", async () => {
  const list = await listing(FILES);
  assert.deepEqual(await readBuildInfo(SCRIPT, server(list)), { state: "matching", hash: list.hash });
});

Deno.test("a newer build on the server, a wrong sum and a changed script are told apart", async () => {
  const list = await listing(FILES);
  const newer = await listing(new Map([["assets/main-2.js", "run()"]]));
  assert.deepEqual(await readBuildInfo(SCRIPT, server(newer)), { state: "other", hash: newer.hash });
  assert.deepEqual(await readBuildInfo(SCRIPT, server({ ...list, hash: "0" })), { state: "broken" });
  assert.deepEqual(await readBuildInfo(SCRIPT, server(list, "evil()")), { state: "broken" });
  assert.deepEqual(await readBuildInfo(SCRIPT, () => Promise.reject(new TypeError("offline"))), { state: "broken" });
});
