/**
 * Sessions that no longer serve: one side lost its state, or the session is of an older version. Whoever notices hands the
 * other a prekey bundle over their proven link; the other begins a new session, and what had no receipt is sent again.
 * Nobody can be kept from talking by a session that is broken. SPEC section 8.
 */
import { verifyBundle } from "../identity/bundle.ts";
import { takeBundle } from "../identity/prekeys.ts";
import type { UserId } from "../ids.ts";
import { CONTACT } from "../limits.ts";
import { initiate, isCurrent } from "../session/session.ts";
import { SECURECOMM_SUITE } from "../session/suite.ts";
import { bundleCodec } from "../wire/bundle.ts";
import { contentCodec } from "../wire/content.ts";
import { greetingOf, withMail, withSession } from "./contacts.ts";
import { flush } from "./delivery.ts";
import { closeLink, provenLinks, sendFrame } from "./links.ts";
import { withNothingSent } from "./outbox.ts";
import type { Source } from "./source.ts";
import type { Contact, Link } from "./state.ts";
import type { Turn } from "./turn.ts";

/**
 * An envelope could not be opened: count it for the person, and ask for a new session, but not at every envelope. Of mail
 * nobody is there to be asked: then we begin one, by a bundle that their server hands out.
 */
export function noteUnopened(turn: Turn, { link }: Pick<Source, "link">, user: UserId): void {
  const contact = turn.contact(user);
  if (contact === undefined || !mayRenew(contact)) return;
  turn.setContact({ ...contact, unopenedCount: contact.unopenedCount + 1 });
  if (link !== null) askRenewal(turn, link, user);
  else if (turn.nowMs >= contact.renewalAskedAtMs + CONTACT.renewEveryMs) {
    turn.setContact({ ...withMail(turn.contact(user)!, { needsSession: true }), renewalAskedAtMs: turn.nowMs });
  }
}

/**
 * On a link that has just been proven: without a session we could say nothing; an old one still serves, but the two of us
 * could have a better one. Then the responder asks, so that one side does.
 */
export function considerRenewal(turn: Turn, link: Link, user: UserId): void {
  const session = turn.contact(user)?.sessions[0];
  const isOld = session !== undefined && !isCurrent(session, SECURECOMM_SUITE);
  if (session === undefined || (isOld && link.role === "responder")) askRenewal(turn, link, user);
}

/** Without a session the request for one is made again: it, or the answer to it, may have been lost. */
export function tendSession(turn: Turn, user: UserId): void {
  if (turn.contact(user)?.sessions.length !== 0) return;
  const link = provenLinks(turn, user)[0];
  if (link !== undefined) askRenewal(turn, link, user);
}

/** A visitor whose introduction is under way may have lost its session as well. */
export const mayRenew = ({ standing }: Contact): boolean =>
  standing.t === "established" || (standing.t === "invited" && standing.begun);

function askRenewal(turn: Turn, link: Link, user: UserId): void {
  const contact = turn.contact(user);
  const { self } = turn.state;
  if (contact === undefined || !mayRenew(contact) || self === null) return;
  if (turn.nowMs < contact.renewalAskedAtMs + CONTACT.renewEveryMs) return;
  const { prekeys, bundle } = takeBundle(self.prekeys, self.identity.device, turn.env);
  turn.state = { ...turn.state, self: { ...self, prekeys } };
  turn.setContact({ ...contact, renewalAskedAtMs: turn.nowMs });
  sendFrame(turn, link.id, { t: "renew", body: bundleCodec.encode(bundle) });
}

/** The contact asks for a new session: begin it with their bundle, and send again what had no receipt. */
export function receiveRenewal(turn: Turn, link: Link, body: Uint8Array): void {
  const { self } = turn.state;
  if (link.phase.t !== "proven" || self === null) return;
  const contact = turn.contact(link.phase.user);
  if (contact === undefined || !mayRenew(contact)) return closeLink(turn, link.id, "link.violation");
  if (turn.nowMs < contact.renewedAtMs + CONTACT.renewEveryMs) return turn.refuse("session.renewed-lately");
  const decoded = bundleCodec.decode(body);
  if (!decoded.ok) return closeLink(turn, link.id, decoded.reason);
  const bundle = verifyBundle(decoded.value, contact.id, turn.nowMs);
  if (!bundle.ok) return closeLink(turn, link.id, bundle.reason);
  if (bundle.value.peer.device !== link.phase.device) return closeLink(turn, link.id, "identity.wrong-device");
  const content = contentCodec.encode({ t: "introduce", ...greetingOf(self.name, contact) });
  const begun = initiate(SECURECOMM_SUITE, self.identity.device, bundle.value, content, turn.env);
  if (!begun.ok) return closeLink(turn, link.id, begun.reason);
  const { session, envelope, exported } = begun.value;
  const renewed = withSession({ ...contact, renewedAtMs: turn.nowMs }, session, exported);
  turn.setContact(withMail(withNothingSent(turn, renewed), { needsSession: false }));
  sendFrame(turn, link.id, { t: "envelope", body: envelope });
  flush(turn, contact.id);
}
