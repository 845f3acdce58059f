/** What each frame on a link means, by the phase the link is in: SPEC section 7. */
import type { LinkId, PeerId } from "../ids.ts";
import { LINK } from "../limits.ts";
import { take } from "../net/bucket.ts";
import { type PeerFrame, peerFrameCodec } from "../wire/peerFrame.ts";
import type { LinkRole, LinkRoute } from "./event.ts";
import { addLink, closeLink, sendFrame } from "./links.ts";
import { beginProof, continueProof } from "./proving.ts";
import { receiveBundle, receiveRefusal } from "./inviting.ts";
import { receiveEnvelope } from "./receiving.ts";
import { receiveRenewal } from "./renewing.ts";
import type { Link } from "./state.ts";
import type { Turn } from "./turn.ts";

export function linkOpened(turn: Turn, id: LinkId, peer: PeerId, role: LinkRole, route: LinkRoute): void {
  const link = addLink(turn, id, peer, role, route);
  if (link !== null && role === "initiator") beginProof(turn, link);
}

export function frameReceived(turn: Turn, id: LinkId, bytes: Uint8Array): void {
  const link = turn.network.links.get(id);
  if (link === undefined) return turn.refuse("link.unknown");
  const bucket = take(link.bucket, LINK.framesPerSecond, LINK.frameBurst, turn.nowMs);
  if (bucket === null) return closeLink(turn, id, "link.flood");
  const decoded = peerFrameCodec.decode(bytes);
  if (!decoded.ok) {
    turn.refuse(decoded.reason);
    return closeLink(turn, id, "link.violation");
  }
  const heard: Link = { ...link, bucket, heardAtMs: turn.nowMs };
  turn.setLink(heard);
  dispatch(turn, heard, decoded.value);
}

function dispatch(turn: Turn, link: Link, frame: PeerFrame): void {
  if (frame.t === "proof") {
    if (link.phase.t === "proven") return closeLink(turn, link.id, "proof.out-of-order");
    return continueProof(turn, link, frame.body);
  }
  if (link.phase.t !== "proven") return closeLink(turn, link.id, "link.not-proven");
  switch (frame.t) {
    case "ping":
      return sendFrame(turn, link.id, { t: "pong" });
    case "pong":
      return;
    case "bundle":
      return receiveBundle(turn, link, frame.body);
    case "refused":
      return receiveRefusal(turn, link, frame.reason);
    case "renew":
      return receiveRenewal(turn, link, frame.body);
    case "envelope":
      return receiveEnvelope(turn, link, frame.body);
  }
}
