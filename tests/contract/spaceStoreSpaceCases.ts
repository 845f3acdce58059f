/** Spaces, grants and bundles, as every store must keep them. */
import assert from "node:assert/strict";
import {
  A,
  B,
  DONE,
  kept,
  NOW,
  numberOf,
  numbers,
  opened,
  OTHER,
  refused,
  S,
  type SpaceStoreCase,
  usage,
  waiting,
} from "./spaceStoreCase.ts";
import { bundle, depositor, envelope, grant, idOf } from "./spaceStoreSamples.ts";

export const SPACE_CASES: readonly SpaceStoreCase[] = [
  {
    name: "a space is there from its opening to its closing, and nothing can be done in one that is not",
    async run({ open }) {
      const store = await open();
      assert.deepEqual(await store.hasSpace(S), { t: "done", isThere: false, left: 0 });
      const unknown = refused("unknown-space");
      assert.deepEqual(await store.setGrants(S, [grant(1)]), unknown);
      assert.deepEqual(await store.revoke(S, [A]), unknown);
      assert.deepEqual(await store.putBundles(S, { oneTime: [], lastResort: null, replace: false }), unknown);
      assert.deepEqual(await store.takeBundle(S, A, NOW), unknown);
      assert.deepEqual(await store.deposit(S, A, [envelope(1)], NOW), unknown);
      assert.deepEqual(await store.fetch(S, 0, 1, 1), unknown);
      assert.deepEqual(await store.ack(S, [idOf(envelope(1))]), unknown);
      assert.deepEqual(await store.closeSpace(S), DONE);
      assert.deepEqual(await store.openSpace(S), DONE);
      assert.deepEqual(await store.openSpace(S), DONE);
      assert.deepEqual(await (await open()).hasSpace(S), { t: "done", isThere: true, left: 0 });
    },
  },
  {
    name: "closing a space takes everything in it, and nothing of another",
    async run(harness) {
      const store = await opened(harness);
      await store.openSpace(OTHER);
      await store.setGrants(OTHER, [grant(1)]);
      await kept(store, [1, 2]);
      await store.deposit(OTHER, A, [envelope(1)], NOW);
      await store.putBundles(S, { oneTime: [bundle(1)], lastResort: bundle(2), replace: false });
      assert.deepEqual(await store.closeSpace(S), DONE);
      assert.deepEqual(await usage(store), [1, 1, 100, 1, 0]);
      await store.openSpace(S);
      assert.deepEqual(await store.deposit(S, A, [envelope(1)], NOW), refused("unknown-depositor"));
      await store.setGrants(S, [grant(1)]);
      assert.deepEqual(await store.takeBundle(S, A, NOW), refused("no-bundle"));
      assert.deepEqual(await numbers(store), []);
      assert.deepEqual(await usage(await harness.open()), [2, 1, 100, 2, 0]);
    },
  },
  {
    name: "there are as many spaces, depositors and one-time bundles as the bounds say",
    async run({ open }) {
      const store = await open({ maxCount: 1, maxGrants: 2, maxGrantsTotal: 10, maxOneTimeBundles: 2 });
      await store.openSpace(S);
      assert.deepEqual(await store.openSpace(OTHER), refused("full"));
      assert.deepEqual(await store.openSpace(S), DONE);
      assert.deepEqual(await store.setGrants(S, [grant(1), grant(2), grant(3)]), refused("quota"));
      assert.deepEqual(await usage(store), [1, 0, 0, 0, 0], "all or none");
      assert.deepEqual(await store.setGrants(S, [grant(1), grant(2), grant(1)]), DONE);
      assert.deepEqual(await store.setGrants(S, [grant(2)]), DONE);
      assert.deepEqual(await store.setGrants(S, [grant(3)]), refused("quota"));
      await store.revoke(S, [A]);
      assert.deepEqual(await store.setGrants(S, [grant(3)]), DONE);
      const put = (count: number, replace = false) =>
        store.putBundles(S, { oneTime: Array.from({ length: count }, (_, i) => bundle(i)), lastResort: null, replace });
      assert.deepEqual(await put(3), refused("quota"));
      assert.deepEqual(await put(2), { t: "done", left: 2 });
      assert.deepEqual(await put(1), refused("quota"));
      assert.deepEqual(await put(1, true), { t: "done", left: 1 });
      await store.closeSpace(S);
      assert.deepEqual(await store.openSpace(OTHER), DONE);
    },
  },
  {
    name: "[MBX3] an unknown, a revoked and an ended depositor hear the same",
    async run(harness) {
      const store = await opened(harness);
      await store.setGrants(S, [grant(2, { expiresAtMs: NOW })]);
      await store.revoke(S, [A, depositor(9)]);
      for (const one of [A, B, depositor(9)]) {
        assert.deepEqual(await store.deposit(S, one, [envelope(1)], NOW), refused("unknown-depositor"));
        assert.deepEqual(await store.takeBundle(S, one, NOW), refused("unknown-depositor"));
      }
      assert.equal((await store.deposit(S, B, [envelope(1)], NOW - 1)).t, "done");
    },
  },
  {
    name: "[MBX3] a deposit that a grant has no room for leaves nothing, and room comes back by acknowledgement",
    async run(harness) {
      const store = await opened(harness);
      await store.setGrants(S, [grant(1, { maxWaiting: 3, maxWaitingBytes: 250 })]);
      assert.deepEqual(await store.deposit(S, A, [1, 2, 3].map((n) => envelope(n)), NOW), refused("quota"), "bytes");
      assert.deepEqual(
        await store.deposit(S, A, [1, 2, 3, 4].map((n) => envelope(n, 8)), NOW),
        refused("quota"),
        "count",
      );
      assert.deepEqual(await usage(store), [1, 0, 0, 2, 0]);
      await kept(store, [1, 2]);
      assert.deepEqual(await store.deposit(S, A, [envelope(3)], NOW), refused("quota"));
      assert.deepEqual(await store.deposit(S, A, [envelope(1), envelope(3)], NOW), refused("quota"));
      await store.ack(S, [idOf(envelope(1))]);
      assert.equal((await kept(await harness.open(), [3, 2])).length, 1);
      assert.deepEqual(await usage(store), [1, 2, 200, 2, 0]);
    },
  },
  {
    name: "a grant of nothing takes nothing",
    async run(harness) {
      const store = await opened(harness);
      await store.setGrants(S, [grant(1, { maxWaiting: 0, maxWaitingBytes: 0, maxBundles: 0 })]);
      await store.putBundles(S, { oneTime: [bundle(1)], lastResort: null, replace: false });
      assert.deepEqual(await store.deposit(S, A, [envelope(1)], NOW), refused("quota"));
      assert.deepEqual(await store.takeBundle(S, A, NOW), refused("quota"));
    },
  },
  {
    name: "[MBX3] a grant replaces the one before: bundles are counted anew, mail that waits is not",
    async run(harness) {
      const store = await opened(harness);
      await store.putBundles(S, { oneTime: [1, 2, 3].map(bundle), lastResort: null, replace: false });
      await store.setGrants(S, [grant(1, { maxWaiting: 1, maxBundles: 1 })]);
      await kept(store, [1]);
      assert.equal((await store.takeBundle(S, A, NOW)).t, "bundle");
      assert.deepEqual(await store.takeBundle(S, A, NOW), refused("quota"));
      await store.setGrants(S, [grant(1, { maxWaiting: 1, maxBundles: 1 })]);
      assert.deepEqual(await store.deposit(S, A, [envelope(2)], NOW), refused("quota"));
      assert.equal((await store.takeBundle(S, A, NOW)).t, "bundle");
      assert.deepEqual(await store.takeBundle(S, A, NOW), refused("quota"));
    },
  },
  {
    name: "[MBX3] what a revoked depositor left stays until it is acknowledged, and counts if it is let in again",
    async run(harness) {
      const store = await opened(harness);
      await kept(store, [1]);
      await store.revoke(S, [A]);
      const again = await harness.open();
      assert.deepEqual((await waiting(again)).waiting.map(({ depositor }) => depositor), [A]);
      assert.deepEqual(await again.deposit(S, A, [envelope(2)], NOW), refused("unknown-depositor"));
      await again.setGrants(S, [grant(1, { maxWaiting: 1 })]);
      assert.deepEqual(await again.deposit(S, A, [envelope(2)], NOW), refused("quota"));
      await again.revoke(S, [A]);
      await again.ack(S, [idOf(envelope(1))]);
      assert.deepEqual(await numbers(again), []);
      assert.deepEqual(await usage(await harness.open()), [1, 0, 0, 1, 0]);
      await again.setGrants(S, [grant(1, { maxWaiting: 1 })]);
      assert.equal((await kept(again, [2])).length, 1);
    },
  },
  {
    name: "[MBX4] each one-time bundle is handed out once, in its order, then the one of last resort",
    async run(harness) {
      const store = await opened(harness);
      assert.deepEqual(await store.takeBundle(S, A, NOW), refused("no-bundle"));
      await store.putBundles(S, { oneTime: [1, 2].map(bundle), lastResort: null, replace: false });
      const again = await harness.open();
      const put = await again.putBundles(S, { oneTime: [bundle(3)], lastResort: bundle(9), replace: false });
      assert.deepEqual(put, { t: "done", left: 3 });
      const took = async (by = A) => {
        const answer = await again.takeBundle(S, by, NOW);
        return answer.t === "bundle" ? [numberOf(answer.sealed), answer.left] : answer.reason;
      };
      assert.deepEqual(await took(), [1, 2]);
      assert.deepEqual(await took(B), [2, 1]);
      assert.deepEqual(await again.hasSpace(S), { t: "done", isThere: true, left: 1 });
      assert.deepEqual(await took(), [3, 0]);
      assert.deepEqual(await took(), [9, 0]);
      assert.equal(await took(), "quota");
      assert.deepEqual(await took(B), [9, 0], "the one of last resort is not used up");
      await again.putBundles(S, { oneTime: [bundle(4)], lastResort: bundle(8), replace: true });
      assert.deepEqual(await took(B), [4, 0]);
    },
  },
  {
    name: "[MBX4] takers who come at once get different one-time bundles",
    async run(harness) {
      const store = await opened(harness);
      await store.setGrants(S, Array.from({ length: 50 }, (_, i) => grant(i)));
      const all = Array.from({ length: 100 }, (_, i) => i);
      await store.putBundles(S, { oneTime: all.map(bundle), lastResort: bundle(1_000), replace: false });
      const taken = await Promise.all(all.map((i) => store.takeBundle(S, depositor(i % 50), NOW)));
      const given = taken.map((answer) => answer.t === "bundle" ? numberOf(answer.sealed) : -1);
      assert.deepEqual(given.toSorted((a, b) => a - b), all);
    },
  },
];
