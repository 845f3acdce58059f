import assert from "node:assert/strict";
import { backoffMs } from "../../../../client/net/backoff.ts";
import { RECONNECT } from "../../../../core/limits.ts";

Deno.test("[NET6] waits double up to their bound, and each is a random part of it", () => {
  assert.equal(backoffMs(0, 1), RECONNECT.firstDelayMs);
  assert.equal(backoffMs(3, 1), RECONNECT.firstDelayMs * 8);
  assert.equal(backoffMs(0, 0), RECONNECT.firstDelayMs / 2);
  for (const failures of [10, 100, 1e9]) assert.equal(backoffMs(failures, 1), RECONNECT.maxDelayMs);
});
