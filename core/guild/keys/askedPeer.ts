/** What is known of one peer that keys are asked of. SPEC section 22. */
import type { ChannelId } from "../../ids.ts";
import { GUILD_KEYS } from "../../limits.ts";
import type { Parts } from "./wants.ts";

export type AskedPhase =
  | { readonly t: "idle" }
  /** An answer is due until `untilMs`. */
  | {
    readonly t: "asking";
    readonly number: number;
    readonly channel: ChannelId;
    readonly asked: Parts;
    readonly untilMs: number;
  }
  /** Keys came, and it has not been told which of them open something. */
  | { readonly t: "trying"; readonly channel: ChannelId; readonly asked: Parts }
  /** Nothing is asked until then. */
  | { readonly t: "paused"; readonly untilMs: number };

export interface AskedPeer {
  readonly phase: AskedPhase;
  /** [GKEY8] What it does not have or does not give. */
  readonly declined: Parts;
  /** Since it was last of use. */
  readonly failures: number;
  /** Answers in a row with nothing in them. */
  readonly fruitless: number;
  /** [GKEY8] Channels to be asked for again, and when that is heeded. */
  readonly again: ReadonlySet<ChannelId>;
  readonly againFromMs: number;
}

/** [GKEY10] A failure of somebody who left meanwhile. */
export interface Remembered {
  readonly failures: number;
  readonly untilMs: number;
}

export const newPeer = (nowMs: number, { failures, untilMs }: Remembered): AskedPeer => ({
  phase: untilMs > nowMs ? { t: "paused", untilMs } : { t: "idle" },
  declined: new Map(),
  failures,
  fruitless: 0,
  again: new Set(),
  againFromMs: nowMs,
});

/** [GKEY10] One more failure: nothing is asked for twice as long as after the one before. */
export function failed(peer: AskedPeer, nowMs: number, atLeastMs = 0): AskedPeer {
  const pauseMs = Math.min(GUILD_KEYS.maxPauseMs, GUILD_KEYS.firstPauseMs * 2 ** Math.min(peer.failures, 20));
  const untilMs = nowMs + Math.max(pauseMs, atLeastMs);
  return { ...peer, failures: peer.failures + 1, phase: { t: "paused", untilMs } };
}

/** What is under way with it, so that nobody else is asked for the same. */
export const underWay = ({ phase }: AskedPeer): Parts =>
  phase.t === "asking" || phase.t === "trying" ? phase.asked : new Map();
