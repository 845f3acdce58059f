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

export const browserEnv = (): Env => ({ nowMs: Date.now(), rng });

export function after(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}
