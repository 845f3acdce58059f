/** What a screen needs to know, and nothing that it could get wrong: plain data, no keys, no bytes. */
import type { Reason } from "../errors.ts";
import type { CallId, InviteId, MessageId, UserId } from "../ids.ts";

export type { SafetyComparison } from "../identity/safetyNumber.ts";

export interface NodeView {
  /** `null` before the person has made an identity. */
  readonly me: { readonly id: UserId; readonly name: string } | null;
  readonly rendezvous: "connecting" | "online" | "offline";
  /**
   * Whether the rendezvous keeps mail for us while we are away: `none` where it does not offer to, `needs-code` where its
   * operator asks for a join code that we do not have, `refused` where it has no room for us.
   */
  readonly mailbox: "none" | "connecting" | "ready" | "needs-code" | "refused";
  /** Latest activity first. */
  readonly contacts: readonly ContactView[];
  readonly invites: readonly InviteView[];
  readonly call: CallView | null;
}

export interface ContactView {
  readonly id: UserId;
  readonly name: string;
  readonly connection: "direct" | "relayed" | "connecting" | "offline";
  /**
   * `invited`: we accepted their invite and wait for their device. `refused`: it answered that the invite is no longer
   * good, for the reason given.
   */
  readonly standing: "established" | "invited" | "refused";
  readonly refusal: Reason | null;
  /** When the person marked the safety number as verified; `null` while they have not. */
  readonly verified: { readonly atMs: number } | null;
  readonly lastText: string | null;
  readonly lastAtMs: number;
  readonly unreadCount: number;
}

/**
 * `sending`: on its way to the other's device; `waiting`: until that comes; `sent`: a server keeps it for them;
 * `delivered`: that device has it.
 */
export type Delivery = "sending" | "waiting" | "sent" | "delivered";

export interface MessageView {
  readonly id: MessageId;
  readonly own: boolean;
  readonly authorName: string;
  readonly text: string;
  /** By the author's clock. */
  readonly sentAtMs: number;
  /** `null` on messages of others. */
  readonly delivery: Delivery | null;
}

export interface ConversationView {
  readonly contact: UserId;
  /** Oldest first. */
  readonly messages: readonly MessageView[];
  /** Whether the store holds messages before the first one here. */
  readonly hasEarlier: boolean;
  /** Messages that could not be opened and were asked for again, and have not come since. */
  readonly unopened: number;
}

export interface SafetyNumberView {
  /** 60 digits, the same on both devices. */
  readonly digits: string;
  /** What the QR image holds: this device's side of it, for the other to scan. */
  readonly code: string;
}

export interface InviteView {
  readonly id: InviteId;
  /** What stands behind `#` in the link. */
  readonly token: string;
  readonly expiresAtMs: number;
  readonly state: "open" | "used" | "expired" | "revoked";
}

export interface CallView {
  readonly id: CallId;
  readonly contact: UserId;
  readonly name: string;
  readonly state: "calling" | "incoming" | "connecting" | "active" | "ended";
  /** Why it ended, where it did. */
  readonly outcome: "left" | "declined" | "unanswered" | "busy" | "unreachable" | "failed" | null;
  readonly startedAtMs: number;
  readonly route: "direct" | "relayed" | null;
  /** How many of the people in the call hold our current sending key. */
  readonly keyCoverage: { readonly holding: number; readonly total: number };
  /** A short code that both sides compare aloud; `null` until the keys are agreed. */
  readonly code: string | null;
}
