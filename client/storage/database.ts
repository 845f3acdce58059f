/** One IndexedDB database with one object store, whose every write reaches the disk before it counts as done. */
import { promisifyRequest, type UseStore } from "idb-keyval";
import { StorageError, storageError } from "./problem.ts";

const STORE = "rows";

/** A `UseStore` for idb-keyval. Its own `createStore` sets no durability, and a lost write would reuse ratchet keys. */
export interface Database {
  readonly use: UseStore;
  close(): void;
}

/** Throws `StorageError`. */
export async function openDatabase(name: string): Promise<Database> {
  try {
    const database = await open(name);
    // Another tab wants to delete or upgrade it: yield, and let what we do next fail by name.
    database.onversionchange = () => database.close();
    return {
      use: (mode, callback) => {
        let transaction: IDBTransaction | null = null;
        try {
          transaction = database.transaction(STORE, mode, { durability: "strict" });
          return Promise.resolve(callback(transaction.objectStore(STORE)));
        } catch (error) {
          // Otherwise what was asked for before the error would be written all the same.
          transaction?.abort();
          return Promise.reject(error);
        }
      },
      close: () => database.close(),
    };
  } catch (error) {
    throw storageError(error, "opening");
  }
}

function open(name: string): Promise<IDBDatabase> {
  if (!("indexedDB" in globalThis)) throw new StorageError("storage.blocked");
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return new Promise((resolve, reject) => {
    request.onblocked = () => reject(new StorageError("storage.blocked"));
    promisifyRequest(request).then(resolve, reject);
  });
}
