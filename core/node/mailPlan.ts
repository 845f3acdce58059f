/** Whether and when a contact who is away is left mail. One function for the deed and for the clock. */
import type { UserId } from "../ids.ts";
import { MAILBOX, MESSAGE } from "../limits.ts";
import type { MailAddress } from "../wire/mailAddress.ts";
import type { Contact, NodeState, Pending } from "./state.ts";

/**
 * Where the contact is left mail: at the server that we use ourselves, and at no other. Contacts and links say what they
 * like of servers, and whoever runs one learns the network address of all who call on it.
 */
export function placeFor({ mail }: NodeState, contact: Contact): MailAddress | null {
  const { theirs } = contact.mail;
  return theirs?.server === mail.offered ? theirs : null;
}

/** When something is to be left for the contact; possibly past, infinity where nothing is or it would not get there. */
export function mailDueMs(state: NodeState, contact: Contact): number {
  if (state.self === null || placeFor(state, contact) === null) return Infinity;
  const { mail, network } = state;
  if (network.rendezvous !== "online" || isAsking(state, contact.id)) return Infinity;
  const retryMs = mail.retries.get(contact.id)?.atMs ?? -Infinity;
  if (isLinked(state, contact.id)) return Math.max(overdueMs(contact), retryMs);
  const dueMs = wordsDueMs(contact);
  if (dueMs === Infinity) return Infinity;
  const awaySinceMs = Math.max(mail.startedAtMs, mail.lostAtMs.get(contact.id) ?? -Infinity);
  const patientMs = awaySinceMs + (awaitsGrant(state, contact) ? MAILBOX.grantPatienceMs : MAILBOX.patienceMs);
  return Math.max(dueMs, patientMs, retryMs);
}

/** Over a link a receipt comes within moments: without one the link may lead to a device that is gone. */
function overdueMs(contact: Contact): number {
  if (!takesTexts(contact) || needsBundle(contact)) return Infinity;
  let dueMs = Infinity;
  for (const item of contact.pending.slice(0, MESSAGE.maxInFlight)) {
    if (item.mailedAtMs === null && item.sent !== null) dueMs = Math.min(dueMs, textDueMs(item));
  }
  return dueMs;
}

/** Without a session that serves, a bundle of theirs is needed before anything can be said. */
export const needsBundle = ({ sessions, standing, mail }: Contact): boolean =>
  sessions.length === 0 || mail.needsSession || (standing.t === "invited" && !standing.begun);

/** The key of an invite is good for an introduction: texts wait for an address of our own. */
export const takesTexts = ({ standing, mail }: Contact): boolean => standing.t === "established" && !mail.isByInvite;

/** Whether a text is to be left with a server, for the first time or because the mail has run out. */
export const isMailDue = (item: Pending, nowMs: number): boolean => nowMs >= textDueMs(item);

function textDueMs({ mailedAtMs, sent }: Pending): number {
  if (mailedAtMs !== null) return mailedAtMs + MAILBOX.remailAfterMs;
  return sent === null ? -Infinity : sent.atMs + MAILBOX.overdueMs;
}

function wordsDueMs(contact: Contact): number {
  const { standing, mail, pending } = contact;
  if (standing.t === "refused") return Infinity;
  if (mail.owesReceipt || mail.owesGreeting !== "none" || mail.needsSession) return -Infinity;
  if (standing.t === "invited" && !standing.begun) return -Infinity;
  // They have a session with us, and no way yet to answer by mail.
  if (mail.ours?.isTold === false) return -Infinity;
  if (!takesTexts(contact)) return Infinity;
  let dueMs = Infinity;
  for (const item of pending.slice(0, MAILBOX.maxMailed)) {
    dueMs = Math.min(dueMs, textDueMs(item));
    if (dueMs === -Infinity) break;
  }
  return dueMs;
}

/** Whether the contact's server is being asked, or so many are that this one has to wait for an answer. */
function isAsking({ mail }: NodeState, user: UserId): boolean {
  let errands = 0;
  for (const asked of mail.asks.values()) {
    if (asked.t !== "deposit" && asked.t !== "take") continue;
    if (asked.user === user || ++errands >= MAILBOX.maxErrands) return true;
  }
  return false;
}

export function isLinked({ network }: NodeState, user: UserId): boolean {
  for (const { phase } of network.links.values()) if (phase.t === "proven" && phase.user === user) return true;
  return false;
}

/** Our own address goes with the first mail, and is worth nothing before our server has registered its key. */
const awaitsGrant = ({ mail }: NodeState, contact: Contact): boolean =>
  mail.offered !== null && !mail.refusals.has("open") && contact.mail.ours?.isGranted !== true;
