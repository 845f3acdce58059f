/** How long to wait before another attempt. */
import { RECONNECT } from "../../core/limits.ts";
import { NET } from "../limits.ts";

/**
 * Somewhere in a window that doubles from attempt to attempt, up to a bound: when a server returns, its clients must not
 * all come in the same moment. `random` is uniform in [0, 1).
 */
export function backoffMs(failures: number, random: number): number {
  const windowMs = Math.min(NET.firstReturnMs * 2 ** Math.min(failures, 16), RECONNECT.maxDelayMs);
  return NET.minReturnMs + random * windowMs;
}
