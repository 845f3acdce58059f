import assert from "node:assert/strict";
import { backoffMs } from "../../../../client/net/backoff.ts";
import { NET } from "../../../../client/limits.ts";
import { RECONNECT } from "../../../../core/limits.ts";

Deno.test("[NET6] [RDV23] a wait is anywhere in a window that doubles up to its bound", () => {
  const windowMs = (failures: number) => backoffMs(failures, 1) - backoffMs(failures, 0);
  assert.equal(windowMs(0), NET.firstReturnMs);
  assert.equal(windowMs(3), NET.firstReturnMs * 8);
  for (const failures of [10, 100, 1e9]) assert.equal(windowMs(failures), RECONNECT.maxDelayMs);
  for (const failures of [0, 3, 10]) assert.equal(backoffMs(failures, 0), NET.minReturnMs);
});

Deno.test("[RDV23] of 5,000 clients whose server was away for ten seconds no fifth comes in one second", () => {
  let state = 1;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const perSecond = new Map<number, number>();
  for (let client = 0; client < 5_000; client++) {
    let atMs = 0;
    for (let failures = 0; atMs < 10_000; failures++) atMs += backoffMs(failures, random());
    const second = Math.floor(atMs / 1_000);
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
  }
  assert.ok(Math.max(...perSecond.values()) < 1_000, `${Math.max(...perSecond.values())}`);
});
