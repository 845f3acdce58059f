/** What is known of one peer while a link to it stands. Nothing of it has to outlive the link. SPEC section 24. */
import type { Reason } from "../../errors.ts";
import type { ChannelId, DeviceId } from "../../ids.ts";
import { CSYNC } from "../../limits.ts";
import { type Allowance, refilled } from "../../log/serving.ts";
import type { ChainOrigin, ContentItem, ContentSyncFrame } from "../../wire/contentSync.ts";
import type { Asked, Offered } from "./offered.ts";

export type Phase =
  | { readonly t: "idle" }
  /** An answer is due until `untilMs`. */
  | { readonly t: "asking"; readonly channel: ChannelId; readonly from: number; readonly untilMs: number }
  | { readonly t: "wanting"; readonly asked: Asked; readonly untilMs: number }
  /** The answer is being opened. */
  | { readonly t: "taking"; readonly asked: Asked; readonly more: boolean; readonly wastedBytes: number }
  /** Nothing is asked until then. */
  | { readonly t: "paused"; readonly untilMs: number };

/** Content that is here since a moment ago, and open. */
export interface Grown {
  readonly channel: ChannelId;
  readonly device: DeviceId;
  readonly seq: number;
}

export interface PeerSync {
  readonly phase: Phase;
  /** Of the last request. */
  readonly number: number;
  readonly unanswered: number;
  /** [CSYNC8] What the peer had offered is not known any more: it did not answer. */
  readonly isForgotten: boolean;
  /** The peer has said what it has, if in digests only, since it was asked to last. */
  readonly isHeard: boolean;
  /** [CSYNC3] Channels to ask the offers of, and from which entry on. */
  readonly toAsk: ReadonlyMap<ChannelId, number>;
  readonly offered: Offered;
  /** [CSYNC7] What came, to be told at `tellAtMs`. */
  readonly toTell: readonly (readonly Grown[])[];
  readonly tellAtMs: number | null;
  /** The peer's want for which the store is being read. */
  readonly reading: { readonly number: number; readonly more: boolean } | null;
  readonly served: Allowance;
  readonly waste: Allowance;
  readonly said: Allowance;
  /** In counts, not bytes. */
  readonly pushesIn: Allowance;
  readonly pushesOut: Allowance;
}

/** Read these of the store, and hand the result to `contentRead`. */
export interface ContentRead {
  readonly peer: DeviceId;
  readonly number: number;
  readonly channel: ChannelId;
  readonly keys: readonly string[];
}

/** Open these, and report to `tookContent`. Nothing of them is checked but that they were asked for. */
export interface ContentTook {
  readonly peer: DeviceId;
  /** Of the request; `null` for what the peer sent unasked: its own. */
  readonly number: number | null;
  readonly channel: ChannelId;
  readonly chains: readonly ChainOrigin[];
  readonly items: readonly ContentItem[];
}

export interface PeerStep {
  readonly state: PeerSync;
  readonly send: readonly ContentSyncFrame[];
  readonly read: ContentRead | null;
  readonly took: ContentTook | null;
  /** What the peer did that an honest one does not, or does seldom: to be counted. The state stands all the same. */
  readonly refused: Reason | null;
}

export const quiet = (state: PeerSync, refused: Reason | null = null): PeerStep => ({
  state,
  send: [],
  read: null,
  took: null,
  refused,
});

export function newPeer(nowMs: number): PeerSync {
  const full = (bytes: number): Allowance => ({ bytes, atMs: nowMs });
  return {
    phase: { t: "idle" },
    number: 0,
    unanswered: 0,
    isForgotten: false,
    isHeard: false,
    toAsk: new Map(),
    offered: new Map(),
    toTell: [],
    tellAtMs: null,
    reading: null,
    served: full(CSYNC.servedBurstBytes),
    waste: full(CSYNC.wasteBurstBytes),
    said: full(CSYNC.saidBurstBytes),
    pushesIn: full(CSYNC.pushBurst),
    pushesOut: full(CSYNC.pushBurst),
  };
}

/** [CSYNC6] With what the peer has wasted. */
export function withWaste(state: PeerSync, wastedBytes: number, nowMs: number): PeerSync {
  const waste = refilled(state.waste, CSYNC.wasteBytesPerS, CSYNC.wasteBurstBytes, nowMs);
  return { ...state, waste: { ...waste, bytes: waste.bytes - Math.max(0, wastedBytes) } };
}

export const phaseDueAtMs = ({ phase }: PeerSync): number | null => "untilMs" in phase ? phase.untilMs : null;
