/** What a direct call can be in, what can happen to it, and when it wants to be woken. */
import type { SigningKey } from "../crypto/sign.ts";
import type { CallId, UserId } from "../ids.ts";
import { VOICE } from "../limits.ts";
import type { CallControl, CallShare } from "../wire/callControl.ts";
import type { CallAction, CallPeer } from "./action.ts";
import type { OfferSecret } from "./keyAgreement.ts";
import { keyCoverage, keyDeadlineMs, type KeySchedule } from "./keySchedule.ts";

/** Who we are: the keys that sign our shares. */
export interface CallSelf {
  readonly user: UserId;
  readonly signing: SigningKey;
}

export type CallRoute = "direct" | "relayed";
export type CallOutcome = "left" | "declined" | "unanswered" | "busy" | "unreachable" | "failed";

export interface Media {
  readonly id: CallId;
  readonly peer: CallPeer;
  readonly startedAtMs: number;
  readonly keys: KeySchedule;
  /** Four groups of four digits to compare aloud. */
  readonly code: string;
}

export type CallState =
  | { readonly type: "idle" }
  | {
    readonly type: "calling";
    readonly id: CallId;
    readonly contact: UserId;
    readonly startedAtMs: number;
    readonly offer: OfferSecret;
  }
  | {
    readonly type: "incoming";
    readonly id: CallId;
    readonly peer: CallPeer;
    readonly startedAtMs: number;
    readonly offer: CallShare;
  }
  /** `initiator` tells who makes the WebRTC connection: the caller. */
  | (Media & { readonly type: "connecting"; readonly initiator: boolean; readonly sinceMs: number })
  | (Media & { readonly type: "active"; readonly connectedAtMs: number; readonly route: CallRoute })
  | {
    readonly type: "ended";
    readonly id: CallId;
    readonly contact: UserId;
    readonly startedAtMs: number;
    readonly outcome: CallOutcome;
  };

export type CallEvent =
  | { readonly type: "Start"; readonly contact: UserId }
  | { readonly type: "Answer" }
  | { readonly type: "Decline" }
  | { readonly type: "Leave" }
  /** The screen has shown the outcome. */
  | { readonly type: "Dismiss" }
  /** There is no way to the contact, or it was removed. */
  | { readonly type: "Unreachable"; readonly contact: UserId }
  | { readonly type: "Control"; readonly from: CallPeer; readonly control: CallControl }
  | { readonly type: "VoiceSignalMade"; readonly call: CallId; readonly signal: Uint8Array }
  | { readonly type: "VoiceConnected"; readonly call: CallId; readonly route: CallRoute }
  | { readonly type: "VoiceFailed"; readonly call: CallId }
  | { readonly type: "VoiceSealed"; readonly call: CallId; readonly packets: number }
  | { readonly type: "Tick" };

export interface CallStep {
  readonly state: CallState;
  readonly actions: readonly CallAction[];
}

export const IDLE: CallState = { type: "idle" };

export type Live = Exclude<CallState, { type: "idle" | "ended" }>;
export type InMedia = Extract<CallState, { type: "connecting" | "active" }>;
export type VoiceEvent = Extract<CallEvent, { type: `Voice${string}` }>;

export const isLive = (state: CallState): state is Live => state.type !== "idle" && state.type !== "ended";
export const isMedia = (state: CallState): state is InMedia => state.type === "connecting" || state.type === "active";
export const contactOf = (state: Live): UserId => state.type === "calling" ? state.contact : state.peer.user;

/** When `Tick` next has something to do; `null` where nothing is due. */
export function callDeadlineMs(state: CallState): number | null {
  switch (state.type) {
    case "calling":
    case "incoming":
      return state.startedAtMs + VOICE.ringTimeoutMs;
    case "connecting":
      return Math.min(state.sinceMs + VOICE.connectTimeoutMs, keyDeadlineMs(state.keys) ?? Infinity);
    case "active":
      return keyDeadlineMs(state.keys);
    default:
      return null;
  }
}

/** How many hold our sending key, while there is one. */
export const callCoverage = (state: CallState): { readonly holding: number; readonly total: number } =>
  isMedia(state) ? keyCoverage(state.keys) : { holding: 0, total: 0 };
