/** Links as things that open, speak, grow old and end. What frames mean is `frames.ts`; what follows an end is `settle.ts`. */
import type { Reason } from "../errors.ts";
import type { LinkId, PeerId, UserId } from "../ids.ts";
import { LINK } from "../limits.ts";
import { fullBucket } from "../net/bucket.ts";
import { type PeerFrame, peerFrameCodec } from "../wire/peerFrame.ts";
import type { LinkRole, LinkRoute } from "./event.ts";
import type { Link, NodeState } from "./state.ts";
import type { Turn } from "./turn.ts";

/** The new link, or `null` when strangers hold too many and it was closed again. */
export function addLink(turn: Turn, id: LinkId, peer: PeerId, role: LinkRole, route: LinkRoute): Link | null {
  // What we dialed ourselves is not theirs to use up: a contact stays reachable whoever knocks.
  const strangers = [...turn.network.links.values()].filter((link) => isStranger(turn.state, link)).length;
  if (role === "responder" && strangers >= LINK.maxUnproven) {
    turn.refuse("link.flood");
    turn.emit({ type: "CloseLink", link: id, reason: "link.flood" });
    return null;
  }
  const nowMs = turn.nowMs;
  const link: Link = {
    id,
    peer,
    role,
    route,
    isThroughTurn: false,
    openedAtMs: nowMs,
    heardAtMs: nowMs,
    spokeAtMs: nowMs,
    bucket: fullBucket(LINK.frameBurst, nowMs),
    retireAtMs: null,
    phase: { t: "proving", proof: null, purpose: null },
  };
  turn.setLink(link);
  return link;
}

export function noteThroughTurn(turn: Turn, id: LinkId): void {
  const link = turn.network.links.get(id);
  if (link !== undefined) turn.setLink({ ...link, isThroughTurn: true });
}

/** Ends a link from our side. A `Reason` is counted; "done" is not a fault. */
export function closeLink(turn: Turn, id: LinkId, reason: Reason | "done"): void {
  if (reason !== "done") turn.refuse(reason);
  turn.emit({ type: "CloseLink", link: id, reason });
  turn.dropLink(id);
}

export function sendFrame(turn: Turn, id: LinkId, frame: PeerFrame): void {
  const link = turn.network.links.get(id);
  if (link === undefined) return;
  turn.setLink({ ...link, spokeAtMs: turn.nowMs });
  turn.emit({ type: "SendFrame", link: id, frame: peerFrameCodec.encode(frame) });
}

/** Best first: direct before relayed, then the newest. Retiring links come last. */
export function provenLinks(turn: Turn, user: UserId): readonly Link[] {
  return [...turn.network.links.values()]
    .filter((link) => link.phase.t === "proven" && link.phase.user === user)
    .sort((a, b) => rank(b) - rank(a) || b.openedAtMs - a.openedAtMs);
}

const rank = (link: Link): number => (link.route === "direct" ? 2 : 0) - (link.retireAtMs === null ? 0 : 1);

/** Time has passed: unproven and silent links end, quiet ones are kept alive, surpassed ones retire. */
export function tendLinks(turn: Turn): void {
  for (const link of turn.network.links.values()) {
    if (link.phase.t === "proving" && turn.nowMs >= link.openedAtMs + LINK.proofTimeoutMs) {
      closeLink(turn, link.id, "link.not-proven");
    } else if (isStalled(turn.state, link) && turn.nowMs >= link.openedAtMs + LINK.greetTimeoutMs) {
      closeLink(turn, link.id, "link.stalled");
    } else if (turn.nowMs >= link.heardAtMs + LINK.idleTimeoutMs) closeLink(turn, link.id, "link.idle");
    else if (link.retireAtMs !== null && turn.nowMs >= link.retireAtMs) closeLink(turn, link.id, "done");
    else if (link.phase.t === "proven" && turn.nowMs >= link.spokeAtMs + LINK.keepAliveMs) {
      sendFrame(turn, link.id, { t: "ping" });
    }
  }
}

/** Whoever holds an invite link can prove any number of devices, so a proof alone makes nobody known. */
const isStranger = (state: NodeState, { role, phase }: Link): boolean =>
  role === "responder" && (phase.t === "proving" || !state.contacts.has(phase.user));

/** Introductions, or the prekeys for them, stay away, ours or theirs: something was lost, so begin again. */
function isStalled(state: NodeState, { phase }: Link): boolean {
  if (phase.t !== "proven") return false;
  const contact = state.contacts.get(phase.user);
  return contact === undefined || contact.standing.t === "invited";
}

export function linkDeadlineMs(state: NodeState, link: Link): number {
  const stalledMs = isStalled(state, link) ? link.openedAtMs + LINK.greetTimeoutMs : Infinity;
  const idleMs = Math.min(stalledMs, link.heardAtMs + LINK.idleTimeoutMs);
  if (link.phase.t === "proving") return Math.min(idleMs, link.openedAtMs + LINK.proofTimeoutMs);
  return Math.min(idleMs, link.spokeAtMs + LINK.keepAliveMs, link.retireAtMs ?? Infinity);
}
