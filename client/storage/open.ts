/** The store of this device, and what the browser promises about it. */
import type { Store } from "../../core/ports.ts";
import { openDatabase } from "./database.ts";
import { EncryptedStore } from "./encryptedStore.ts";
import { DatabaseRows } from "./rows.ts";
import { loadVaultKey, vault } from "./vault.ts";

export const DATABASE_NAME = "securecomm";

export interface DeviceStore extends Store {
  close(): void;
}

/** Opens the encrypted store, made at the first start. Throws `StorageError`. One tab at a time may hold it. */
export async function openStore(name: string = DATABASE_NAME): Promise<DeviceStore> {
  const database = await openDatabase(name);
  try {
    const key = await loadVaultKey(database.use);
    const store = await EncryptedStore.open(new DatabaseRows(database.use), vault(key));
    return {
      write: (batch) => store.write(batch),
      read: (prefix, range) => store.read(prefix, range),
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}
