/**
 * The key that everything on this device is encrypted under. It is a CryptoKey that the browser keeps and never gives
 * out as bytes: script that gets into the page can use it while it runs, but cannot carry it away.
 */
import { promisifyRequest, type UseStore } from "idb-keyval";
import { storageError } from "./problem.ts";

const KEY_NAME = "vault-key";
const IV_BYTES = 12;
const encoder = new TextEncoder();

export interface Vault {
  /** IV | ciphertext | tag, bound to `context`: it does not open under another one. */
  seal(context: string, plain: Uint8Array): Promise<Uint8Array>;
  /** Throws `StorageError` `storage.unreadable`. */
  open(context: string, sealed: Uint8Array): Promise<Uint8Array>;
}

export function generateVaultKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/** The database's key, made and kept at the first start. */
export async function loadVaultKey(use: UseStore): Promise<CryptoKey> {
  const fresh = await generateVaultKey();
  try {
    return await use("readwrite", async (store) => {
      const kept: unknown = await promisifyRequest(store.get(KEY_NAME));
      if (kept instanceof CryptoKey) return kept;
      store.put(fresh, KEY_NAME);
      await promisifyRequest(store.transaction);
      return fresh;
    });
  } catch (error) {
    throw storageError(error, "opening");
  }
}

/** AES-256-GCM with random 96-bit IVs: safe for the 2^32 seals of NIST SP 800-38D, section 8.3. */
export function vault(key: CryptoKey): Vault {
  const algorithm = (iv: Uint8Array<ArrayBuffer>, context: string) => ({
    name: "AES-GCM",
    iv,
    additionalData: encoder.encode(context),
  });
  return {
    async seal(context, plain) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const sealed = await crypto.subtle.encrypt(algorithm(iv, context), key, new Uint8Array(plain));
      const row = new Uint8Array(IV_BYTES + sealed.byteLength);
      row.set(iv);
      row.set(new Uint8Array(sealed), IV_BYTES);
      return row;
    },
    async open(context, sealed) {
      const row = new Uint8Array(sealed);
      try {
        const plain = await crypto.subtle.decrypt(
          algorithm(row.slice(0, IV_BYTES), context),
          key,
          row.subarray(IV_BYTES),
        );
        return new Uint8Array(plain);
      } catch (error) {
        throw storageError(error, "open");
      }
    },
  };
}
