/**
 * Text in both directions. What is sent stays in the outbox until a receipt names it, and is sent again whenever a link
 * comes back; what is received twice is shown once and acknowledged twice. SPEC section 8.
 */
import { messageId, type UserId } from "../ids.ts";
import { MESSAGE } from "../limits.ts";
import { hasReceived, receive } from "../message/received.ts";
import { place, type Placed, timelineKey } from "../message/timeline.ts";
import type { Receipt, TextContent } from "../wire/content.ts";
import { utf8 } from "../wire/text.ts";
import { ranks, receiptOf, withMail } from "./contacts.ts";
import { leaveMail } from "./leavingMail.ts";
import { isLinked } from "./mailPlan.ts";
import { provenLinks } from "./links.ts";
import { deleteOutbox, writeMessage, writeOutbox } from "./persist.ts";
import { sendContent } from "./sealing.ts";
import type { Contact, Link, Pending } from "./state.ts";
import { replaced, type Turn } from "./turn.ts";

export function sendText(turn: Turn, user: UserId, typed: string): void {
  const contact = turn.contact(user);
  const text = typed.toWellFormed();
  if (contact === undefined || contact.standing.t === "refused") return turn.refuse("node.unknown-contact");
  if (text.trim().length === 0) return turn.refuse("message.empty");
  if (utf8(text).length > MESSAGE.maxTextBytes) return turn.refuse("message.too-long");
  if (contact.pending.length >= MESSAGE.maxOutbox) return turn.refuse("outbox.full");
  const id = messageId(turn.env.rng.bytes(16));
  if (!id.ok) throw new Error("the random source gave too few bytes");
  const { nextSeq, lamport } = contact.progress;
  const content: TextContent = {
    t: "text",
    id: id.value,
    seq: nextSeq,
    lamport: lamport + 1,
    sentAtMs: turn.nowMs,
    text,
  };
  const placed = placedText(content, true, ranks(turn.state, user).own);
  writeMessage(turn, user, placed);
  const item = { content, mailedAtMs: null, sent: null };
  writeOutbox(turn, user, item);
  turn.setContact(withMessage({ ...contact, pending: [...contact.pending, item] }, placed, { nextSeq: nextSeq + 1 }));
  flush(turn, user);
  leaveMail(turn, user);
}

/** Puts on the best link what has not been put on it yet, or has waited too long for its receipt. */
export function flush(turn: Turn, user: UserId): void {
  const contact = turn.contact(user);
  if (contact?.standing.t !== "established" || contact.sessions.length === 0) return;
  const isDue = ({ sent }: Pending) => sent === null || turn.nowMs >= sent.atMs + MESSAGE.resendAfterMs;
  const pending = contact.pending.slice(0, MESSAGE.maxInFlight);
  const link = pending.some(isDue) ? provenLinks(turn, user)[0] : undefined;
  if (link === undefined) return;
  // What a server keeps for them they are fetching at this moment: it has the time of a receipt to arrive by itself.
  const isFetched = ({ sent, mailedAtMs }: Pending) => sent === null && mailedAtMs !== null;
  const due = pending.filter((item) =>
    isDue(item) && (isFetched(item) || sendContent(turn, user, link.id, item.content))
  );
  const sent = { link: link.id, atMs: turn.nowMs };
  const current = turn.contact(user)!;
  turn.setContact({
    ...current,
    pending: current.pending.map((item) => (due.includes(item) ? { ...item, sent } : item)),
  });
}

/** What was put on a link that has ended may be lost: it is due again. */
export function forgetLink(turn: Turn, link: Link): void {
  if (link.phase.t !== "proven") return;
  const { user } = link.phase;
  if (turn.contact(user) !== undefined && !isLinked(turn.state, user)) {
    turn.setMail({ lostAtMs: replaced(turn.state.mail.lostAtMs, user, turn.nowMs) });
  }
  const contact = turn.contact(link.phase.user);
  if (contact?.pending.some(({ sent }) => sent?.link === link.id) !== true) return;
  turn.setContact({
    ...contact,
    pending: contact.pending.map((item) => (item.sent?.link === link.id ? { ...item, sent: null } : item)),
  });
  flush(turn, contact.id);
}

