/** From an envelope to what it says. Nothing changes before the session has authenticated it. */
import { type Reason, refuse } from "../errors.ts";
import type { SessionId } from "../ids.ts";
import { CONTACT } from "../limits.ts";
import { accept, open } from "../session/session.ts";
import { SECURECOMM_SUITE } from "../session/suite.ts";
import { type Content, contentCodec } from "../wire/content.ts";
import { decodeEnvelope, type Envelope } from "../wire/envelope.ts";
import { sameBytes } from "../wire/bytes.ts";
import { decodeMailAddress, encodeMailAddress } from "../wire/mailAddress.ts";
import { receiveCall } from "./calling.ts";
import {
  cleanName,
  greetingOf,
  newContact,
  receivedAfter,
  withAdvanced,
  withMail,
  withNumbering,
  withTheirSession,
} from "./contacts.ts";
import { flush, receiveReceipt, receiveText } from "./delivery.ts";
import { considerUpgrade } from "./discovery.ts";
import { forgetFailures } from "./leavingMail.ts";
import { closeLink, sendFrame } from "./links.ts";
import { tendMailbox } from "./mailbox.ts";
import { renewGrant } from "./mailKeys.ts";
import { withNothingSent } from "./outbox.ts";
import { introduceFully } from "./owed.ts";
import { mayRenew, noteUnopened } from "./renewing.ts";
import { sendContent } from "./sealing.ts";
import type { Source } from "./source.ts";
import type { Contact, Link } from "./state.ts";
import type { Turn } from "./turn.ts";

export function receiveEnvelope(turn: Turn, link: Link, body: Uint8Array): void {
  if (link.phase.t !== "proven") return;
  const { user, device, purpose } = link.phase;
  receiveSealed(turn, { user, device, invite: purpose.t === "host" ? purpose.invite : null, link }, body);
}

export function receiveSealed(turn: Turn, source: Source, body: Uint8Array): void {
  const envelope = decodeEnvelope(body);
  if (!envelope.ok) {
    turn.refuse(envelope.reason);
    return source.link === null ? undefined : closeLink(turn, source.link.id, "link.violation");
  }
  const contact = turn.contact(source.user);
  const session = contact?.sessions.find(({ id }) => id === envelope.value.session);
  if (contact === undefined || session === undefined) return receiveFirst(turn, source, contact, envelope.value, body);
  if (source.link === null && session.device !== source.device) return turn.refuse("identity.wrong-device");
  const opened = open(session, body);
  if (!opened.ok) return refused(turn, source, contact, opened.reason);
  turn.setContact(withAdvanced(contact, opened.value.session));
  receiveContent(turn, source, session.id, opened.value.plaintext, false);
}

/**
 * What does not open costs up to 2,000 steps of a chain, and an honest device sends it only when one of us has lost its
 * state: so it is asked for a new session, and cut off when it goes on.
 */
function refused(turn: Turn, source: Source, contact: Contact, reason: Reason): void {
  if (reason === "ratchet.replayed" || isClaim(turn, source)) return turn.refuse(reason);
  const isRepeated = turn.nowMs < contact.renewalAskedAtMs + CONTACT.renewEveryMs;
  if (source.link !== null && reason === "ratchet.not-authentic" && isRepeated) {
    return closeLink(turn, source.link.id, reason);
  }
  turn.refuse(reason);
  noteUnopened(turn, source, contact.id);
}

/** By the key of an open invite anybody may claim to be anybody: what does not open then changes nothing. */
const isClaim = ({ state }: Turn, { link, invite, user }: Source): boolean =>
  link === null && invite !== null && !isUsedBy(state.invites.get(invite), user);

/** A contact's first envelope of a session: it begins anew, by a bundle that we handed it or left with our server. */
function receiveRenewed(turn: Turn, source: Source, contact: Contact, envelope: Envelope, body: Uint8Array): void {
  const { self } = turn.state;
  if (self === null) return;
  const accepted = envelope.kind === "first" && mayRenew(contact)
    ? accept(SECURECOMM_SUITE, self.identity.device, self.prekeys, body, turn.env)
    : refuse("session.unknown");
  if (!accepted.ok) {
    turn.refuse(accepted.reason);
    return isClaim(turn, source) ? undefined : noteUnopened(turn, source, contact.id);
  }
  const { session, prekeys, plaintext, peer, exported } = accepted.value;
  if (peer.user !== contact.id || peer.device !== source.device) return turn.refuse("identity.wrong-user");
  turn.state = { ...turn.state, self: { ...self, prekeys } };
  const renewed = withMail(withTheirSession(contact, session, exported), { needsSession: false });
  // Over a link they asked for the session and we send again; by mail they began it, because ours did not open.
  turn.setContact(source.link === null ? withNothingSent(turn, renewed) : renewed);
  if (source.link === null) renewGrant(turn, contact.id);
  receiveContent(turn, source, session.id, plaintext, true);
}

