/** Puts records into this origin's store before the program starts: a device as an earlier version left it. */
import { openStore } from "../../../client/storage/open.ts";

export interface Seed {
  /** Record keys to the hex of their values. */
  plant(records: Readonly<Record<string, string>>): Promise<void>;
}

const seed: Seed = {
  async plant(records) {
    const store = await openStore();
    await store.write(Object.entries(records).map(([key, hex]) => ({ key, value: Uint8Array.fromHex(hex) })));
    store.close();
  },
};

Object.assign(globalThis, { seed });
