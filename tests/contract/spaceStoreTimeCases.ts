/** What goes by itself, and what a wrong clock must not take along. */
import assert from "node:assert/strict";
import {
  B,
  days,
  kept,
  NOW,
  numbers,
  opened,
  OTHER,
  S,
  type SpaceStoreCase,
  usage,
  waiting,
} from "./spaceStoreCase.ts";
import { DAY_MS, envelope, grant, HOUR_MS } from "./spaceStoreSamples.ts";

export const TIME_CASES: readonly SpaceStoreCase[] = [
  {
    name: "[KEEP4] mail is deleted after 30 days of service, and what came later is not",
    async run(harness) {
      const store = await opened(harness);
      await kept(store, [1]);
      await days(store, 1, 10);
      await kept(store, [2]);
      await days(store, 11, 30);
      assert.deepEqual(await numbers(store), [1, 2]);
      assert.deepEqual(await store.expire(NOW + 31 * DAY_MS), { t: "done", envelopes: 1, grants: 0, spaces: 0 });
      const again = await harness.open();
      assert.deepEqual(await numbers(again), [2]);
      assert.deepEqual(await usage(again), [1, 1, 100, 2, 0]);
      await days(again, 32, 41);
      assert.deepEqual(await numbers(again), []);
    },
  },
  {
    name: "[KEEP4] a clock that jumps ahead and back deletes nothing",
    async run(harness) {
      const store = await opened(harness);
      await store.setGrants(S, [grant(2, { expiresAtMs: NOW + 400 * DAY_MS })]);
      await kept(store, [1]);
      for (const jumpMs of [365 * DAY_MS, 20_000 * DAY_MS, -10_000 * DAY_MS, 29 * DAY_MS]) {
        await store.expire(NOW + jumpMs);
        await store.expire(NOW + HOUR_MS);
      }
      const again = await harness.open();
      assert.deepEqual(await usage(again), [1, 1, 100, 2, 0]);
      assert.equal((await again.deposit(S, B, [envelope(2)], NOW)).t, "done");
    },
  },
  {
    name: "[KEEP4] a grant is deleted when it has been seen as ended for a week",
    async run(harness) {
      const store = await opened(harness);
      await store.setGrants(S, [grant(2, { expiresAtMs: NOW + DAY_MS }), grant(3, { expiresAtMs: NOW + 5 * DAY_MS })]);
      await store.deposit(S, B, [envelope(1)], NOW);
      await days(store, 1, 7);
      assert.deepEqual((await usage(store) as readonly number[])[3], 3);
      assert.deepEqual(await store.expire(NOW + 8 * DAY_MS), { t: "done", envelopes: 0, grants: 1, spaces: 0 });
      await store.setGrants(S, [grant(3)]);
      await days(store, 9, 20);
      const again = await harness.open();
      assert.deepEqual(await usage(again), [1, 1, 100, 2, 0]);
      assert.deepEqual((await waiting(again)).waiting.map(({ depositor }) => depositor), [B], "its mail stays");
    },
  },
  {
    name: "[KEEP4] a space that its owner does not use for long is deleted, and one made anew gives later serials",
    async run(harness) {
      const store = await opened(harness, { unusedDays: 3 });
      await store.openSpace(OTHER);
      const [first] = await kept(store, [1]);
      await days(store, 1, 3);
      await store.fetch(OTHER, 0, 1, 1);
      assert.deepEqual(await store.expire(NOW + 4 * DAY_MS), { t: "done", envelopes: 0, grants: 0, spaces: 1 });
      assert.deepEqual(await store.hasSpace(S), { t: "done", isThere: false, left: 0 });
      assert.deepEqual(await usage(store), [1, 0, 0, 0, 0]);
      await store.openSpace(S);
      await store.setGrants(S, [grant(1)]);
      const [second] = await kept(store, [1]);
      assert.ok(second! > first!);
      await days(await harness.open({ unusedDays: 3 }), 5, 6);
      assert.deepEqual((await store.hasSpace(OTHER)).t === "done" && await usage(store), [2, 1, 100, 1, 0]);
    },
  },
  {
    name: "more than a slice of mail, grants and closed spaces goes at once",
    async run(harness) {
      const store = await opened(harness);
      await store.setGrants(S, [grant(1, { maxWaiting: 1_000 })]);
      for (let i = 0; i < 20; i++) await kept(store, Array.from({ length: 32 }, (_, at) => i * 32 + at));
      const many = Array.from({ length: 600 }, (_, i) => grant(100 + i, { expiresAtMs: NOW }));
      await store.setGrants(S, many);
      await days(store, 1, 7);
      assert.deepEqual(await store.expire(NOW + 8 * DAY_MS), { t: "done", envelopes: 0, grants: 600, spaces: 0 });
      await days(store, 9, 30);
      assert.deepEqual(await store.expire(NOW + 31 * DAY_MS), { t: "done", envelopes: 640, grants: 0, spaces: 0 });
      assert.deepEqual(await usage(store), [1, 0, 0, 2, 0]);
    },
  },
];
