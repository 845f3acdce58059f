/** From a name under a topic to a link: who dials whom, when, over which route, and what follows when it fails. */
import type { PeerId, Topic, UserId } from "../ids.ts";
import { RECONNECT } from "../limits.ts";
import { dialFailed, dialing, found, linked, linkLost, type Peer } from "../net/peer.ts";
import { upgradeDone, upgradeDue, upgradeFailed, upgradeLost } from "../net/upgrade.ts";
import type { LinkRoute } from "./event.ts";
import type { Link } from "./state.ts";
import type { Turn } from "./turn.ts";

export function peerFound(turn: Turn, topic: Topic, peer: PeerId): void {
  const { self, peers, directory } = turn.network;
  const known = directory.purposes.get(topic);
  if (self === null || peer === self || known === undefined || known.purpose.t === "host") return;
  const before = peers.get(peer);
  // The newer topic is good for longer: topics turn over while a peer is waited for.
  if (before !== undefined) return before.topic === topic ? undefined : turn.setPeer(peer, { ...before, topic });
  if (peers.size >= RECONNECT.maxPeers) return turn.refuse("link.flood");
  if (linksOfPeer(turn, peer).length > 0) return turn.setPeer(peer, linked(topic, 0));
  turn.setPeer(peer, found(topic, self, peer, known.purpose.t === "visit", turn.nowMs));
}

/** Who is not registered any more is not dialed any more; a link that stands is another matter. */
export function peerLeft(turn: Turn, topic: Topic, peer: PeerId): void {
  const known = turn.network.peers.get(peer);
  if (known?.t === "found" && known.topic === topic) turn.setPeer(peer, null);
}

/** Dials every peer whose time has come. */
export function dialDue(turn: Turn): void {
  for (const [peer, state] of turn.network.peers) {
    if (state.t !== "found" || state.dialAtMs > turn.nowMs) continue;
    if (!turn.network.directory.purposes.has(state.topic)) {
      turn.setPeer(peer, null);
    } else if (turn.network.rendezvous === "online") {
      turn.setPeer(peer, dialing(state));
      turn.emit({ type: "OpenLink", peer, route: "relayed" });
    }
  }
  for (const [peer, upgrade] of turn.network.upgrades) {
    if (upgrade.t !== "due" || upgrade.atMs > turn.nowMs) continue;
    if (!mayConnectDirectly(turn, peer)) {
      turn.setUpgrade(peer, null);
      continue;
    }
    turn.setUpgrade(peer, { t: "dialing", attempt: upgrade.attempt });
    turn.emit({ type: "OpenLink", peer, route: "direct" });
  }
}

export function linkFailed(turn: Turn, peer: PeerId, route: LinkRoute): void {
  if (route === "relayed") {
    const state = turn.network.peers.get(peer);
    if (state?.t === "dialing") turn.setPeer(peer, dialFailed(state, turn.nowMs, turn.random()));
    return;
  }
  const upgrade = turn.network.upgrades.get(peer);
  if (upgrade?.t === "dialing") turn.setUpgrade(peer, upgradeFailed(upgrade, turn.nowMs, turn.random()));
}

/** A proven contact on a relayed link that we opened: try for a direct one. */
export function considerUpgrade(turn: Turn, user: UserId): void {
  if (turn.contact(user)?.standing.t !== "established") return;
  for (const link of turn.network.links.values()) {
    if (link.phase.t !== "proven" || link.phase.user !== user || link.role !== "initiator") continue;
    if (link.route === "direct") turn.setUpgrade(link.peer, upgradeDone(turn.network.upgrades.get(link.peer)));
    else if (!turn.network.upgrades.has(link.peer)) turn.setUpgrade(link.peer, upgradeDue(turn.nowMs));
  }
}

/** The peer is reached, by whichever side dialed: it is not dialed a second time. */
export function notePeerLinked(turn: Turn, peer: PeerId): void {
  const known = turn.network.peers.get(peer);
  if (known !== undefined && known.t !== "linked") turn.setPeer(peer, linked(known.topic, known.attempt));
}

/** After the last link to a peer is gone it is dialed again, for as long as a topic of its person is ours. */
export function notePeerLost(turn: Turn, link: Link): void {
  const livedMs = turn.nowMs - link.openedAtMs;
  if (linksOfPeer(turn, link.peer).length > 0) {
    if (link.route === "direct" && link.role === "initiator") {
      const upgrade = turn.network.upgrades.get(link.peer);
      turn.setUpgrade(link.peer, upgradeLost(upgrade, livedMs, turn.nowMs, turn.random()));
    }
    if (link.phase.t === "proven") considerUpgrade(turn, link.phase.user);
    return;
  }
  turn.setUpgrade(link.peer, null);
  const known = turn.network.peers.get(link.peer);
  if (known === undefined) return;
  if (link.phase.t === "proving") return noteUnproven(turn, link, known);
  const topic = topicOf(turn, link.phase.user);
  turn.setPeer(link.peer, topic === null ? null : linkLost(topic, known.attempt, livedMs, turn.nowMs, turn.random()));
}

/** A link that ended before its proof was no better than a dial that failed; a dial that is due anyway stays due. */
function noteUnproven(turn: Turn, { peer }: Link, known: Peer): void {
  if (known.t !== "found") turn.setPeer(peer, dialFailed(known, turn.nowMs, turn.random()));
}

/** A topic under which we meet this person now: as a contact where they are one, else as their visitor. */
export function topicOf(turn: Turn, user: UserId): Topic | null {
  let visiting: Topic | null = null;
  for (const [topic, { purpose }] of turn.network.directory.purposes) {
    if (purpose.t === "host" || purpose.user !== user) continue;
    if (purpose.t === "contact") return topic;
    visiting = topic;
  }
  return visiting;
}

/** A proven device of an established contact, and nobody else, may learn our addresses. */
export const mayConnectDirectly = (turn: Turn, peer: PeerId): boolean =>
  linksOfPeer(turn, peer).some(({ phase }) =>
    phase.t === "proven" && turn.contact(phase.user)?.standing.t === "established"
  );

export const linksOfPeer = (turn: Turn, peer: PeerId): readonly Link[] =>
  [...turn.network.links.values()].filter((link) => link.peer === peer);
