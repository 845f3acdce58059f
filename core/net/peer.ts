/**
 * One peer that discovery named under a topic of ours, until a link to it stands. Each state carries only its own data;
 * the functions say what comes next and never when to call them.
 */
import type { PeerId, Topic } from "../ids.ts";
import { RECONNECT } from "../limits.ts";
import { backoffMs } from "./backoff.ts";

export type Peer =
  /** A dial is due at `dialAtMs`. */
  | { readonly t: "found"; readonly topic: Topic; readonly attempt: number; readonly dialAtMs: number }
  | { readonly t: "dialing"; readonly topic: Topic; readonly attempt: number }
  /** A link stands; `attempt` is how many tries it took, and how many short-lived links before it. */
  | { readonly t: "linked"; readonly topic: Topic; readonly attempt: number };

/**
 * Both sides find each other at about the same time: the one with the smaller PeerId dials, the other gives it
 * `RECONNECT.politeDelayMs` before it tries by itself. A side that only visits always dials at once.
 */
export function found(topic: Topic, self: PeerId, other: PeerId, visiting: boolean, nowMs: number): Peer {
  const polite = !visiting && self > other;
  return { t: "found", topic, attempt: 0, dialAtMs: nowMs + (polite ? RECONNECT.politeDelayMs : 0) };
}

export const dialing = (peer: Extract<Peer, { t: "found" }>): Peer => ({
  t: "dialing",
  topic: peer.topic,
  attempt: peer.attempt,
});

/** The next try, or `null` when this PeerId has failed so often that it must be found anew. */
export function dialFailed(peer: Exclude<Peer, { t: "found" }>, nowMs: number, random: number): Peer | null {
  if (peer.attempt + 1 >= RECONNECT.maxAttempts) return null;
  return {
    t: "found",
    topic: peer.topic,
    attempt: peer.attempt + 1,
    dialAtMs: nowMs + backoffMs(peer.attempt, random),
  };
}

export const linked = (topic: Topic, attempt: number): Peer => ({ t: "linked", topic, attempt });

/** Links that end soon after they opened wait longer and longer, so that two who refuse each other do not spin. */
export function linkLost(topic: Topic, attempt: number, livedMs: number, nowMs: number, random: number): Peer {
  const next = livedMs >= RECONNECT.stableAfterMs ? 0 : attempt + 1;
  return {
    t: "found",
    topic,
    attempt: Math.min(next, RECONNECT.maxAttempts - 2),
    dialAtMs: nowMs + backoffMs(next, random),
  };
}
