/** A map that is never changed: a large part that versions share, and a small one of what is newer. */

/** Entries of the small part, which is copied for each new one; then both are joined. */
const MAX_NEWER = 256;

export class Layered<Key, Value> {
  constructor(
    private readonly shared: ReadonlyMap<Key, Value>,
    private readonly newer: ReadonlyMap<Key, Value> = new Map(),
  ) {}

  get(key: Key): Value | undefined {
    return (this.newer.size > 0 ? this.newer.get(key) : undefined) ?? this.shared.get(key);
  }

  get size(): number {
    let size = this.shared.size;
    for (const key of this.newer.keys()) if (!this.shared.has(key)) size++;
    return size;
  }

  *[Symbol.iterator](): Generator<[Key, Value], undefined> {
    for (const [key, value] of this.shared) yield [key, this.newer.get(key) ?? value];
    for (const [key, value] of this.newer) if (!this.shared.has(key)) yield [key, value];
  }

  has(key: Key): boolean {
    return this.newer.has(key) || this.shared.has(key);
  }

  /** Costs what is added, and the small part. */
  with(entries: Iterable<readonly [Key, Value]>): Layered<Key, Value> {
    const newer = new Map(this.newer);
    for (const [key, value] of entries) newer.set(key, value);
    if (newer.size <= MAX_NEWER) return new Layered(this.shared, newer);
    const shared = new Map(this.shared);
    for (const [key, value] of newer) shared.set(key, value);
    return new Layered(shared);
  }
}
