import assert from "node:assert/strict";
import { steadyClock } from "../../../client/runtime/platform.ts";

Deno.test("a clock that is set back goes on from where it was, and one set forward is followed", () => {
  let wallMs = 1_000;
  const now = steadyClock(() => wallMs);
  assert.equal(now(), 1_000);
  wallMs = 2_000;
  assert.equal(now(), 2_000);
  wallMs = 500;
  assert.equal(now(), 2_000);
  wallMs = 800;
  assert.equal(now(), 2_300);
  wallMs = 10_000;
  assert.equal(now(), 11_500);
});
