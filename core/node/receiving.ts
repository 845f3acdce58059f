/** From an envelope on a link to what it says. Nothing changes before the session has authenticated it. */
import { type Reason, refuse } from "../errors.ts";
import { CONTACT } from "../limits.ts";
import { accept, open } from "../session/session.ts";
import { SECURECOMM_SUITE } from "../session/suite.ts";
import { type Content, contentCodec } from "../wire/content.ts";
import { decodeEnvelope, type Envelope } from "../wire/envelope.ts";
import { receiveCall } from "./calling.ts";
import { cleanName, greetingOf, newContact, receivedAfter, withAdvanced, withTheirSession } from "./contacts.ts";
import { flush, receiveReceipt, receiveText } from "./delivery.ts";
import { considerUpgrade } from "./discovery.ts";
import { closeLink, sendFrame } from "./links.ts";
import { mayRenew, noteUnopened } from "./renewing.ts";
import { sendContent } from "./sealing.ts";
import type { Contact, Link } from "./state.ts";
import type { Turn } from "./turn.ts";

export function receiveEnvelope(turn: Turn, link: Link, body: Uint8Array): void {
  if (link.phase.t !== "proven") return;
  const envelope = decodeEnvelope(body);
  if (!envelope.ok) {
    turn.refuse(envelope.reason);
    return closeLink(turn, link.id, "link.violation");
  }
  const contact = turn.contact(link.phase.user);
  const session = contact?.sessions.find(({ id }) => id === envelope.value.session);
  if (contact === undefined || session === undefined) return receiveFirst(turn, link, contact, envelope.value, body);
  const opened = open(session, body);
  if (!opened.ok) return refused(turn, link, contact, opened.reason);
  turn.setContact(withAdvanced(contact, opened.value.session));
  receiveContent(turn, link, opened.value.plaintext, false);
}

/**
 * What does not open costs up to 2,000 steps of a chain, and an honest device sends it only when one of us has lost its
 * state: so it is asked for a new session, and cut off when it goes on.
 */
function refused(turn: Turn, link: Link, contact: Contact, reason: Reason): void {
  if (reason === "ratchet.replayed") return turn.refuse(reason);
  const isRepeated = turn.nowMs < contact.renewalAskedAtMs + CONTACT.renewEveryMs;
  if (reason === "ratchet.not-authentic" && isRepeated) return closeLink(turn, link.id, reason);
  turn.refuse(reason);
  noteUnopened(turn, link, contact.id);
}

/** A contact's first envelope on a link of contacts: it begins anew, by a bundle that we handed it. */
function receiveRenewed(turn: Turn, link: Link, contact: Contact, envelope: Envelope, body: Uint8Array): void {
  const { self } = turn.state;
  if (link.phase.t !== "proven" || self === null) return;
  const accepted = envelope.kind === "first" && mayRenew(contact)
    ? accept(SECURECOMM_SUITE, self.identity.device, self.prekeys, body, turn.env)
    : refuse("session.unknown");
  if (!accepted.ok) {
    turn.refuse(accepted.reason);
    return noteUnopened(turn, link, contact.id);
  }
  const { session, prekeys, plaintext, peer, exported } = accepted.value;
  if (peer.user !== contact.id || peer.device !== link.phase.device) return turn.refuse("identity.wrong-user");
  turn.state = { ...turn.state, self: { ...self, prekeys } };
  turn.setContact(withTheirSession(contact, session, exported));
  receiveContent(turn, link, plaintext, true);
}

/** A session that we do not have: it may begin on an invite of ours, by the one whose device is proven on this link. */
function receiveFirst(turn: Turn, link: Link, known: Contact | undefined, envelope: Envelope, body: Uint8Array): void {
  const { self } = turn.state;
  if (link.phase.t !== "proven" || self === null) return;
  const { purpose, user, device } = link.phase;
  if (purpose.t !== "host" || envelope.kind !== "first") {
    return known === undefined ? turn.refuse("session.unknown") : receiveRenewed(turn, link, known, envelope, body);
  }
  const invite = turn.state.invites.get(purpose.invite);
  const mayRedeem = invite?.fate.t === "open" ? turn.nowMs < invite.expiresAtMs : isUsedBy(invite, user);
  if (invite === undefined || !mayRedeem) {
    // Somebody else was faster between our bundle and this answer to it.
    turn.refuse("invite.used");
    sendFrame(turn, link.id, { t: "refused", reason: "used" });
    return closeLink(turn, link.id, "done");
  }
  if (known === undefined && turn.state.contacts.size >= CONTACT.maxCount) return turn.refuse("contact.too-many");
  const accepted = accept(SECURECOMM_SUITE, self.identity.device, self.prekeys, body, turn.env);
  if (!accepted.ok) return turn.refuse(accepted.reason);
  const { session, prekeys, plaintext, peer, exported } = accepted.value;
  if (peer.user !== user || peer.device !== device) return turn.refuse("identity.wrong-user");
  turn.state = { ...turn.state, self: { ...self, prekeys } };
  turn.setInvite({ ...invite, fate: { t: "used", by: user } });
  const standing = { t: "established", device } as const;
  const contact = known ?? newContact(user, user.slice(0, 8), standing, turn.nowMs);
  turn.setContact(withTheirSession({ ...contact, standing }, session, exported));
  receiveContent(turn, link, plaintext, true);
}

const isUsedBy = (invite: { readonly fate: { readonly t: string; readonly by?: string } } | undefined, user: string) =>
  invite?.fate.t === "used" && invite.fate.by === user;

function receiveContent(turn: Turn, link: Link, plaintext: Uint8Array, begins: boolean): void {
  if (link.phase.t !== "proven") return;
  const contact = turn.contact(link.phase.user)!;
  const content = contentCodec.decode(plaintext);
  if (!content.ok) return turn.refuse(content.reason);
  applyContent(turn, contact, link, content.value, begins);
}

function applyContent(turn: Turn, contact: Contact, link: Link, content: Content, begins: boolean): void {
  switch (content.t) {
    case "introduce":
    case "welcome": {
      const name = cleanName(content.name) ?? contact.name;
      const isNew = begins || (content.t === "welcome" && contact.standing.t === "invited");
      const received = receivedAfter(contact.progress.received, content, isNew);
      const greeted = { ...contact, name, progress: { ...contact.progress, received } };
      turn.setContact(establish(greeted, link));
      if (content.t === "introduce") {
        const greeting = greetingOf(turn.state.self!.name, turn.contact(contact.id));
        sendContent(turn, contact.id, link.id, { t: "welcome", ...greeting });
      }
      considerUpgrade(turn, contact.id);
      return flush(turn, contact.id);
    }
    case "text":
      return receiveText(turn, contact, link, content);
    case "receipt":
      return receiveReceipt(turn, contact, content);
    case "call":
      return receiveCall(turn, contact, link, content.control);
  }
}

/** The inviter has accepted us: it greets us as a contact. */
function establish(contact: Contact, link: Link): Contact {
  const { standing } = contact;
  if (standing.t !== "invited" || !standing.begun || link.phase.t !== "proven") return contact;
  return { ...contact, standing: { t: "established", device: link.phase.device } };
}
