/** A map that only grows, whose earlier forms stay as they were: adding costs what is added, not what is there. */

interface Backing<K, V> {
  readonly placeOf: Map<K, number>;
  readonly entries: (readonly [K, V])[];
}

/** All forms share one backing; each sees only the entries that stood in it when the form was made. */
export class AppendMap<K, V> implements ReadonlyMap<K, V> {
  private constructor(private readonly backing: Backing<K, V>, readonly size: number) {}

  static of<K, V>(entries: Iterable<readonly [K, V]>): AppendMap<K, V> {
    return new AppendMap<K, V>({ placeOf: new Map(), entries: [] }, 0).with(entries);
  }

  /** Whether this is what `earlier` became, or still is. */
  continues(earlier: AppendMap<K, V>): boolean {
    return this.backing === earlier.backing && this.size >= earlier.size;
  }

  /** One object for all forms that grew out of one another. */
  get root(): object {
    return this.backing;
  }

  /** With further entries, of which no key is here yet. Of two that grow out of one form the second is a copy. */
  with(entries: Iterable<readonly [K, V]>): AppendMap<K, V> {
    const isLatest = this.backing.entries.length === this.size;
    const backing = isLatest ? this.backing : copyOf(this.backing.entries.slice(0, this.size));
    for (const entry of entries) {
      backing.placeOf.set(entry[0], backing.entries.length);
      backing.entries.push(entry);
    }
    return new AppendMap(backing, backing.entries.length);
  }

  get(key: K): V | undefined {
    const place = this.backing.placeOf.get(key);
    return place !== undefined && place < this.size ? this.backing.entries[place]![1] : undefined;
  }

  has(key: K): boolean {
    return (this.backing.placeOf.get(key) ?? this.size) < this.size;
  }

  *entries(): Generator<[K, V], undefined> {
    for (let place = 0; place < this.size; place++) {
      const [key, value] = this.backing.entries[place]!;
      yield [key, value];
    }
  }

  /** The values that came after the first `count`. */
  *after(count: number): Generator<V, undefined> {
    for (let place = count; place < this.size; place++) yield this.backing.entries[place]![1];
  }

  *keys(): Generator<K, undefined> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): Generator<V, undefined> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): Generator<[K, V], undefined> {
    return this.entries();
  }

  forEach(visit: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }
}

const copyOf = <K, V>(entries: (readonly [K, V])[]): Backing<K, V> => ({
  placeOf: new Map(entries.map(([key], place) => [key, place])),
  entries,
});
