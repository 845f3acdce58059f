/** The Store port in memory. What a crash would leave is `snapshot()`: exactly the batches whose write has resolved. */
import type { RecordWrite, Store, StoredRecord } from "../../core/ports.ts";

export class MemoryStore implements Store {
  #records: Map<string, Uint8Array>;

  constructor(records: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.#records = new Map(records);
  }

  snapshot(): ReadonlyMap<string, Uint8Array> {
    return new Map(this.#records);
  }

  get(key: string): Uint8Array | null {
    return this.#records.get(key)?.slice() ?? null;
  }

  write(batch: readonly RecordWrite[]): Promise<void> {
    const next = new Map(this.#records);
    for (const { key, value } of batch) {
      if (value !== null) next.set(key, value.slice());
      else if (key.endsWith("/")) {
        for (const under of [...next.keys()]) if (under.startsWith(key)) next.delete(under);
      } else next.delete(key);
    }
    this.#records = next;
    return Promise.resolve();
  }

  read(
    prefix: string,
    range: { readonly before?: string; readonly limit?: number } = {},
  ): Promise<readonly StoredRecord[]> {
    const { before, limit = Infinity } = range;
    const keys = [...this.#records.keys()]
      .filter((key) => key.startsWith(prefix) && (before === undefined || key < before))
      .sort();
    const kept = keys.slice(Math.max(0, keys.length - limit));
    return Promise.resolve(kept.map((key) => ({ key, value: this.#records.get(key)!.slice() })));
  }
}
