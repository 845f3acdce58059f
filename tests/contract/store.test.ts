import { generateVaultKey, vault } from "../../client/storage/vault.ts";
import { EncryptedStore } from "../../client/storage/encryptedStore.ts";
import { MemoryStore } from "../sim/memoryStore.ts";
import { MemoryRows } from "./memoryRows.ts";
import { STORE_CASES } from "./storeContract.ts";

for (const { name, run } of STORE_CASES) {
  Deno.test(`store in memory: ${name}`, () => {
    let last = new MemoryStore();
    return run(() => Promise.resolve(last = new MemoryStore(last.snapshot())));
  });

  Deno.test(`encrypted store over rows in memory: ${name}`, async () => {
    const rows = new MemoryRows();
    const key = await generateVaultKey();
    await run(() => EncryptedStore.open(rows, vault(key)));
  });
}
