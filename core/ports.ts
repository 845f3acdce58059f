/** What the outside gives the core. Interfaces only: adapters live in the client, fakes in the tests. */

/** Random bytes. In production the platform's CSPRNG, in a simulation a seeded generator. */
export interface Rng {
  /** A fresh array of `length` bytes that nobody else holds. */
  bytes(length: number): Uint8Array;
}

/** What a step may know of the world besides its event: the time it happens at, and fresh randomness. */
export interface Env {
  /** Milliseconds since the Unix epoch, a whole number. */
  readonly nowMs: number;
  readonly rng: Rng;
}

/** One write of a batch; `null` deletes, and with a key that ends in `/` deletes every record under it. */
export interface RecordWrite {
  readonly key: string;
  readonly value: Uint8Array | null;
}

export interface StoredRecord {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Durable records. A batch is atomic: after a crash all of it is there, or nothing. Its writes apply in order. */
export interface Store {
  /** Resolves after the batch is durable; rejects with nothing written. */
  write(batch: readonly RecordWrite[]): Promise<void>;
  /**
   * The records whose key begins with `prefix`, in key order (code units); with `before` only those of a smaller key,
   * with `limit` only that many, counted from the end.
   */
  read(
    prefix: string,
    range?: { readonly before?: string; readonly limit?: number },
  ): Promise<readonly StoredRecord[]>;
}
