/** Mail, as every store must keep it. */
import assert from "node:assert/strict";
import {
  A,
  B,
  kept,
  NOW,
  numberOf,
  numbers,
  opened,
  refused,
  S,
  type SpaceStoreCase,
  usage,
  waiting,
} from "./spaceStoreCase.ts";
import { bundle, envelope, grant, idOf } from "./spaceStoreSamples.ts";

export const MAIL_CASES: readonly SpaceStoreCase[] = [
  {
    name: "[MBX9] mail is fetched in its order, by pages, and after a restart",
    async run(harness) {
      const store = await opened(harness);
      const serials = [...await kept(store, [1, 2]), ...await kept(store, [3], B), ...await kept(store, [4, 5])];
      assert.deepEqual(serials, serials.toSorted((a, b) => a - b));
      assert.equal(new Set(serials).size, 5);
      const again = await harness.open();
      assert.deepEqual(await numbers(again), [1, 2, 3, 4, 5]);
      const page = await waiting(again, 0, 2);
      assert.deepEqual(page.waiting.map(({ serial, depositor }) => [serial, depositor]), [[serials[0], A], [
        serials[1],
        A,
      ]]);
      assert.equal(page.more, true);
      assert.deepEqual(await numbers(again, serials[1], 3), [3, 4, 5]);
      assert.equal((await waiting(again, serials[1], 3)).more, false);
      assert.deepEqual((await waiting(again, serials[1], 1)).waiting[0]!.depositor, B);
      assert.deepEqual(await numbers(again, serials[4]), []);
    },
  },
  {
    name: "a page has no more bytes than asked for, but one envelope at least",
    async run(harness) {
      const store = await opened(harness);
      await kept(store, [1, 2, 3]);
      assert.deepEqual(await numbers(store, 0, 10, 200), [1, 2]);
      assert.deepEqual(await numbers(store, 0, 10, 299), [1, 2]);
      assert.deepEqual(await numbers(store, 0, 10, 300), [1, 2, 3]);
      assert.deepEqual(await numbers(store, 0, 10, 1), [1]);
      assert.equal((await waiting(store, 0, 10, 200)).more, true);
      assert.equal((await waiting(store, 0, 3, 1_000)).more, false);
    },
  },
  {
    name: "[MBX9] a copy of mail that waits is kept once, whatever the quota, and again after its acknowledgement",
    async run(harness) {
      const store = await opened(harness);
      await store.setGrants(S, [grant(1, { maxWaiting: 2 })]);
      const [first, second] = await kept(store, [1, 2]);
      assert.deepEqual(await kept(store, [1]), []);
      assert.deepEqual(await kept(store, [2, 1, 2]), []);
      assert.deepEqual((await kept(store, [1, 1], B)).length, 1, "another depositor's is its own");
      assert.deepEqual(await numbers(store), [1, 2, 1]);
      assert.deepEqual(await store.ack(S, [idOf(envelope(1))]), { t: "done", deleted: 2 });
      assert.deepEqual(await store.ack(S, [idOf(envelope(1))]), { t: "done", deleted: 0 });
      assert.deepEqual(await numbers(store), [2]);
      const [third] = await kept(await harness.open(), [1, 2]);
      assert.ok(third! > second! && second! > first!);
      assert.deepEqual(await numbers(await harness.open()), [2, 1]);
    },
  },
  {
    name: "[KEEP3] serials are never given twice, after acknowledgements and restarts neither",
    async run(harness) {
      const store = await opened(harness);
      const [first] = await kept(store, [1]);
      await store.ack(S, [idOf(envelope(1))]);
      const again = await harness.open();
      const [second] = await kept(again, [2]);
      assert.ok(second! > first!);
    },
  },
  {
    name: "what is kept of a deposit is told apart from its copies",
    async run(harness) {
      const store = await opened(harness);
      await kept(store, [2]);
      const envelopes = [1, 2, 3].map((number) => envelope(number));
      const answer = await store.deposit(S, A, envelopes, NOW);
      assert.ok(answer.t === "done");
      assert.deepEqual(answer.kept.map(({ envelope }) => numberOf(envelope)), [1, 3]);
      const fetched = await waiting(store);
      assert.deepEqual(fetched.waiting.slice(1).map(({ serial }) => serial), answer.kept.map(({ serial }) => serial));
    },
  },
  {
    name: "the space's own bound and the server's hold for all depositors together",
    async run(harness) {
      const store = await opened(harness, { maxWaiting: 3, maxWaitingBytes: 1_000, maxTotalBytes: 500 });
      await kept(store, [1, 2]);
      await kept(store, [3], B);
      assert.deepEqual(await store.deposit(S, B, [envelope(4)], NOW), refused("quota"), "count of the space");
      await store.ack(S, [1, 2, 3].map((number) => idOf(envelope(number))));
      assert.deepEqual(await store.deposit(S, B, [envelope(5, 1_001)], NOW), refused("quota"), "bytes of the space");
      assert.deepEqual(await store.deposit(S, B, [envelope(5, 501)], NOW), refused("full"), "bytes of the server");
      assert.deepEqual(
        await store.putBundles(S, { oneTime: [envelope(1, 501)], lastResort: null, replace: false }),
        refused("full"),
      );
      await kept(store, [6]);
      await store.putBundles(S, { oneTime: [envelope(1, 200)], lastResort: envelope(2, 200), replace: false });
      assert.deepEqual(await usage(store), [1, 1, 500, 2, 1]);
      assert.deepEqual(await store.deposit(S, B, [envelope(7, 8)], NOW), refused("full"));
      const replaced = await store.putBundles(S, {
        oneTime: [envelope(1, 150)],
        lastResort: envelope(2, 50),
        replace: true,
      });
      assert.deepEqual(replaced, { t: "done", left: 1 });
      assert.deepEqual(await usage(store), [1, 1, 300, 2, 1]);
      assert.deepEqual(await kept(store, [6]), [], "a copy takes no room");
    },
  },
  {
    name: "deposits that come at once resolve in the order of their serials",
    async run(harness) {
      const store = await opened(harness);
      const order: number[] = [];
      await Promise.all(Array.from({ length: 60 }, async (_, i) => {
        const answer = await store.deposit(S, i % 2 === 0 ? A : B, [envelope(i)], NOW);
        if (answer.t === "done") order.push(...answer.kept.map(({ serial }) => serial));
      }));
      assert.equal(order.length, 60);
      assert.deepEqual(order, order.toSorted((a, b) => a - b));
    },
  },
  {
    name: "neither side can change the other's bytes afterwards",
    async run(harness) {
      const store = await opened(harness);
      const [mail, sealed] = [envelope(1), bundle(1)];
      // A view into something larger, as it comes out of a frame.
      const frame = new Uint8Array(500).fill(7);
      frame.set(envelope(2), 200);
      await store.deposit(S, A, [mail, frame.subarray(200, 300)], NOW);
      await store.putBundles(S, { oneTime: [sealed], lastResort: null, replace: false });
      mail[99] = 9;
      sealed[49] = 9;
      frame.fill(1);
      const first = await waiting(store);
      assert.deepEqual(first.waiting.map(({ envelope }) => [...envelope]), [[...envelope(1)], [...envelope(2)]]);
      first.waiting[0]!.envelope.fill(3);
      assert.deepEqual([...(await waiting(store)).waiting[0]!.envelope], [...envelope(1)]);
      const taken = await store.takeBundle(S, A, NOW);
      assert.deepEqual(taken.t === "bundle" && [...taken.sealed], [...bundle(1)]);
    },
  },
];