/** `link` is `null` for mail: then the receipt is owed. */
export function receiveText(turn: Turn, contact: Contact, link: Link | null, content: TextContent): void {
  // A hostile author must not be able to run the clock out of range, or to stand below all that is said later.
  if (content.lamport > contact.progress.lamport + MESSAGE.maxLamportStep) return turn.refuse("message.too-far-ahead");
  const received = receive(contact.progress.received, content.seq);
  if (received.ok) {
    const placed = placedText(content, false, ranks(turn.state, contact.id).theirs);
    writeMessage(turn, contact.id, placed);
    turn.setContact(withMessage({ ...contact, unopenedCount: 0 }, placed, {
      received: received.value,
      unreadCount: contact.progress.unreadCount + 1,
      lastAtMs: Math.min(content.sentAtMs, turn.nowMs),
    }));
  } else {
    turn.refuse(received.reason);
    if (received.reason !== "message.duplicate") return;
  }
  const current = turn.contact(contact.id)!;
  if (link === null) return turn.setContact(withMail(current, { owesReceipt: true }));
  sendContent(turn, contact.id, link.id, receiptOf(current.progress.received));
}

export function receiveReceipt(turn: Turn, contact: Contact, receipt: Receipt): void {
  const delivered = contact.pending.filter(({ content }) => hasReceived(receipt, content.seq));
  if (delivered.length === 0) return;
  const { own } = ranks(turn.state, contact.id);
  let { window } = contact;
  for (const { content } of delivered) {
    const { key, message } = placedText(content, true, own);
    const placed = { key, message: { ...message, delivered: true } };
    if (window.some((known) => known.key === key)) window = place(window, placed);
    writeMessage(turn, contact.id, placed);
    deleteOutbox(turn, contact.id, content.seq);
  }
  const pending = contact.pending.filter((item) => !delivered.includes(item));
  turn.setContact({ ...contact, window, pending });
  flush(turn, contact.id);
}

export function markRead(turn: Turn, user: UserId): void {
  const contact = turn.contact(user);
  if (contact === undefined || contact.progress.unreadCount === 0) return;
  turn.setContact({ ...contact, progress: { ...contact.progress, unreadCount: 0 } });
}

/** When the oldest unacknowledged message on a link is due again; infinity where nothing waits for a receipt. */
export function resendDeadlineMs(contact: Contact): number {
  let deadlineMs = Infinity;
  if (contact.sessions.length === 0) return deadlineMs;
  for (const { sent } of contact.pending.slice(0, MESSAGE.maxInFlight)) {
    if (sent !== null) deadlineMs = Math.min(deadlineMs, sent.atMs + MESSAGE.resendAfterMs);
  }
  return deadlineMs;
}

function placedText(content: TextContent, own: boolean, rank: 0 | 1): Placed {
  const { id, seq, lamport, sentAtMs, text } = content;
  return { key: timelineKey(content, rank), message: { id, own, seq, lamport, sentAtMs, text, delivered: false } };
}

function withMessage(contact: Contact, placed: Placed, progress: Partial<Contact["progress"]>): Contact {
  const { message } = placed;
  const lamport = Math.max(contact.progress.lamport, message.lamport);
  const first = contact.window[0];
  // A late message from before the window is in the store; reading back will show it.
  const isBefore = contact.hasEarlier && first !== undefined && placed.key < first.key;
  const grown = isBefore ? contact.window : place(contact.window, placed);
  const full = grown.length > MESSAGE.maxWindowCount;
  return {
    ...contact,
    window: full ? grown.slice(-MESSAGE.windowCount) : grown,
    hasEarlier: contact.hasEarlier || full,
    progress: {
      ...contact.progress,
      lamport,
      lastText: message.text.slice(0, 200),
      lastAtMs: message.sentAtMs,
      ...progress,
    },
  };
}
