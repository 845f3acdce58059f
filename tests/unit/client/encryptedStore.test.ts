import assert from "node:assert/strict";
import { STORAGE } from "../../../client/limits.ts";
import { EncryptedStore } from "../../../client/storage/encryptedStore.ts";
import { StorageError } from "../../../client/storage/problem.ts";
import { generateVaultKey, vault } from "../../../client/storage/vault.ts";
import { MemoryRows } from "../../contract/memoryRows.ts";

const text = (value: string) => new TextEncoder().encode(value);
const stored = (rows: MemoryRows) => [...rows.rows.values(), ...rows.parts, ...(rows.snapshot ? [rows.snapshot] : [])];
const problem = (name: string) => (error: unknown) => error instanceof StorageError && error.problem === name;

Deno.test("[REST2] neither keys nor values can be read from the rows", async () => {
  const rows = new MemoryRows();
  const store = await EncryptedStore.open(rows, vault(await generateVaultKey()));
  await store.write([{ key: "contact/ada", value: text("lovelace") }]);
  const disk = stored(rows).map((row) => new TextDecoder("latin1").decode(row)).join();
  assert.ok(disk.length > 0);
  for (const secret of ["contact", "ada", "lovelace"]) assert.ok(!disk.includes(secret), secret);
});

Deno.test("[REST1] the vault's key cannot be taken out as bytes", async () => {
  await assert.rejects(crypto.subtle.exportKey("raw", await generateVaultKey()));
});

Deno.test("[REST4] a batch that could not be written leaves no trace, and the next one works", async () => {
  const rows = new MemoryRows();
  const key = await generateVaultKey();
  const store = await EncryptedStore.open(rows, vault(key));
  await store.write([{ key: "a", value: text("1") }]);
  rows.failWith = new DOMException("no room", "QuotaExceededError");
  await assert.rejects(
    store.write([{ key: "a", value: null }, { key: "b", value: text("2") }]),
    problem("storage.full"),
  );
  rows.failWith = null;
  assert.deepEqual((await store.read("")).map((record) => record.key), ["a"]);
  await store.write([{ key: "c", value: text("3") }]);
  const reopened = await EncryptedStore.open(rows, vault(key));
  assert.deepEqual((await reopened.read("")).map((record) => record.key), ["a", "c"]);
});

Deno.test("[REST3] rows that were swapped, changed or sealed under another key are named unreadable", async () => {
  const rows = new MemoryRows();
  const key = await generateVaultKey();
  const store = await EncryptedStore.open(rows, vault(key));
  await store.write([{ key: "a", value: text("1") }, { key: "b", value: text("2") }]);
  const [one, two] = [...rows.rows];
  rows.rows.set(one![0], two![1]);
  rows.rows.set(two![0], one![1]);
  await assert.rejects(store.read(""), problem("storage.unreadable"));
  rows.rows.set(one![0], one![1].with(20, one![1][20]! ^ 1));
  await assert.rejects(store.read("a"), problem("storage.unreadable"));
  await assert.rejects(EncryptedStore.open(rows, vault(await generateVaultKey())), problem("storage.unreadable"));
});

Deno.test("[REST2] the index is folded into a snapshot before it has too many parts, and stays right", async () => {
  const rows = new MemoryRows();
  const key = await generateVaultKey();
  const store = await EncryptedStore.open(rows, vault(key));
  const count = STORAGE.maxIndexParts + 10;
  for (let i = 0; i < count; i++) {
    await store.write([{ key: `k/${String(i).padStart(5, "0")}`, value: text(String(i)) }]);
  }
  assert.ok(rows.snapshot !== null && rows.parts.length < 20, `${rows.parts.length} parts`);
  const reopened = await EncryptedStore.open(rows, vault(key));
  const records = await reopened.read("k/");
  assert.deepEqual(records.map(({ value }) => Number(new TextDecoder().decode(value))), [...Array(count).keys()]);
});

Deno.test("a record that is only rewritten costs no part of the index", async () => {
  const rows = new MemoryRows();
  const store = await EncryptedStore.open(rows, vault(await generateVaultKey()));
  for (let i = 0; i < 5; i++) await store.write([{ key: "session", value: text(String(i)) }]);
  assert.deepEqual([rows.parts.length, rows.rows.size, rows.commits], [1, 1, 5]);
});
