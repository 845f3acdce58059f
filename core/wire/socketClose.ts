/**
 * How a rendezvous says on a WebSocket that it has no room now (close code 1013, "try again later", IANA WebSocket close
 * code registry) or goes down (1012, "service restart"), and in how many seconds to come again: the reason is that number.
 * A browser shows a page neither the status nor the headers of an upgrade that was refused, but code and reason.
 */
import { RENDEZVOUS } from "../limits.ts";

export const SOCKET_CLOSE = { restarting: 1012, full: 1013 } as const;

export const closeReason = (retryAfterS: number): string => String(retryAfterS);

/** Seconds, or null where the closing asks for nothing: another code, or a reason that is none of ours. */
export function retryAfterS(code: number, reason: string): number | null {
  if (code !== SOCKET_CLOSE.restarting && code !== SOCKET_CLOSE.full) return null;
  if (!/^\d{1,6}$/.test(reason)) return null;
  return Math.min(Number(reason), RENDEZVOUS.maxRetryAfterS);
}
