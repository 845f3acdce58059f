/**
 * From a relayed link to a direct one with the same peer. Only the initiator of the relayed link tries, a bounded number
 * of times: a browser allows a tab only so many WebRTC connections in its life.
 */
import { RECONNECT } from "../limits.ts";
import { backoffMs } from "./backoff.ts";

export type Upgrade =
  | { readonly t: "due"; readonly attempt: number; readonly atMs: number }
  | { readonly t: "dialing"; readonly attempt: number }
  | { readonly t: "done" }
  | { readonly t: "given-up" };

export const upgradeDue = (nowMs: number): Upgrade => ({ t: "due", attempt: 0, atMs: nowMs });

export function upgradeFailed(upgrade: Extract<Upgrade, { t: "dialing" }>, nowMs: number, random: number): Upgrade {
  const attempt = upgrade.attempt + 1;
  if (attempt >= RECONNECT.maxAttempts) return { t: "given-up" };
  return { t: "due", attempt, atMs: nowMs + backoffMs(attempt + 1, random) };
}
