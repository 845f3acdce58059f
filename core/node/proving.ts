/** The device proof on a link, from the first frame to a person: SPEC section 4 by `identity/proof.ts`. */
import { advance, answerHello, helloTopic, startProof } from "../identity/proof.ts";
import type { VerifiedCertificate } from "../identity/certificate.ts";
import type { Topic, UserId } from "../ids.ts";
import { LINK } from "../limits.ts";
import { considerUpgrade, linkFailed, notePeerLinked, topicOf } from "./discovery.ts";
import { greet } from "./inviting.ts";
import { closeLink, provenLinks, sendFrame } from "./links.ts";
import { flush } from "./delivery.ts";
import { introduceFully, payOwed } from "./owed.ts";
import { considerRenewal } from "./renewing.ts";
import type { Link, Purpose } from "./state.ts";
import type { Turn } from "./turn.ts";

export function beginProof(turn: Turn, link: Link): void {
  const topic = topicToProve(turn, link);
  const known = topic === null ? undefined : turn.network.directory.purposes.get(topic);
  const { self } = turn.state;
  const localPeer = turn.network.self;
  if (topic === null || known === undefined || self === null || localPeer === null) {
    closeLink(turn, link.id, "proof.unknown-topic");
    return linkFailed(turn, link.peer, link.route);
  }
  const { device } = self.identity;
  const context = { localPeer, remotePeer: link.peer, topic, secret: known.secret, device };
  const { state, frame } = startProof(context, turn.env);
  turn.setLink({ ...link, phase: { t: "proving", proof: state, purpose: known.purpose } });
  sendFrame(turn, link.id, { t: "proof", body: frame });
}

/** A topic that discovery named the peer under, or one of the person that another link has proven it to be. */
function topicToProve(turn: Turn, link: Link): Topic | null {
  const topic = turn.network.peers.get(link.peer)?.topic;
  if (topic !== undefined && turn.network.directory.purposes.has(topic)) return topic;
  for (const { peer, phase } of turn.network.links.values()) {
    if (peer === link.peer && phase.t === "proven") return topicOf(turn, phase.user);
  }
  return null;
}

export function continueProof(turn: Turn, link: Link, body: Uint8Array): void {
  if (link.phase.t !== "proving") return;
  if (link.phase.proof === null) return answer(turn, link, body);
  const advanced = advance(link.phase.proof, body);
  if (!advanced.ok) return closeLink(turn, link.id, advanced.reason);
  const { state, send, proven } = advanced.value;
  turn.setLink({ ...turn.network.links.get(link.id)!, phase: { ...link.phase, proof: state } });
  if (send !== null) sendFrame(turn, link.id, { t: "proof", body: send });
  if (proven !== null && link.phase.purpose !== null) settleProof(turn, link, link.phase.purpose, proven);
}

function answer(turn: Turn, link: Link, body: Uint8Array): void {
  const { self } = turn.state;
  const localPeer = turn.network.self;
  const topic = helloTopic(body);
  if (!topic.ok) return closeLink(turn, link.id, topic.reason);
  const known = turn.network.directory.purposes.get(topic.value);
  // A visitor only ever dials: nobody has a reason to call on it under the invite's topic.
  if (
    link.role === "initiator" || self === null || localPeer === null || known === undefined ||
    known.purpose.t === "visit"
  ) {
    return closeLink(turn, link.id, "proof.unknown-topic");
  }
  const { device } = self.identity;
  const context = { localPeer, remotePeer: link.peer, topic: topic.value, secret: known.secret, device };
  const answered = answerHello(context, body, turn.env);
  if (!answered.ok) return closeLink(turn, link.id, answered.reason);
  const proving = { t: "proving", proof: answered.value.state, purpose: known.purpose } as const;
  turn.setLink({ ...turn.network.links.get(link.id)!, phase: proving });
  sendFrame(turn, link.id, { t: "proof", body: answered.value.frame });
}

function settleProof(turn: Turn, link: Link, purpose: Purpose, proven: VerifiedCertificate): void {
  const user = proven.user;
  if (user === turn.state.self?.identity.device.user) return closeLink(turn, link.id, "identity.wrong-user");
  if (purpose.t !== "host" && purpose.user !== user) return closeLink(turn, link.id, "identity.wrong-user");
  turn.setLink({ ...turn.network.links.get(link.id)!, phase: { t: "proven", purpose, user, device: proven.device } });
  notePeerLinked(turn, link.peer);
  retireSurpassed(turn, link, user);
  greet(turn, link.id, purpose, user);
  payOwed(turn, user);
  introduceFully(turn, link, user);
  considerUpgrade(turn, user);
  if (turn.network.links.has(link.id)) considerRenewal(turn, link, user);
  flush(turn, user);
}

/** A direct link takes over from relayed ones to the same peer; beyond a few links per person the worst end at once. */
function retireSurpassed(turn: Turn, link: Link, user: UserId): void {
  for (const other of turn.network.links.values()) {
    if (other.id === link.id || other.phase.t !== "proven" || other.retireAtMs !== null) continue;
    const surpassed = other.peer === link.peer && other.route === "relayed" && link.route === "direct";
    if (surpassed) turn.setLink({ ...other, retireAtMs: turn.nowMs + LINK.retireAfterMs });
  }
  for (const surplus of provenLinks(turn, user).slice(LINK.maxPerContact)) closeLink(turn, surplus.id, "done");
}
