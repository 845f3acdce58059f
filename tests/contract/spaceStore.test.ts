import assert from "node:assert/strict";
import { MemorySpaceStore } from "../../rendezvous/store/memory.ts";
import { openSpaceStore } from "../../rendezvous/store/open.ts";
import type { SpaceStore } from "../../rendezvous/store/port.ts";
import { SPACE_STORE_CASES } from "./spaceStoreContract.ts";
import { NOON_MS } from "./spaceStoreSamples.ts";

const clock = { nowMs: () => NOON_MS, after: () => () => {} };

for (const { name, run } of SPACE_STORE_CASES) {
  Deno.test(`spaces in memory: ${name}`, async () => {
    let store: SpaceStore | null = null;
    await run({ open: (limits) => Promise.resolve(store ??= new MemorySpaceStore(NOON_MS, limits)) });
  });

  Deno.test(`spaces in SQLite: ${name}`, async () => {
    const folder = await Deno.makeTempDir();
    const troubles: string[] = [];
    let store: SpaceStore | null = null;
    // Whoever holds the store from before a restart goes on with the new one.
    const current = new Proxy({} as SpaceStore, {
      get: (_, method: keyof SpaceStore) => store?.[method]?.bind(store),
    });
    let last = {};
    try {
      await run({
        async open(limits) {
          last = { ...last, ...limits };
          await store?.close();
          const trouble = (name: string) => troubles.push(name);
          const opened = await openSpaceStore({
            folder,
            clock,
            trouble,
            limits: last,
            disk: { reserveBytes: 4_096, synchronous: "OFF" },
          });
          if ("sentence" in opened) throw new Error(opened.sentence);
          store = opened;
          return current;
        },
      });
      assert.deepEqual(troubles, []);
    } finally {
      await (store as SpaceStore | null)?.close();
      await Deno.remove(folder, { recursive: true });
    }
  });
}
