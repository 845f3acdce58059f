/** What the outside gives the core. Interfaces only: adapters live in the client, fakes in the tests. */

/** Random bytes. In production the platform's CSPRNG, in a simulation a seeded generator. */
export interface Rng {
  /** A fresh array of `length` bytes that nobody else holds. */
  bytes(length: number): Uint8Array;
}

/** What a step may know of the world besides its event: the time it happens at, and fresh randomness. */
export interface Env {
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: number;
  readonly rng: Rng;
}

/** One write of a batch; `null` deletes. */
export interface RecordWrite {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** Durable records. A batch is atomic: after a crash all of it is there, or nothing. */
export interface Store {
  /** Resolves after the batch is durable; rejects with nothing written. */
  write(batch: readonly RecordWrite[]): Promise<void>;
  /** All records whose key begins with `prefix`, in key order, at most `limit` from the end where one is given. */
  read(prefix: string, limit?: number): Promise<readonly { readonly key: string; readonly value: Uint8Array }[]>;
}
