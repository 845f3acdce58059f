/** Mail for contacts who are away: what it holds, and what follows from their server's answer. SPEC section 8. */
import { verifyBundle } from "../identity/bundle.ts";
import type { UserId } from "../ids.ts";
import { MAILBOX } from "../limits.ts";
import { openBundle } from "../mailbox/bundles.ts";
import { inPieces, sealMail } from "../mailbox/mail.ts";
import { addressOf } from "../mailbox/space.ts";
import { backoffMs } from "../net/backoff.ts";
import { initiate } from "../session/session.ts";
import { SECURECOMM_SUITE } from "../session/suite.ts";
import { type Content, contentCodec } from "../wire/content.ts";
import { encodeMailAddress, type MailAddress } from "../wire/mailAddress.ts";
import { greetingOf, numberingOf, receiptOf, withMail, withSession } from "./contacts.ts";
import type { AskOutcome, TakeOutcome } from "./event.ts";
import { mintKey } from "./mailKeys.ts";
import { isLinked, isMailDue, mailDueMs, needsBundle, placeFor, takesTexts } from "./mailPlan.ts";
import { withMailedNow, withNothingSent } from "./outbox.ts";
import { sealContent } from "./sealing.ts";
import type { Asked, Contact, Pending } from "./state.ts";
import { replaced, type Turn, without } from "./turn.ts";

type Deposit = Extract<Asked, { readonly t: "deposit" }>;

/** Leaves what is due for the contact, or first takes the bundle that is needed to say anything. False: nothing is due. */
export function leaveMail(turn: Turn, user: UserId): boolean {
  const contact = turn.contact(user);
  if (contact === undefined || turn.nowMs < mailDueMs(turn.state, contact)) return false;
  const address = placeFor(turn.state, contact)!;
  if (needsBundle(contact)) turn.emit({ type: "TakeBundle", ask: turn.ask({ t: "take", user }), address });
  else deposit(turn, user, address, null);
  return true;
}

/** The contact's server has handed out a bundle: the session begins with our introduction, left as mail. */
export function bundleTaken(turn: Turn, ask: number, outcome: TakeOutcome): void {
  const asked = turn.answered(ask);
  const { self } = turn.state;
  const contact = asked?.t === "take" ? turn.contact(asked.user) : undefined;
  const address = contact === undefined ? null : placeFor(turn.state, contact);
  if (contact === undefined || address === null || self === null) return;
  if (outcome.t !== "bundle") return retryLater(turn, contact.id, outcome);
  // They have come meanwhile: over the link both hear at once how they stand.
  if (isLinked(turn.state, contact.id) || contact.standing.t === "refused" || !needsBundle(contact)) return;
  const bundle = openTheirs(turn, contact, address, outcome.sealed);
  if (bundle === null) return retryLater(turn, contact.id, { t: "refused", reason: "no-bundle", retryAfterS: 0 });
  const content = contentCodec.encode({ t: "introduce", ...greetingOf(self.name, contact) });
  const begun = initiate(SECURECOMM_SUITE, self.identity.device, bundle, content, turn.env);
  if (!begun.ok) {
    turn.refuse(begun.reason);
    return retryLater(turn, contact.id, { t: "refused", reason: "no-bundle", retryAfterS: 0 });
  }
  const { session, envelope, exported } = begun.value;
  const standing = contact.standing.t === "invited" ? { ...contact.standing, begun: true } : contact.standing;
  const renewed = withNothingSent(turn, withSession({ ...contact, standing }, session, exported));
  turn.setContact(withMail(renewed, { owesGreeting: "introduce", needsSession: false }));
  deposit(turn, contact.id, address, envelope);
}

function openTheirs(turn: Turn, contact: Contact, address: MailAddress, sealed: Uint8Array) {
  const opened = openBundle(address, sealed);
  const bundle = opened.ok ? verifyBundle(opened.value, contact.id, turn.nowMs) : opened;
  if (!bundle.ok) {
    turn.refuse(bundle.reason);
    return null;
  }
  const { standing } = contact;
  if (standing.t !== "established" || bundle.value.peer.device === standing.device) return bundle.value;
  turn.refuse("identity.wrong-device");
  return null;
}

/** `introduction`: the envelope that begins the session and greets. */
function deposit(turn: Turn, user: UserId, address: MailAddress, introduction: Uint8Array | null): void {
  const { device } = turn.state.self!.identity;
  const { envelopes, ...said } = words(turn, user, introduction);
  const pieces: Uint8Array[] = [];
  for (const piece of inPieces(envelopes)) {
    const mail = { kind: "pairwise", user: device.user, device: device.id, envelopes: piece } as const;
    const sealed = sealMail(address, mail, turn.env);
    if (sealed.ok) pieces.push(sealed.value);
    else {
      // An address that nothing can be sealed for serves nobody; another one may come.
      turn.refuse(sealed.reason);
      return turn.setContact(withMail(turn.contact(user)!, { theirs: null }));
    }
  }
  const ask = turn.ask({ t: "deposit", user, ...said });
  turn.emit({ type: "DepositMail", ask, address, envelopes: pieces });
}

