/** All keys of the store in order, in memory, each with the number of its row. */

export type IndexChange = readonly (readonly [key: string, row: number | null])[];

export class KeyIndex {
  readonly #rows = new Map<string, number>();
  #sorted: string[] = [];

  get size(): number {
    return this.#sorted.length;
  }

  row(key: string): number | undefined {
    return this.#rows.get(key);
  }

  entries(): IndexChange {
    return this.#sorted.map((key) => [key, this.#rows.get(key)!]);
  }

  /** The highest row number in use, or 0. */
  lastRow(): number {
    return this.#rows.values().reduce((last, row) => Math.max(last, row), 0);
  }

  /** Keys that begin with `prefix`, in order; only those below `before`; only `limit` of them, counted from the end. */
  range(prefix: string, before?: string, limit = Infinity): readonly string[] {
    const start = this.#firstAt((key) => key >= prefix);
    const end = this.#firstAt((key) =>
      key >= prefix && (!key.startsWith(prefix) || (before !== undefined && key >= before))
    );
    return this.#sorted.slice(Math.max(start, end - limit), Math.max(start, end));
  }

  /** Many at once are sorted anew, few are put in their places. */
  apply(change: IndexChange): void {
    const inPlace = change.length < 64;
    for (const [key, row] of change) {
      const known = this.#rows.has(key);
      if (row === null) {
        if (!known) continue;
        this.#rows.delete(key);
        if (inPlace) this.#sorted.splice(this.#firstAt((other) => other >= key), 1);
      } else {
        this.#rows.set(key, row);
        if (inPlace && !known) this.#sorted.splice(this.#firstAt((other) => other >= key), 0, key);
      }
    }
    if (!inPlace) this.#sorted = [...this.#rows.keys()].sort();
  }

  /** The first position for which `reached` holds; it must hold for all that follow. */
  #firstAt(reached: (key: string) => boolean): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (reached(this.#sorted[middle]!)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
