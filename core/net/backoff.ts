/** Exponential backoff with full jitter, so that many clients which lost one server do not come back at once. */
import { RECONNECT } from "../limits.ts";

/**
 * Milliseconds to wait before try number `attempt` (0 for the first retry): uniform in the upper half of a window that
 * doubles each time. `random` is uniform in [0, 1).
 */
export function backoffMs(attempt: number, random: number): number {
  const windowMs = Math.min(RECONNECT.maxDelayMs, RECONNECT.firstDelayMs * 2 ** Math.min(attempt, 16));
  return Math.round(windowMs * (0.5 + random / 2));
}
