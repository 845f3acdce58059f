/** Runs the contract of the Store port on this browser's IndexedDB, for a test that asks through `storeProbe`. */
import { openDatabase } from "../../../client/storage/database.ts";
import { openStore } from "../../../client/storage/open.ts";
import { requestPersistence } from "../../../client/storage/persistence.ts";
import { STORE_CASES } from "../../contract/storeContract.ts";

const text = (value: string) => new TextEncoder().encode(value);

async function runCase(name: string): Promise<string> {
  const found = STORE_CASES.find((one) => one.name === name)!;
  const database = `contract-${crypto.randomUUID()}`;
  let last: { close(): void } | null = null;
  try {
    await found.run(async () => {
      last?.close();
      const store = await openStore(database);
      last = store;
      return store;
    });
    return "passed";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Everything that lies in a database, as text, for a test that looks for secrets in it. */
async function raw(name: string): Promise<string> {
  const database = await openDatabase(name);
  const rows = await database.use("readonly", (store) =>
    new Promise<unknown[]>((resolve, reject) => {
      const request = store.getAll();
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    }));
  database.close();
  const decoder = new TextDecoder("latin1");
  return rows.map((row) => row instanceof Uint8Array ? decoder.decode(row) : String(row)).join("\n");
}

async function write(name: string, key: string, value: string): Promise<void> {
  const store = await openStore(name);
  await store.write([{ key, value: text(value) }]);
  store.close();
}

async function read(name: string, prefix: string): Promise<readonly (readonly [string, string])[]> {
  const store = await openStore(name);
  const records = await store.read(prefix);
  store.close();
  return records.map(({ key, value }) => [key, new TextDecoder().decode(value)] as const);
}

/** Milliseconds of each of `count` writes of one small record. */
async function timeWrites(name: string, count: number): Promise<readonly number[]> {
  const store = await openStore(name);
  const timesMs: number[] = [];
  for (let i = 0; i < count; i++) {
    const startMs = performance.now();
    await store.write([{ key: `session`, value: new Uint8Array(1000) }, { key: `m/${i}`, value: new Uint8Array(300) }]);
    timesMs.push(performance.now() - startMs);
  }
  store.close();
  return timesMs;
}

async function durability(name: string): Promise<string> {
  const database = await openDatabase(name);
  const mode = await database.use("readwrite", (store) => store.transaction.durability);
  database.close();
  return mode;
}

const probe = {
  names: () => STORE_CASES.map((one) => one.name),
  runCase,
  raw,
  write,
  read,
  timeWrites,
  durability,
  requestPersistence,
};

export type StoreProbe = typeof probe;

Object.assign(globalThis, { storeProbe: probe });
