/** The browser's clock, randomness and timers in the shape of the ports. */
import type { Env, Rng } from "../../core/ports.ts";

/** Web Crypto gives at most this many random bytes at once. */
const MAX_RANDOM_BYTES = 65_536;

const rng: Rng = {
  bytes(length) {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += MAX_RANDOM_BYTES) {
      crypto.getRandomValues(bytes.subarray(at, Math.min(length, at + MAX_RANDOM_BYTES)));
    }
    return bytes;
  },
};

/**
 * The wall clock, but never back: timers, waits and bounds are reckoned by it, and a clock that is set back by an hour
 * would stop them all for an hour.
 */
export function steadyClock(wallMs: () => number): () => number {
  let lastMs = -Infinity;
  let aheadMs = 0;
  return () => {
    const nowMs = wallMs() + aheadMs;
    if (nowMs < lastMs) aheadMs += lastMs - nowMs;
    lastMs = Math.max(nowMs, lastMs);
    return lastMs;
  };
}

const nowMs = steadyClock(() => Date.now());

export const browserEnv = (): Env => ({ nowMs: nowMs(), rng });

export function after(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}
