/** Contacts: how one begins, what a name may be, and how the two of us count each other's messages. */
import { hmacSha256 } from "../crypto/kdf.ts";
import { LABELS } from "../crypto/labels.ts";
import type { SessionId, UserId } from "../ids.ts";
import { CONTACT, MESSAGE, NAME } from "../limits.ts";
import { NOTHING_RECEIVED, type Received } from "../message/received.ts";
import type { AuthorRank } from "../message/timeline.ts";
import type { Session } from "../session/session.ts";
import type { Content, Greeting } from "../wire/content.ts";
import { type ContactMail, NO_MAIL } from "../wire/nodeRecords.ts";
import { utf8 } from "../wire/text.ts";
import type { Contact, NodeState, Standing } from "./state.ts";

/** What a contact has besides its records, when a run begins. */
export const FRESH_RUN = {
  unopenedCount: 0,
  renewalAskedAtMs: -Infinity,
  renewedAtMs: -Infinity,
} as const;

export const newContact = (id: UserId, name: string, standing: Standing, nowMs: number): Contact => ({
  id,
  name,
  addedAtMs: nowMs,
  standing,
  verified: null,
  mail: NO_MAIL,
  theirSinceMs: null,
  progress: {
    nextSeq: 1,
    lamport: 0,
    received: NOTHING_RECEIVED,
    unreadCount: 0,
    lastText: null,
    lastAtMs: nowMs,
  },
  sessions: [],
  topicSecrets: [],
  pending: [],
  window: [],
  hasEarlier: false,
  ...FRESH_RUN,
});

const CONTROL = /\p{Cc}|\p{Cf}/gu;

/** The name as it is kept: without control and direction characters, trimmed; `null` when nothing is left or too much. */
export function cleanName(name: string): string | null {
  const clean = name.toWellFormed().normalize("NFC").replace(CONTROL, "").trim().replace(/\s+/g, " ");
  return clean.length === 0 || utf8(clean).length > NAME.maxBytes ? null : clean;
}

/**
 * The session to seal with comes first; a few older ones stay, since the other side may still seal with them.
 * `exported` is the secret that both sides took from its handshake.
 */
export function withSession(contact: Contact, session: Session, exported: Uint8Array): Contact {
  const topicSecret = hmacSha256(exported, utf8(LABELS.contactSecret));
  return {
    ...contact,
    sessions: [session, ...contact.sessions].slice(0, CONTACT.maxSessions),
    topicSecrets: [topicSecret, ...contact.topicSecrets].slice(0, CONTACT.maxSessions),
    // Whoever begins anew may have lost what we told them.
    mail: { ...contact.mail, ours: contact.mail.ours && { ...contact.mail.ours, isTold: false } },
  };
}

/**
 * The same for a session that the other side began. When we began one at the same moment, the one with the smaller id is
 * sealed with on both sides.
 */
export function withTheirSession(contact: Contact, session: Session, exported: Uint8Array): Contact {
  const added = withSession(contact, session, exported);
  const [theirs, ours, ...older] = added.sessions;
  // They may have answered in ours already: then their own was on its way before.
  const beganLately = session.createdAtMs < contact.renewedAtMs + CONTACT.renewEveryMs;
  const isGlare = theirs !== undefined && ours !== undefined && (ours.opening !== null || beganLately) &&
    ours.id < theirs.id;
  return isGlare ? { ...added, sessions: [ours, theirs, ...older] } : added;
}

/** `session` in the place of the one with its id. */
export const withAdvanced = (contact: Contact, session: Session): Contact => ({
  ...contact,
  sessions: contact.sessions.map((other) => (other.id === session.id ? session : other)),
});

export const withMail = (contact: Contact, change: Partial<ContactMail>): Contact => ({
  ...contact,
  mail: { ...contact.mail, ...change },
});

/** Both sides put the same author first. */
export function ranks(state: NodeState, contact: UserId): { readonly own: AuthorRank; readonly theirs: AuthorRank } {
  const own: AuthorRank = state.self !== null && state.self.identity.device.user < contact ? 0 : 1;
  return { own, theirs: own === 0 ? 1 : 0 };
}

/** What we tell them of what has come; the rest of a long list follows as gaps close. */
export const receiptOf = ({ upTo, also }: Received): Extract<Content, { readonly t: "receipt" }> => ({
  t: "receipt",
  upTo,
  also: also.slice(0, MESSAGE.maxReceiptExtras),
});

/** What we tell the other side of our numbering when we meet. */
export function greetingOf(name: string, contact: Contact | undefined): Greeting {
  const next = contact?.progress.nextSeq ?? 1;
  return { name, from: contact?.pending[0]?.content.seq ?? next, next };
}

/** The same once they are known to hear of it in any order: since when we count is said with each greeting. */
export function numberingOf(contact: Contact): Content {
  const { from, next } = greetingOf("", contact);
  return { t: "numbering", sinceMs: contact.addedAtMs, from, next };
}

/**
 * Their texts are counted as they say. Where they have begun anew, what older sessions still bring was counted otherwise.
 */
export function withNumbering(
  contact: Contact,
  { sinceMs, from, next }: Extract<Content, { readonly t: "numbering" }>,
  session: SessionId,
): Contact {
  const { progress, theirSinceMs } = contact;
  const isAnew = theirSinceMs !== null && theirSinceMs !== sinceMs;
  const received = isAnew
    ? { upTo: from - 1, also: [] }
    : receivedAfter(progress.received, { name: "", from, next }, false);
  const sessions = isAnew ? contact.sessions.filter(({ id }) => id === session) : contact.sessions;
  return { ...contact, theirSinceMs: sinceMs, sessions, progress: { ...progress, received } };
}

/**
 * Where to count their messages from after a greeting. Numbers below `from` will never come. In the greeting that begins
 * a session a `next` that we are past means that they have begun anew; in a later one, that it was overtaken.
 */
export function receivedAfter(received: Received, { from, next }: Greeting, begins: boolean): Received {
  const restarted = begins && next <= received.upTo;
  if (!restarted && from <= received.upTo + 1) return received;
  const also = restarted ? [] : received.also.filter((seq) => seq >= from);
  let upTo = from - 1;
  while (also[0] === upTo + 1) upTo = also.shift()!;
  return { upTo, also };
}
