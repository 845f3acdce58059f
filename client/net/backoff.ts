/** How long to wait before another attempt. */
import { RECONNECT } from "../../core/limits.ts";

/**
 * Doubling from attempt to attempt, up to a bound, and then a random part of it: when a server returns, its clients must
 * not all come in the same moment. `random` is uniform in [0, 1).
 */
export function backoffMs(failures: number, random: number): number {
  const fullMs = Math.min(RECONNECT.firstDelayMs * 2 ** Math.min(failures, 16), RECONNECT.maxDelayMs);
  return fullMs * (0.5 + random / 2);
}
