/** Invites from both ends. The inviter's device alone decides single use, and burns the invite with the first to redeem it. */
import { sha256 } from "../crypto/kdf.ts";
import { LABELS } from "../crypto/labels.ts";
import { verifyBundle } from "../identity/bundle.ts";
import { takeBundle } from "../identity/prekeys.ts";
import { type InviteId, inviteId, type LinkId, type UserId } from "../ids.ts";
import { CONTACT, INVITE } from "../limits.ts";
import { initiate } from "../session/session.ts";
import { SECURECOMM_SUITE } from "../session/suite.ts";
import { bundleCodec } from "../wire/bundle.ts";
import { framed } from "../wire/bytes.ts";
import { contentCodec } from "../wire/content.ts";
import { decodeInviteToken } from "../wire/inviteToken.ts";
import { utf8 } from "../wire/text.ts";
import { greetingOf, newContact, withMail, withSession } from "./contacts.ts";
import { forgetFailures } from "./leavingMail.ts";
import { closeLink, provenLinks, sendFrame } from "./links.ts";
import { tendMailbox } from "./mailbox.ts";
import { inviteAddress, revokeKey } from "./mailKeys.ts";
import { sendContent } from "./sealing.ts";
import type { Invite, InviteRefusal, Link, Purpose } from "./state.ts";
import type { Turn } from "./turn.ts";

export function createInvite(turn: Turn): void {
  const open = [...turn.state.invites.values()].filter((invite) => isOpen(invite, turn.nowMs));
  if (open.length >= INVITE.maxOpen) return turn.refuse("invite.too-many");
  const secret = turn.env.rng.bytes(INVITE.secretBytes);
  const id = inviteId(sha256(framed(utf8(LABELS.inviteId), secret)).slice(0, 16));
  if (!id.ok) throw new Error("an invite id has 16 bytes");
  const expiresAtMs = turn.nowMs + INVITE.lifetimeMs;
  turn.setInvite({ id: id.value, secret, createdAtMs: turn.nowMs, expiresAtMs, fate: { t: "open" }, mail: null });
  tendMailbox(turn);
}

export function revokeInvite(turn: Turn, id: InviteId): void {
  const invite = turn.state.invites.get(id);
  if (invite?.fate.t !== "open") return;
  turn.setInvite({ ...invite, fate: { t: "revoked" } });
  revokeKey(turn, invite.mail?.depositor);
  tendMailbox(turn);
}

/** The contact has left mail by its own key: nobody needs that of the invite by which it came. */
export function endInviteMail(turn: Turn, by: UserId): void {
  for (const invite of turn.state.invites.values()) {
    if (invite.fate.t !== "used" || invite.fate.by !== by || invite.mail === null) continue;
    revokeKey(turn, invite.mail.depositor);
    turn.setInvite({ ...invite, mail: null });
  }
}

const isOpen = (invite: Invite, nowMs: number): boolean => invite.fate.t === "open" && nowMs < invite.expiresAtMs;

/** The person accepts a link: its inviter becomes a contact that we wait for. */
export function acceptInvite(turn: Turn, token: string): void {
  const { self } = turn.state;
  if (self === null) return turn.refuse("node.no-identity");
  const decoded = decodeInviteToken(token);
  if (!decoded.ok) return turn.refuse(decoded.reason);
  const { user, name, secret, expiresAtMs } = decoded.value;
  const theirs = inviteAddress(decoded.value);
  if (user === self.identity.device.user) return turn.refuse("invite.own");
  if (turn.nowMs >= expiresAtMs) return turn.refuse("invite.expired");
  const known = turn.contact(user);
  // Who stands on a link still knows us; who does not may have removed us, and then only the new link leads back.
  if (known?.standing.t === "established" && provenLinks(turn, user).length > 0) return;
  if (known === undefined && turn.state.contacts.size >= CONTACT.maxCount) return turn.refuse("contact.too-many");
  const standing = { t: "invited", inviteSecret: secret, expiresAtMs, begun: false } as const;
  const contact = known === undefined ? newContact(user, name, standing, turn.nowMs) : { ...known, standing };
  turn.setContact(theirs === null ? contact : withMail(contact, { theirs, isByInvite: true }));
  forgetFailures(turn, user);
  tendMailbox(turn);
}

/** Both devices are proven: a visitor introduces itself or waits for prekeys, an inviter says how the invite stands. */
export function greet(turn: Turn, link: LinkId, purpose: Purpose, user: UserId): void {
  if (purpose.t === "contact") endVisit(turn, user, null);
  if (purpose.t !== "host") return introduce(turn, link, user);
  const invite = turn.state.invites.get(purpose.invite);
  const refusal = invite === undefined ? "expired" : refusalFor(invite, user, turn.nowMs);
  if (refusal === null) return sendBundle(turn, link);
  sendFrame(turn, link, { t: "refused", reason: refusal });
  closeLink(turn, link, "done");
}

