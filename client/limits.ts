/** Bounds of the client's adapters, by name and with their units. Those of the protocol stand in core/limits.ts. */

export const STORAGE = {
  /** Changes of the key index that are kept apart before they are folded into one snapshot. */
  maxIndexParts: 512,
} as const;

export const DRIVER = {
  /** Events that one durable write can answer for. */
  maxBatchEvents: 256,
  /** A deadline that has passed already is answered after this long, so that a stuck one cannot spin. */
  minTickMs: 20,
  /** Longer waits are cut into pieces, because a browser's timer holds 2^31 ms. */
  maxTickMs: 3_600_000,
  /** After a write that failed, the clock's next event waits this long. */
  retryWriteMs: 5_000,
} as const;
