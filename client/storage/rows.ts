/** Sealed rows: what the encrypted store keeps, and how it looks to whoever reads the disk. */
import { getMany, promisifyRequest, type UseStore } from "idb-keyval";

/** One atomic change. */
export interface RowChange {
  readonly put: ReadonlyMap<number, Uint8Array>;
  readonly remove: readonly number[];
  /** `append` adds a part to the index, `replace` is one snapshot in place of all its parts. */
  readonly index: { readonly append: Uint8Array } | { readonly replace: Uint8Array } | null;
}

export interface Rows {
  /** The index in its parts: a snapshot first, where there is one, and what changed since. */
  loadIndex(): Promise<{ readonly snapshot: Uint8Array | null; readonly parts: readonly Uint8Array[] }>;
  get(ids: readonly number[]): Promise<readonly (Uint8Array | undefined)[]>;
  /** Resolves when the change is on the disk; rejects with nothing changed. */
  commit(change: RowChange): Promise<void>;
}

const SNAPSHOT = "index";
const PART = "index/";

/** Records under their numbers, index parts under `index/NNNNNNNN`, all in one object store so that one write is atomic. */
export class DatabaseRows implements Rows {
  #nextPart = 0;

  constructor(private readonly use: UseStore) {}

  loadIndex() {
    return this.use("readonly", async (store) => {
      const wanted = [store.get(SNAPSHOT), store.getAll(IDBKeyRange.bound(PART, `${PART}\uffff`))] as const;
      const [snapshot, parts] = await Promise.all([promisifyRequest(wanted[0]), promisifyRequest(wanted[1])]);
      this.#nextPart = parts.length;
      return { snapshot: (snapshot as Uint8Array | undefined) ?? null, parts: parts as Uint8Array[] };
    });
  }

  get(ids: readonly number[]): Promise<readonly (Uint8Array | undefined)[]> {
    return getMany<Uint8Array>([...ids], this.use);
  }

  async commit({ put, remove, index }: RowChange): Promise<void> {
    let nextPart = this.#nextPart;
    await this.use("readwrite", (store) => {
      for (const [id, row] of put) store.put(row, id);
      for (const id of remove) store.delete(id);
      if (index && "append" in index) store.put(index.append, `${PART}${String(nextPart++).padStart(8, "0")}`);
      if (index && "replace" in index) {
        store.put(index.replace, SNAPSHOT);
        store.delete(IDBKeyRange.bound(PART, `${PART}\uffff`));
        nextPart = 0;
      }
      // At once, not when the requests have answered: so a page that is going away still gets it written.
      store.transaction.commit();
      return promisifyRequest(store.transaction);
    });
    this.#nextPart = nextPart;
  }
}
