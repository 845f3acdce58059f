/**
 * What every Store must do. Cases are plain functions, so that the same ones run under Deno against the store in memory
 * and inside a browser against IndexedDB.
 */
import type { Store } from "../../core/ports.ts";

export interface StoreCase {
  readonly name: string;
  /** `open` gives the one store of this case; called again it opens the same records anew, as after a restart. */
  run(open: () => Promise<Store>): Promise<void>;
}

const value = (...bytes: number[]) => new Uint8Array(bytes);

function equal(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: got ${a}, expected ${b}`);
}

async function keys(store: Store, prefix: string, range?: { before?: string; limit?: number }) {
  return (await store.read(prefix, range)).map(({ key }) => key);
}

async function bytes(store: Store, key: string) {
  const record = (await store.read(key)).find((one) => one.key === key);
  return record && [...record.value];
}

export const STORE_CASES: readonly StoreCase[] = [
  {
    name: "what was written is read back, byte for byte",
    async run(open) {
      const store = await open();
      await store.write([{ key: "a", value: value(0, 255, 7) }, { key: "empty", value: value() }]);
      equal(await bytes(store, "a"), [0, 255, 7], "value");
      equal(await bytes(store, "empty"), [], "empty value");
      equal(await bytes(store, "missing"), undefined, "missing key");
    },
  },
  {
    name: "records survive a reopening, and so do deletions and overwritten values",
    async run(open) {
      const first = await open();
      await first.write([{ key: "a", value: value(1) }, { key: "b", value: value(2) }, { key: "c", value: value(3) }]);
      await first.write([{ key: "a", value: value(9) }, { key: "b", value: null }]);
      const second = await open();
      equal(await keys(second, ""), ["a", "c"], "keys");
      equal(await bytes(second, "a"), [9], "overwritten value");
      await second.write([{ key: "d", value: value(4) }]);
      equal(await keys(await open(), ""), ["a", "c", "d"], "keys after the second opening");
      equal(await bytes(await open(), "c"), [3], "a value no later write touched");
    },
  },
  {
    name: "a read gives the keys of its prefix, in code unit order",
    async run(open) {
      const store = await open();
      const all = ["m/2", "m/10", "m/1", "m", "mm/1", "l/9", "n", "m/\u00e9", "m/Z", "m/\u{1F600}", "m/\uffee"];
      await store.write(all.map((key) => ({ key, value: value(1) })));
      equal(await keys(store, "m/"), ["m/1", "m/10", "m/2", "m/Z", "m/\u00e9", "m/\u{1F600}", "m/\uffee"], "prefix m/");
      equal(await keys(store, ""), [...all].sort(), "everything");
      equal(await keys(store, "zzz"), [], "nothing");
    },
  },
  {
    name: "`before` and `limit` give the last records below a key",
    async run(open) {
      const store = await open();
      await store.write(["p/1", "p/2", "p/3", "p/4", "q/1"].map((key) => ({ key, value: value(1) })));
      equal(await keys(store, "p/", { limit: 2 }), ["p/3", "p/4"], "limit");
      equal(await keys(store, "p/", { before: "p/3" }), ["p/1", "p/2"], "before");
      equal(await keys(store, "p/", { before: "p/4", limit: 2 }), ["p/2", "p/3"], "both");
      equal(await keys(store, "p/", { before: "p/25" }), ["p/1", "p/2"], "before a key that is not there");
      equal(await keys(store, "p/", { before: "a" }), [], "before everything");
      equal(await keys(store, "p/", { before: "z", limit: 9 }), ["p/1", "p/2", "p/3", "p/4"], "more than there are");
      equal(await keys(store, "p/", { limit: 0 }), [], "none");
    },
  },
  {
    name: "a batch applies in order, and a deletion of a prefix takes what stands before it",
    async run(open) {
      const store = await open();
      await store.write([{ key: "c/1", value: value(1) }, { key: "c/2", value: value(2) }, {
        key: "cc",
        value: value(3),
      }]);
      await store.write([
        { key: "c/3", value: value(3) },
        { key: "c/", value: null },
        { key: "c/4", value: value(4) },
        { key: "x", value: value(1) },
        { key: "x", value: value(2) },
        { key: "y", value: value(1) },
        { key: "y", value: null },
        { key: "never", value: null },
      ]);
      equal(await keys(store, ""), ["c/4", "cc", "x"], "keys");
      equal(await bytes(store, "x"), [2], "the later of two writes");
      equal(await keys(await open(), ""), ["c/4", "cc", "x"], "keys after reopening");
    },
  },
  {
    name: "writes that are not waited for are done in the order in which they were begun",
    async run(open) {
      const store = await open();
      const writes = Array.from({ length: 40 }, (_, i) => store.write([{ key: "k", value: value(i) }]));
      const read = store.read("k");
      await Promise.all(writes);
      equal((await read).map((record) => [...record.value]), [[39]], "a read begun after them");
      equal(await bytes(await open(), "k"), [39], "after reopening");
    },
  },
  {
    name: "neither side can change the other's bytes afterwards",
    async run(open) {
      const store = await open();
      const mine = value(1, 2);
      const write = store.write([{ key: "k", value: mine }]);
      await write;
      mine[0] = 9;
      const [read] = await store.read("k");
      read!.value[1] = 9;
      equal(await bytes(store, "k"), [1, 2], "value");
    },
  },
  {
    name: "two thousand records in many batches come back in order",
    async run(open) {
      const store = await open();
      const name = (i: number) => `n/${String((i * 7919) % 2000).padStart(6, "0")}`;
      for (let batch = 0; batch < 100; batch++) {
        await store.write(Array.from({ length: 20 }, (_, i) => ({ key: name(batch * 20 + i), value: value(i) })));
      }
      const expected = Array.from({ length: 2000 }, (_, i) => `n/${String(i).padStart(6, "0")}`);
      equal(await keys(store, "n/"), expected, "keys");
      equal(await keys(await open(), "n/", { limit: 3 }), expected.slice(-3), "the last after reopening");
    },
  },
];
