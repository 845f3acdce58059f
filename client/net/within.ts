/** Waiting for a browser's events, but not for ever. */
import { CONNECTION_TEST } from "../limits.ts";

/** What `start` settles, or false when that takes too long or was given up. */
export function within(signal: AbortSignal, start: (settle: (value: boolean) => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    AbortSignal.any([signal, AbortSignal.timeout(CONNECTION_TEST.stepTimeoutMs)])
      .addEventListener("abort", () => resolve(false), { once: true });
    start(resolve);
  });
}
