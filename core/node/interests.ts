/** Which topics a node lives under, and what a first frame under one of them is about. */
import { topicsAt, topicsValidUntilMs } from "../identity/topics.ts";
import { INVITE } from "../limits.ts";
import { mayConnectDirectly } from "./discovery.ts";
import type { TopicInterest } from "./effect.ts";
import type { Directory, NodeState, Purpose } from "./state.ts";
import type { Turn } from "./turn.ts";

interface Interest {
  readonly secret: Uint8Array;
  readonly purpose: Purpose;
  readonly register: boolean;
  readonly discover: boolean;
}

function interestsOf(state: NodeState, nowMs: number): readonly Interest[] {
  const interests: Interest[] = [];
  for (const { id: user, standing, topicSecrets } of state.contacts.values()) {
    if (standing.t === "refused") continue;
    if (standing.t === "invited") {
      const purpose: Purpose = { t: "visit", user };
      interests.push({ secret: standing.inviteSecret, purpose, register: false, discover: true });
    }
    const purpose: Purpose = { t: "contact", user };
    for (const secret of topicSecrets) interests.push({ secret, purpose, register: true, discover: true });
  }
  for (const invite of state.invites.values()) {
    // A used or revoked invite is still answered for a while, so that a visitor learns why and does not wait.
    if (invite.expiresAtMs + INVITE.answerExpiredMs <= nowMs) continue;
    const purpose: Purpose = { t: "host", invite: invite.id };
    interests.push({ secret: invite.secret, purpose, register: true, discover: false });
  }
  return interests;
}

function directoryAt(state: NodeState, nowMs: number): { directory: Directory; topics: readonly TopicInterest[] } {
  const purposes = new Map<TopicInterest["topic"], { secret: Uint8Array; purpose: Purpose }>();
  const topics: TopicInterest[] = [];
  for (const { secret, purpose, register, discover } of interestsOf(state, nowMs)) {
    for (const topic of topicsAt(secret, nowMs)) {
      purposes.set(topic, { secret, purpose });
      topics.push({ topic, register, discover });
    }
  }
  topics.sort((a, b) => (a.topic < b.topic ? -1 : 1));
  return { directory: { purposes, validUntilMs: topicsValidUntilMs(nowMs) }, topics };
}

/** Tells the transport about topics, but only derives them anew when something they are made of has changed. */
export function refreshTopics(turn: Turn, before: NodeState): void {
  const { network } = turn.state;
  const stale = turn.nowMs >= network.directory.validUntilMs;
  const fresh = network.self !== before.network.self;
  if (!stale && !fresh && sameSources(before, turn.state)) return;
  const { directory, topics } = directoryAt(turn.state, turn.nowMs);
  turn.setNetwork({ directory, topics });
  if (network.self !== null && (fresh || !sameTopics(topics, network.topics))) turn.emit({ type: "SetTopics", topics });
}

function sameSources(a: NodeState, b: NodeState): boolean {
  if (a.invites !== b.invites || a.contacts.size !== b.contacts.size) return false;
  if (a.contacts === b.contacts) return true;
  for (const [id, { standing, topicSecrets }] of b.contacts) {
    const known = a.contacts.get(id);
    if (known?.standing !== standing || known.topicSecrets !== topicSecrets) return false;
  }
  return true;
}

const sameTopics = (a: readonly TopicInterest[], b: readonly TopicInterest[]): boolean =>
  a.length === b.length &&
  a.every((one, i) => one.topic === b[i]!.topic && one.register === b[i]!.register && one.discover === b[i]!.discover);

/** Lets exactly those peers exchange addresses with us whose device is proven and whose person is a contact. */
export function refreshAllowed(turn: Turn): void {
  const linked = new Set(Array.from(turn.network.links.values(), ({ peer }) => peer));
  const peers = [...linked].filter((peer) => mayConnectDirectly(turn, peer)).sort();
  const known = turn.network.allowed;
  if (peers.length === known.length && peers.every((peer, i) => peer === known[i])) return;
  turn.setNetwork({ allowed: peers });
  turn.emit({ type: "AllowDirect", peers });
}
