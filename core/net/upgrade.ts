/**
 * From a relayed link to a direct one with the same peer. Only the initiator of the relayed link tries, a bounded number
 * of times: a browser allows a tab only so many WebRTC connections in its life.
 */
import { RECONNECT } from "../limits.ts";
import { backoffMs } from "./backoff.ts";

export type Upgrade =
  | { readonly t: "due"; readonly attempt: number; readonly atMs: number }
  | { readonly t: "dialing"; readonly attempt: number }
  | { readonly t: "done"; readonly attempt: number }
  | { readonly t: "given-up" };

export const upgradeDue = (nowMs: number): Upgrade => ({ t: "due", attempt: 0, atMs: nowMs });

const attemptOf = (upgrade: Upgrade | undefined): number =>
  upgrade === undefined || upgrade.t === "given-up" ? 0 : upgrade.attempt;

export const upgradeDone = (before: Upgrade | undefined): Upgrade => ({ t: "done", attempt: attemptOf(before) });

/** A direct link that ended soon counts as a failed try, so that nobody can make us open one after the other. */
export function upgradeLost(before: Upgrade | undefined, livedMs: number, nowMs: number, random: number): Upgrade {
  if (before?.t === "given-up") return before;
  if (livedMs >= RECONNECT.stableAfterMs) return { t: "due", attempt: 0, atMs: nowMs + backoffMs(0, random) };
  return upgradeFailed({ t: "dialing", attempt: attemptOf(before) }, nowMs, random);
}

export function upgradeFailed(upgrade: Extract<Upgrade, { t: "dialing" }>, nowMs: number, random: number): Upgrade {
  const attempt = upgrade.attempt + 1;
  if (attempt >= RECONNECT.maxUpgrades) return { t: "given-up" };
  return { t: "due", attempt, atMs: nowMs + backoffMs(attempt + 1, random) };
}
