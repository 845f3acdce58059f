/** The keys by which others leave mail for us: one for each contact and each invite, made, registered and revoked. */
import { hkdfSha256 } from "../crypto/kdf.ts";
import { LABELS } from "../crypto/labels.ts";
import type { DepositorId, UserId } from "../ids.ts";
import { MAILBOX } from "../limits.ts";
import { depositorOf, grantTo } from "../mailbox/space.ts";
import type { MailAddress } from "../wire/mailAddress.ts";
import type { InviteToken } from "../wire/inviteToken.ts";
import type { Grant } from "../wire/spaceRequest.ts";
import { withMail } from "./contacts.ts";
import type { Contact, Invite, NodeState, Space } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Both sides of an invite derive its depositor's key from its secret. */
export const inviteDepositor = (secret: Uint8Array): Uint8Array =>
  hkdfSha256(secret, new Uint8Array(0), LABELS.inviteDepositor, 32);

/** Where a visitor leaves mail, from its link. */
export const inviteAddress = ({ mail, secret }: InviteToken): MailAddress | null =>
  mail === null ? null : { ...mail, depositor: inviteDepositor(secret) };

/** What an invite's link says of our mailbox. */
export const tokenMail = (space: Space | null): InviteToken["mail"] =>
  space === null || !space.isOpen ? null : {
    server: space.server,
    space: space.keys.id,
    secret: space.keys.secret,
    sealing: space.keys.sealing.publicKey,
  };

/** Makes keys for those who have none yet, a few at a time. */
export function mintKeys(turn: Turn): void {
  let left: number = MAILBOX.keysStepCount;
  for (const invite of turn.state.invites.values()) {
    if (left === 0) return;
    if (invite.mail !== null || !isOpen(invite, turn.nowMs)) continue;
    const depositor = depositorOf({ depositor: inviteDepositor(invite.secret) });
    turn.setInvite({ ...invite, mail: { depositor, isGranted: false } });
    left--;
  }
  for (const contact of turn.state.contacts.values()) {
    if (left === 0) return;
    if (contact.mail.ours !== null || contact.standing.t === "refused") continue;
    mintKey(turn, contact);
    left--;
  }
}

export function mintKey(turn: Turn, contact: Contact): void {
  const seed = turn.env.rng.bytes(32);
  const ours = { seed, depositor: depositorOf({ depositor: seed }), isGranted: false, isTold: false };
  turn.setContact(withMail(contact, { ours }));
}

/** What the server has yet to register, as much as one request takes. */
export function missingGrants({ space, contacts, invites }: NodeState, nowMs: number): readonly Grant[] {
  const grants: Grant[] = [];
  if (space === null) return grants;
  for (const invite of invites.values()) {
    if (invite.mail?.isGranted !== false || !mayBeVisited(invite, nowMs)) continue;
    grants.push(grantTo(invite.mail.depositor, invite.expiresAtMs));
  }
  for (const { mail: { ours } } of contacts.values()) {
    if (ours?.isGranted === false) grants.push(grantTo(ours.depositor, null));
  }
  return grants.slice(0, MAILBOX.maxGrantsAtOnce);
}

const isOpen = ({ fate, expiresAtMs }: Invite, nowMs: number): boolean => fate.t === "open" && nowMs < expiresAtMs;

/** Whoever has redeemed it has no other key until it has heard from us. */
const mayBeVisited = ({ fate, expiresAtMs }: Invite, nowMs: number): boolean =>
  fate.t !== "revoked" && nowMs < expiresAtMs;

/** The server has registered `depositors`, or `null`: it has forgotten all. */
export function markGranted(turn: Turn, depositors: readonly DepositorId[] | null): void {
  const known = depositors === null ? null : new Set(depositors);
  const isAffected = (key: { readonly depositor: DepositorId; readonly isGranted: boolean } | null) =>
    key !== null && (known === null ? key.isGranted : known.has(key.depositor));
  for (const invite of turn.state.invites.values()) {
    if (invite.mail === null || !isAffected(invite.mail)) continue;
    turn.setInvite({ ...invite, mail: { ...invite.mail, isGranted: known !== null } });
  }
  const contacts = new Map(turn.state.contacts);
  for (const contact of contacts.values()) {
    const { ours } = contact.mail;
    if (ours === null || !isAffected(ours)) continue;
    contacts.set(contact.id, withMail(contact, { ours: { ...ours, isGranted: known !== null } }));
  }
  turn.state = { ...turn.state, contacts };
}

/** A visitor whose request was lost has used up a bundle: with each run of ours an invite gets its share anew. */
export function renewInviteGrants(turn: Turn): void {
  for (const invite of turn.state.invites.values()) {
    if (invite.mail?.isGranted !== true || !mayBeVisited(invite, turn.nowMs)) continue;
    turn.setInvite({ ...invite, mail: { ...invite.mail, isGranted: false } });
  }
}

/** A contact that began anew by a bundle from our server may have to do so again. */
export function renewGrant(turn: Turn, user: UserId): void {
  const contact = turn.contact(user);
  const ours = contact?.mail.ours ?? null;
  if (contact !== undefined && ours !== null) {
    turn.setContact(withMail(contact, { ours: { ...ours, isGranted: false } }));
  }
}

/** Nobody may leave mail by this key any more. */
export function revokeKey(turn: Turn, depositor: DepositorId | undefined): void {
  const { space } = turn.state;
  if (space === null || depositor === undefined || space.revoking.includes(depositor)) return;
  const revoking = [...space.revoking, depositor].slice(-MAILBOX.maxRevoking);
  turn.state = { ...turn.state, space: { ...space, revoking } };
}
