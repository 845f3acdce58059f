import assert from "node:assert/strict";
import fc from "fast-check";
import { MemorySpaceStore } from "../../rendezvous/store/memory.ts";
import { openSpaceStore } from "../../rendezvous/store/open.ts";
import type { SpaceStore } from "../../rendezvous/store/port.ts";
import { bundle, DAY_MS, depositor, envelope, grant, HOUR_MS, idOf, NOON_MS, space } from "./spaceStoreSamples.ts";

/** So small that each of them is met often. */
const LIMITS = {
  maxCount: 2,
  maxGrants: 3,
  maxGrantsTotal: 4,
  maxOneTimeBundles: 3,
  maxWaiting: 5,
  maxWaitingBytes: 200,
  maxTotalBytes: 300,
  maxMailAgeDays: 3,
  endedGrantDays: 2,
  unusedDays: 5,
};

/** `nowMs` is given when it is run. `said` is what it asks, for whoever reads of a failure. */
interface Act {
  readonly said: string;
  run(store: SpaceStore, nowMs: number): Promise<unknown>;
}
/** Acts that are begun together, and the hours that pass before; `restart` opens the durable store anew. */
type Turn = { readonly hours: number; readonly restart: boolean; readonly acts: readonly Act[] };

type Arbitraries<T extends readonly unknown[]> = { readonly [K in keyof T]: fc.Arbitrary<T[K]> };

/** An act on one of three spaces; `weight` is how often it comes. */
function acts<const T extends readonly unknown[]>(
  name: string,
  weight: number,
  args: Arbitraries<T>,
  run: (store: SpaceStore, nowMs: number, at: number, ...args: T) => Promise<unknown>,
) {
  const drawn = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.tuple(...args as readonly fc.Arbitrary<unknown>[]));
  return {
    weight,
    arbitrary: drawn.map(([at, given]): Act => ({
      said: `${name} ${at} ${JSON.stringify(given)}`,
      run: (store, nowMs) => run(store, nowMs, at, ...given as unknown as T),
    })),
  };
}

const small = fc.integer({ min: 1, max: 4 });
const some = fc.array(small, { maxLength: 3 });
const numbers = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 3 });
/** A number always has the same size. */
const mail = (number: number): Uint8Array => envelope(number, number % 3 === 0 ? 60 : 20);

const grants = fc.array(
  fc.record({
    number: small,
    maxWaiting: fc.integer({ min: 0, max: 3 }),
    maxWaitingBytes: fc.constantFrom(0, 40, 100, 1_000),
    maxBundles: fc.integer({ min: 0, max: 3 }),
    hoursAhead: fc.option(fc.integer({ min: -24, max: 96 }), { nil: null }),
  }),
  { minLength: 1, maxLength: 3 },
);

const act: fc.Arbitrary<Act> = fc.oneof(
  acts("open", 2, [], (store, _, at) => store.openSpace(space(at))),
  acts("close", 1, [], (store, _, at) => store.closeSpace(space(at))),
  acts("has", 1, [], (store, _, at) => store.hasSpace(space(at))),
  acts("grant", 4, [grants], (store, nowMs, at, all) =>
    store.setGrants(
      space(at),
      all.map(({ number, hoursAhead, ...rest }) =>
        grant(number, { ...rest, expiresAtMs: hoursAhead === null ? null : nowMs + hoursAhead * HOUR_MS })
      ),
    )),
  acts("revoke", 1, [some], (store, _, at, all) => store.revoke(space(at), all.map(depositor))),
  acts(
    "put",
    2,
    [some, fc.option(small), fc.boolean()],
    (store, _, at, all, last, replace) =>
      store.putBundles(space(at), {
        oneTime: all.map(bundle),
        lastResort: last === null ? null : bundle(last + 10),
        replace,
      }),
  ),
  acts("take", 3, [small], (store, nowMs, at, by) => store.takeBundle(space(at), depositor(by), nowMs)),
  acts(
    "deposit",
    8,
    [small, numbers],
    (store, nowMs, at, by, all) => store.deposit(space(at), depositor(by), all.map(mail), nowMs),
  ),
  acts(
    "fetch",
    4,
    [fc.integer({ min: 0, max: 20 }), small, fc.integer({ min: 0, max: 150 })],
    (store, _, at, after, limit, maxBytes) => store.fetch(space(at), after, limit, maxBytes),
  ),
  acts("ack", 3, [numbers], (store, _, at, all) => store.ack(space(at), all.map((number) => idOf(mail(number))))),
  acts("usage", 3, [], (store) => store.usage()),
);

/** By itself: what is asked meanwhile comes between the slices, and changes what they find. */
const expire: Act = { said: "expire", run: (store, nowMs) => store.expire(nowMs) };

const turn: fc.Arbitrary<Turn> = fc.record({
  hours: fc.constantFrom(0, 0, 1, 24),
  restart: fc.integer({ min: 0, max: 15 }).map((n) => n === 0),
  acts: fc.oneof(
    { weight: 3, arbitrary: fc.array(act, { minLength: 1, maxLength: 8 }) },
    { weight: 1, arbitrary: fc.constant([expire]) },
  ),
});

async function opened(folder: string): Promise<SpaceStore> {
  const clock = { nowMs: () => NOON_MS, after: () => () => {} };
  const trouble = (name: string) => assert.fail(name);
  const store = await openSpaceStore({
    folder,
    clock,
    limits: LIMITS,
    trouble,
    disk: { reserveBytes: 4_096, synchronous: "OFF" },
  });
  if ("sentence" in store) throw new Error(store.sentence);
  return store;
}

async function agree(turns: readonly Turn[]): Promise<void> {
  const folder = await Deno.makeTempDir();
  const model = new MemorySpaceStore(NOON_MS, LIMITS);
  let store = await opened(folder);
  let nowMs = NOON_MS;
  try {
    for (const { hours, restart, acts } of turns) {
      nowMs += Math.min(hours * HOUR_MS, DAY_MS);
      if (restart) {
        await store.close();
        store = await opened(folder);
      }
      const answers = await Promise.all(acts.map(({ run }) => run(store, nowMs)));
      for (const [i, { said, run }] of acts.entries()) assert.deepEqual(answers[i], await run(model, nowMs), said);
    }
    for (const number of [1, 2, 3]) {
      assert.deepEqual(await store.fetch(space(number), 0, 100, 1e6), await model.fetch(space(number), 0, 100, 1e6));
    }
    assert.deepEqual(await store.usage(), await model.usage());
  } finally {
    await store.close();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("spaces in SQLite answer as spaces in memory do, whatever is asked together and wherever they restart", () =>
  fc.assert(fc.asyncProperty(fc.array(turn, { minLength: 10, maxLength: 40 }), agree), {
    seed: 4,
    numRuns: 40,
    endOnFailure: true,
  }));
