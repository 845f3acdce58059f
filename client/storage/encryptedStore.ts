/**
 * The Store port, encrypted at rest. Rows lie under plain numbers, so that not even the keys, which name contacts, can be
 * read from the disk; which key has which row stands in an index that is encrypted too. It is loaded once at the start
 * (a snapshot, and what changed since) and kept in memory, because ranges need keys in order and neither hashed nor
 * encrypted keys are. What the disk still shows: how many records there are, their sizes, and when they are written.
 */
import type { RecordWrite, Store, StoredRecord } from "../../core/ports.ts";
import { STORAGE } from "../limits.ts";
import { type IndexChange, KeyIndex } from "./keyIndex.ts";
import { StorageError, storageError } from "./problem.ts";
import type { RowChange, Rows } from "./rows.ts";
import type { Vault } from "./vault.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const SNAPSHOT_CONTEXT = "index";
const partContext = (number: number) => `index ${number}`;
const recordContext = (row: number, key: string) => `record ${row} ${key}`;

interface Plan {
  readonly seal: readonly { readonly key: string; readonly row: number; readonly value: Uint8Array }[];
  readonly remove: readonly number[];
  readonly change: IndexChange;
}

export class EncryptedStore implements Store {
  readonly #index = new KeyIndex();
  #parts = 0;
  #nextRow = 1;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(private readonly rows: Rows, private readonly vault: Vault) {}

  /** Throws `StorageError`. */
  static async open(rows: Rows, vault: Vault): Promise<EncryptedStore> {
    const store = new EncryptedStore(rows, vault);
    try {
      await store.#load();
    } catch (error) {
      throw storageError(error, "open");
    }
    return store;
  }

  async #load(): Promise<void> {
    const { snapshot, parts } = await this.rows.loadIndex();
    if (snapshot) this.#index.apply(parse(await this.vault.open(SNAPSHOT_CONTEXT, snapshot)));
    const opened = await Promise.all(parts.map((part, number) => this.vault.open(partContext(number), part)));
    for (const part of opened) this.#index.apply(parse(part));
    this.#parts = parts.length;
    this.#nextRow = this.#index.lastRow() + 1;
  }

  write(batch: readonly RecordWrite[]): Promise<void> {
    return this.#inTurn(() => this.#write(batch));
  }

  read(prefix: string, range: { readonly before?: string; readonly limit?: number } = {}) {
    return this.#inTurn(() => this.#read(prefix, range));
  }

  /** One at a time, so that a plan is made from the index as the batch before it left it. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task).catch((error) => {
      throw storageError(error, "open");
    });
    this.#last = result.catch(() => {});
    return result;
  }

  async #write(batch: readonly RecordWrite[]): Promise<void> {
    const { seal, remove, change } = this.#plan(batch);
    if (seal.length === 0 && remove.length === 0) return;
    // All at once: the time until the transaction begins is the time in which a closing page loses the batch.
    const [index, ...sealed] = await Promise.all([
      this.#indexChange(change),
      ...seal.map(async ({ key, row, value }) => [row, await this.vault.seal(recordContext(row, key), value)] as const),
    ]);
    await this.rows.commit({ put: new Map(sealed), remove, index });
    this.#index.apply(change);
    for (const { row } of seal) this.#nextRow = Math.max(this.#nextRow, row + 1);
    if (change.length > 0) this.#parts = this.#isDue() ? 0 : this.#parts + 1;
  }

  #isDue(): boolean {
    return this.#parts >= STORAGE.maxIndexParts;
  }

  async #indexChange(change: IndexChange): Promise<RowChange["index"]> {
    if (change.length === 0) return null;
    if (!this.#isDue()) return { append: await this.vault.seal(partContext(this.#parts), format(change)) };
    const whole = new KeyIndex();
    whole.apply(this.#index.entries());
    whole.apply(change);
    return { replace: await this.vault.seal(SNAPSHOT_CONTEXT, format(whole.entries())) };
  }

  #plan(batch: readonly RecordWrite[]): Plan {
    const final = new Map<string, Uint8Array | null>();
    for (const { key, value } of batch) {
      if (value === null && key.endsWith("/")) {
        for (const under of final.keys()) if (under.startsWith(key)) final.set(under, null);
        for (const under of this.#index.range(key)) final.set(under, null);
      } else final.set(key, value);
    }
    const seal: Plan["seal"][number][] = [];
    const remove: number[] = [];
    const change: (readonly [string, number | null])[] = [];
    let nextRow = this.#nextRow;
    for (const [key, value] of final) {
      const known = this.#index.row(key);
      if (value !== null) {
        const row = known ?? nextRow++;
        seal.push({ key, row, value });
        if (known === undefined) change.push([key, row]);
      } else if (known !== undefined) {
        remove.push(known);
        change.push([key, null]);
      }
    }
    return { seal, remove, change };
  }

  async #read(
    prefix: string,
    range: { readonly before?: string; readonly limit?: number },
  ): Promise<readonly StoredRecord[]> {
    const keys = this.#index.range(prefix, range.before, range.limit);
    const ids = keys.map((key) => this.#index.row(key)!);
    const sealed = await this.rows.get(ids);
    return await Promise.all(keys.map(async (key, at) => {
      const row = sealed[at];
      if (!row) throw new StorageError("storage.unreadable");
      return { key, value: await this.vault.open(recordContext(ids[at]!, key), row) };
    }));
  }
}

const format = (change: IndexChange): Uint8Array => encoder.encode(JSON.stringify(change));
/** Only ever given what the vault has authenticated. */
const parse = (bytes: Uint8Array): IndexChange => JSON.parse(decoder.decode(bytes));
