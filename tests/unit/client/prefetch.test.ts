import assert from "node:assert/strict";
import { prefetch, type PrefetchPorts } from "../../../client/runtime/prefetch.ts";
import { PREFETCH } from "../../../client/limits.ts";

Deno.test("what is needed later is fetched one after another, each in idle time, and again until it works", async () => {
  const told: string[] = [];
  const ports: PrefetchPorts = {
    whenIdle(callback) {
      told.push("idle");
      callback();
    },
    after(delayMs, callback) {
      told.push(`${delayMs} ms`);
      callback();
    },
  };
  let attempts = 0;
  const flaky = () => {
    told.push("flaky");
    return ++attempts < 3 ? Promise.reject(new TypeError("server away")) : Promise.resolve();
  };
  await prefetch(ports, [flaky, () => Promise.resolve(told.push("steady"))]);
  const wait = `${PREFETCH.retryMs} ms`;
  assert.deepEqual(told, ["idle", "flaky", wait, "flaky", wait, "flaky", "idle", "steady"]);
});
