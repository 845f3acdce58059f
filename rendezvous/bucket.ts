/** Token buckets: `burst` at once, `perSecond` over time. The clock is passed in. */

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export class Bucket {
  readonly #rate: Rate;
  #tokens: number;
  #atMs: number;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#atMs = nowMs;
  }

  /** Takes one token if there is one. */
  take(nowMs: number): boolean {
    this.#refill(nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Gives back what was taken for nothing. */
  give(): void {
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + 1);
  }

  isEmpty(nowMs: number): boolean {
    this.#refill(nowMs);
    return this.#tokens < 1;
  }

  /** Takes `amount` in any case; the milliseconds until the debt is paid, 0 without one. */
  spend(amount: number, nowMs: number): number {
    this.#refill(nowMs);
    this.#tokens -= amount;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.#rate.perSecond) * 1_000);
  }

  isFull(nowMs: number): boolean {
    this.#refill(nowMs);
    return this.#tokens >= this.#rate.burst;
  }

  #refill(nowMs: number): void {
    const elapsedS = Math.max(0, nowMs - this.#atMs) / 1_000;
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + elapsedS * this.#rate.perSecond);
    this.#atMs = nowMs;
  }
}

/** One bucket for each key, at most `maxKeys` of them. */
export class Buckets {
  readonly #rate: Rate;
  readonly #maxKeys: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate, maxKeys: number) {
    this.#rate = rate;
    this.#maxKeys = maxKeys;
  }

  /** False where the key has no token left, and where no more keys can be remembered. */
  take(key: string, nowMs: number): boolean {
    const known = this.#buckets.get(key);
    if (known !== undefined) return known.take(nowMs);
    if (this.#buckets.size >= this.#maxKeys) this.#forgetFull(nowMs);
    if (this.#buckets.size >= this.#maxKeys) return false;
    const bucket = new Bucket(this.#rate, nowMs);
    this.#buckets.set(key, bucket);
    return bucket.take(nowMs);
  }

  give(key: string): void {
    this.#buckets.get(key)?.give();
  }

  /** Whether `take` would be refused for want of a token. */
  isEmpty(key: string, nowMs: number): boolean {
    return this.#buckets.get(key)?.isEmpty(nowMs) ?? false;
  }

  #forgetFull(nowMs: number): void {
    for (const [key, bucket] of this.#buckets) if (bucket.isFull(nowMs)) this.#buckets.delete(key);
  }
}
