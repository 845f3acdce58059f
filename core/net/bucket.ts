/** A token bucket: how many more frames a link may bring, as plain data. */
export interface Bucket {
  readonly tokens: number;
  readonly filledAtMs: number;
}

export const fullBucket = (burst: number, nowMs: number): Bucket => ({ tokens: burst, filledAtMs: nowMs });

/** The bucket with one token less, or `null` when it is empty. */
export function take(bucket: Bucket, perSecond: number, burst: number, nowMs: number): Bucket | null {
  const elapsedMs = Math.max(0, nowMs - bucket.filledAtMs);
  const tokens = Math.min(burst, bucket.tokens + (elapsedMs * perSecond) / 1000);
  return tokens < 1 ? null : { tokens: tokens - 1, filledAtMs: nowMs };
}