function refusalFor({ fate, expiresAtMs }: Invite, user: UserId, nowMs: number): "used" | "revoked" | "expired" | null {
  // The one who redeemed it may come again: our welcome may not have reached them.
  if (fate.t === "used") return fate.by === user ? null : "used";
  if (fate.t === "revoked") return "revoked";
  return nowMs >= expiresAtMs ? "expired" : null;
}

function sendBundle(turn: Turn, link: LinkId): void {
  const self = turn.state.self!;
  const { prekeys, bundle } = takeBundle(self.prekeys, self.identity.device, turn.env);
  turn.state = { ...turn.state, self: { ...self, prekeys } };
  sendFrame(turn, link, { t: "bundle", body: bundleCodec.encode(bundle) });
}

/**
 * A visit that has not begun ends. Who was a contact before is one again; `refusal` says what becomes of others, `null`
 * that they go on waiting.
 */
function endVisit(turn: Turn, user: UserId, refusal: InviteRefusal | null): void {
  const contact = turn.contact(user);
  if (contact?.standing.t !== "invited") return;
  // They have answered in a session whose opening is done with.
  const session = contact.standing.begun ? undefined : contact.sessions.find(({ opening }) => opening === null);
  if (session !== undefined) turn.setContact({ ...contact, standing: { t: "established", device: session.device } });
  else if (refusal !== null) turn.setContact({ ...contact, standing: { t: "refused", reason: refusal } });
}

/** Says (again) who we are, where the handshake has begun. */
function introduce(turn: Turn, link: LinkId, user: UserId): void {
  const contact = turn.contact(user);
  if (contact?.standing.t !== "invited" || !contact.standing.begun) return;
  sendContent(turn, user, link, { t: "introduce", ...greetingOf(turn.state.self!.name, contact) });
}

/** Visitor: the inviter's prekeys came; begin the session with our introduction. */
export function receiveBundle(turn: Turn, link: Link, body: Uint8Array): void {
  const { self } = turn.state;
  if (link.phase.t !== "proven" || link.phase.purpose.t !== "visit" || self === null) {
    return closeLink(turn, link.id, "link.violation");
  }
  const contact = turn.contact(link.phase.user);
  if (contact?.standing.t !== "invited" || contact.standing.begun) return;
  const decoded = bundleCodec.decode(body);
  if (!decoded.ok) return closeLink(turn, link.id, decoded.reason);
  const bundle = verifyBundle(decoded.value, contact.id, turn.nowMs);
  if (!bundle.ok) return closeLink(turn, link.id, bundle.reason);
  const content = contentCodec.encode({ t: "introduce", ...greetingOf(self.name, contact) });
  const begun = initiate(SECURECOMM_SUITE, self.identity.device, bundle.value, content, turn.env);
  if (!begun.ok) return closeLink(turn, link.id, begun.reason);
  const { session, envelope, exported } = begun.value;
  const standing = { ...contact.standing, begun: true };
  turn.setContact(withSession({ ...contact, standing }, session, exported));
  sendFrame(turn, link.id, { t: "envelope", body: envelope });
}

/** Visitor: the inviter's device says that the invite is no longer good. What was written stays. */
export function receiveRefusal(turn: Turn, link: Link, word: "used" | "expired" | "revoked"): void {
  if (link.phase.t !== "proven" || link.phase.purpose.t !== "visit") return closeLink(turn, link.id, "link.violation");
  endVisit(turn, link.phase.user, `invite.${word}`);
  closeLink(turn, link.id, "done");
}

/** Ended invites are forgotten some time after they could still be asked for, the oldest earlier where there are many. */
export function forgetInvites(turn: Turn): void {
  const ended = [...turn.state.invites.values()].filter((invite) => !isOpen(invite, turn.nowMs))
    .sort((a, b) => b.createdAtMs - a.createdAtMs);
  for (const [place, invite] of ended.entries()) {
    const isOver = turn.nowMs >= invite.expiresAtMs + INVITE.answerExpiredMs;
    if (isOver || place >= INVITE.maxEnded) turn.dropInvite(invite.id);
  }
}

/** Who never answered by then never will. With a handshake under way they may: the two meet as contacts as well. */
export function endWaiting(turn: Turn): void {
  for (const contact of turn.state.contacts.values()) {
    const { standing } = contact;
    if (standing.t !== "invited" || standing.begun) continue;
    if (turn.nowMs < standing.expiresAtMs + INVITE.answerExpiredMs) continue;
    endVisit(turn, contact.id, "invite.expired");
  }
}
