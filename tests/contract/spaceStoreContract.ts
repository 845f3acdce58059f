/** What every store of spaces must do. */
import assert from "node:assert/strict";
import type { SpaceLimits } from "../../rendezvous/store/limits.ts";
import type { SpaceStore } from "../../rendezvous/store/port.ts";
import { bundle, DAY_MS, depositor, envelope, grant, HOUR_MS, idOf, NOON_MS, space } from "./spaceStoreSamples.ts";

/** `open` gives the one store of this case; called again, it gives the same after a restart. */
export interface Harness {
  open(limits?: Partial<SpaceLimits>): Promise<SpaceStore>;
}

export interface SpaceStoreCase {
  readonly name: string;
  run(harness: Harness): Promise<void>;
}

const [S, OTHER] = [space(1), space(2)];
const [A, B] = [depositor(1), depositor(2)];
const NOW = NOON_MS;

const refused = (reason: string) => ({ t: "refused", reason });
const DONE = { t: "done" };

/** With a space in which depositors 1 and 2 may do what their grants say. */
async function opened({ open }: Harness, limits?: Partial<SpaceLimits>): Promise<SpaceStore> {
  const store = await open(limits);
  assert.deepEqual(await store.openSpace(S), DONE);
  assert.deepEqual(await store.setGrants(S, [grant(1), grant(2)]), DONE);
  return store;
}

async function kept(store: SpaceStore, numbers: readonly number[], by = A): Promise<readonly number[]> {
  const answer = await store.deposit(S, by, numbers.map((number) => envelope(number)), NOW);
  assert.equal(answer.t, "done", JSON.stringify(answer));
  return answer.t === "done" ? answer.kept.map(({ serial }) => serial) : [];
}

async function waiting(store: SpaceStore, after = 0, limit = 1_000, maxBytes = 1e9) {
  const answer = await store.fetch(S, after, limit, maxBytes);
  if (answer.t !== "mail") throw new assert.AssertionError({ message: answer.reason });
  return answer;
}

const numberOf = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
const numbers = async (store: SpaceStore, after?: number, limit?: number, maxBytes?: number) =>
  (await waiting(store, after, limit, maxBytes)).waiting.map(({ envelope }) => numberOf(envelope));

async function days(store: SpaceStore, from: number, to: number): Promise<void> {
  for (let day = from; day <= to; day++) await store.expire(NOW + day * DAY_MS);
}

async function usage(store: SpaceStore) {
  const answer = await store.usage();
  return answer.t === "done" ? [answer.spaces, answer.envelopes, answer.bytes, answer.grants, answer.bundles] : answer;
}

export const SPACE_STORE_CASES: readonly SpaceStoreCase[] = [
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
    name: "[MBX9] serials are never given twice, after acknowledgements and restarts neither",
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
  {
    name: "mail is deleted after 30 days of service, and what came later is not",
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
    name: "a clock that jumps ahead and back deletes nothing",
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
    name: "a grant is deleted when it has been seen as ended for a week",
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
    name: "a space that its owner does not use for long is deleted, and one made anew gives later serials",
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