type Words = Omit<Deposit, "t" | "user"> & { readonly envelopes: readonly Uint8Array[] };

/** All that is to be said now, in order: who we are, where to answer, what has come, what we wrote. */
function words(turn: Turn, user: UserId, introduction: Uint8Array | null): Words {
  if (turn.contact(user)!.mail.ours === null && turn.state.space !== null) mintKey(turn, turn.contact(user)!);
  const contact = turn.contact(user)!;
  const { owesGreeting, owesReceipt } = contact.mail;
  const envelopes: Uint8Array[] = introduction === null ? [] : [introduction];
  const say = (content: Content) => {
    const envelope = sealContent(turn, user, content);
    if (envelope !== null) envelopes.push(envelope);
  };
  if (introduction === null && owesGreeting !== "none") {
    say({ t: owesGreeting, ...greetingOf(turn.state.self!.name, contact) });
  }
  if (owesGreeting !== "none") say(numberingOf(contact));
  const address = addressToTell(turn, contact);
  if (address !== null) say(address);
  const { received } = contact.progress;
  if (owesReceipt) say(receiptOf(received));
  const seqs = takesTexts(contact) ? sayTexts(turn, contact.pending, envelopes, say) : [];
  return {
    envelopes,
    seqs,
    receipt: owesReceipt ? received : null,
    greeting: owesGreeting,
    tellsAddress: address !== null,
  };
}

function sayTexts(
  turn: Turn,
  pending: readonly Pending[],
  envelopes: readonly Uint8Array[],
  say: (content: Content) => void,
): readonly number[] {
  const seqs: number[] = [];
  let sizeBytes = envelopes.reduce((sum, { length }) => sum + length, 0);
  for (const item of pending.slice(0, MAILBOX.maxMailed)) {
    if (seqs.length >= MAILBOX.depositTexts || sizeBytes >= MAILBOX.depositBytes) break;
    if (!isMailDue(item, turn.nowMs)) continue;
    say(item.content);
    sizeBytes += envelopes.at(-1)!.length;
    seqs.push(item.content.seq);
  }
  return seqs;
}

/**
 * Our address, where it was not told since the session began; `null` where there is none. It is told even before our
 * server has registered the key: who could not answer at all would be lost, who is refused tries again.
 */
function addressToTell(turn: Turn, { mail }: Contact): Content | null {
  return mail.ours?.isTold === false ? ownAddress(turn, mail) : null;
}

export function ownAddress(turn: Turn, { ours }: Contact["mail"]): Content | null {
  const { space } = turn.state;
  if (space === null || ours === null) return null;
  return { t: "address", address: encodeMailAddress(addressOf(space.keys, space.server, ours.seed)) };
}

export function depositAnswered(turn: Turn, ask: number, outcome: AskOutcome): void {
  const asked = turn.answered(ask);
  if (asked?.t !== "deposit" || turn.contact(asked.user) === undefined) return;
  if (outcome.t !== "done") return retryLater(turn, asked.user, outcome);
  forgetFailures(turn, asked.user);
  noteLeft(turn, turn.contact(asked.user)!, asked);
  leaveMail(turn, asked.user);
}

function noteLeft(turn: Turn, contact: Contact, { seqs, receipt, greeting, tellsAddress }: Deposit): void {
  const { ours, owesGreeting, owesReceipt } = contact.mail;
  turn.setContact(withMail(withMailedNow(turn, contact, seqs), {
    ours: ours !== null && tellsAddress ? { ...ours, isTold: true } : ours,
    owesGreeting: owesGreeting === greeting ? "none" : owesGreeting,
    // More may have come while the receipt was on its way.
    owesReceipt: owesReceipt && receipt !== contact.progress.received,
  }));
}

/** What was refused or lost says nothing of what is tried from now on. */
export function forgetFailures(turn: Turn, user: UserId): void {
  turn.setMail({ retries: without(turn.state.mail.retries, user) });
}

function retryLater(turn: Turn, user: UserId, outcome: Exclude<AskOutcome, { readonly t: "done" }>): void {
  const { retries } = turn.state.mail;
  const count = retries.get(user)?.count ?? 0;
  const delayMs = outcome.t === "lost"
    ? backoffMs(count, turn.random())
    : Math.max(outcome.retryAfterS * 1_000, Math.min(MAILBOX.refusedRetryMs * 2 ** count, MAILBOX.maxRetryMs));
  turn.setMail({ retries: replaced(retries, user, { count: count + 1, atMs: turn.nowMs + delayMs }) });
}