/** A session that we do not have: it may begin on an invite of ours. */
function receiveFirst(
  turn: Turn,
  source: Source,
  known: Contact | undefined,
  envelope: Envelope,
  body: Uint8Array,
): void {
  const { self } = turn.state;
  if (self === null) return;
  const { user, device, link } = source;
  if (source.invite === null || envelope.kind !== "first") {
    return known === undefined ? turn.refuse("session.unknown") : receiveRenewed(turn, source, known, envelope, body);
  }
  const invite = turn.state.invites.get(source.invite);
  const mayRedeem = invite?.fate.t === "open" ? turn.nowMs < invite.expiresAtMs : isUsedBy(invite, user);
  if (invite === undefined || !mayRedeem) {
    // Somebody else was faster between our bundle and this answer to it.
    turn.refuse("invite.used");
    if (link === null) return;
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
  // Who comes by its invite again has lost the session, and with it what we said since.
  turn.setContact(withTheirSession(withNothingSent(turn, { ...contact, standing }), session, exported));
  receiveContent(turn, source, session.id, plaintext, true);
}

const isUsedBy = (invite: { readonly fate: { readonly t: string; readonly by?: string } } | undefined, user: string) =>
  invite?.fate.t === "used" && invite.fate.by === user;

function receiveContent(
  turn: Turn,
  source: Source,
  session: SessionId,
  plaintext: Uint8Array,
  begins: boolean,
): void {
  const contact = turn.contact(source.user)!;
  const content = contentCodec.decode(plaintext);
  if (!content.ok) return turn.refuse(content.reason);
  applyContent(turn, contact, source, session, content.value, begins);
}

function applyContent(
  turn: Turn,
  contact: Contact,
  source: Source,
  session: SessionId,
  content: Content,
  begins: boolean,
): void {
  switch (content.t) {
    case "introduce":
    case "welcome": {
      const name = cleanName(content.name) ?? contact.name;
      // Whoever says since when it counts is taken at that word: a greeting in mail may be old.
      const isNew = contact.theirSinceMs === null &&
        (begins || (content.t === "welcome" && contact.standing.t === "invited"));
      const received = receivedAfter(contact.progress.received, content, isNew);
      const greeted = { ...contact, name, progress: { ...contact.progress, received } };
      turn.setContact(establish(greeted, source));
      if (content.t === "introduce") welcome(turn, contact, source);
      if (source.link !== null) introduceFully(turn, source.link, contact.id);
      // A contact that is new is given its key for our mailbox while it is here.
      tendMailbox(turn);
      considerUpgrade(turn, contact.id);
      return flush(turn, contact.id);
    }
    case "numbering":
      return turn.setContact(withNumbering(contact, content, session));
    case "text":
      return receiveText(turn, contact, source.link, content);
    case "receipt":
      return receiveReceipt(turn, contact, content);
    case "address":
      return receiveAddress(turn, contact, content.address);
    case "call":
      // A call that rang while we were away is over.
      return source.link === null ? undefined : receiveCall(turn, contact, source.link, content.control);
  }
}

function welcome(turn: Turn, { id }: Contact, { link }: Source): void {
  const contact = turn.contact(id)!;
  if (link === null) return turn.setContact(withMail(contact, { owesGreeting: "welcome" }));
  sendContent(turn, id, link.id, { t: "welcome", ...greetingOf(turn.state.self!.name, contact) });
}

/** The inviter has accepted us: it greets us as a contact. */
function establish(contact: Contact, { device }: Source): Contact {
  const { standing } = contact;
  if (standing.t !== "invited" || !standing.begun) return contact;
  return withMail({ ...contact, standing: { t: "established", device } }, { owesGreeting: "none" });
}

/** Where they are left mail from now on. */
function receiveAddress(turn: Turn, contact: Contact, encoded: Uint8Array): void {
  const theirs = decodeMailAddress(encoded);
  if (!theirs.ok) return turn.refuse(theirs.reason);
  const known = contact.mail.theirs;
  if (known !== null && sameBytes(encodeMailAddress(known), encoded)) return;
  turn.setContact(withMail(contact, { theirs: theirs.value, isByInvite: false }));
  forgetFailures(turn, contact.id);
}
