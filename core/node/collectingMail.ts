/** Our own mail: opened, kept, acknowledged. What does not open is acknowledged too, and counted. SPEC section 8. */
import { envelopeIdOf } from "../crypto/spaceEntry.ts";
import type { DepositorId, InviteId, UserId } from "../ids.ts";
import { openMail } from "../mailbox/mail.ts";
import type { SpaceKeys } from "../mailbox/space.ts";
import type { WaitingMail } from "../wire/spaceAnswer.ts";
import { endInviteMail } from "./inviting.ts";
import { leaveMail } from "./leavingMail.ts";
import { acknowledgeMail, tendMailbox } from "./mailbox.ts";
import { payOwed } from "./owed.ts";
import { receiveSealed } from "./receiving.ts";
import type { NodeState } from "./state.ts";
import type { Turn } from "./turn.ts";

export function mailArrived(turn: Turn, waiting: readonly WaitingMail[], more: boolean): void {
  const { space, mail } = turn.state;
  if (space === null || !mail.isConnected) return;
  const asks = [...mail.asks].filter(([, { t }]) => t !== "fetch");
  turn.setMail({ asks: new Map(asks), hasMore: more, after: Math.max(mail.after, waiting.at(-1)?.serial ?? 0) });
  const writers = new Set<UserId>();
  for (const { depositor, envelope } of waiting) {
    const writer = collect(turn, space.keys, depositor, envelope);
    if (writer !== null) writers.add(writer);
  }
  acknowledgeMail(turn, waiting.map(({ envelope }) => envelopeIdOf(envelope)));
  tendMailbox(turn);
  for (const writer of writers) {
    payOwed(turn, writer);
    leaveMail(turn, writer);
  }
}

function collect(turn: Turn, keys: SpaceKeys, depositor: DepositorId, sealed: Uint8Array): UserId | null {
  const holder = holderOf(turn.state, depositor);
  if (holder === null) {
    turn.refuse("mail.unknown-depositor");
    return null;
  }
  const opened = openMail(keys, depositor, holder.user, sealed);
  if (!opened.ok) {
    turn.refuse(opened.reason);
    return null;
  }
  const { kind, user, device, envelopes } = opened.value;
  if (kind !== "pairwise") {
    turn.refuse("group.unknown-chain");
    return null;
  }
  const known = turn.contact(user)?.sessions;
  const forged = () => turn.state.refusals["ratchet.not-authentic"];
  const before = forged();
  for (const body of envelopes) {
    receiveSealed(turn, { user, device, invite: holder.invite, link: null }, body);
    // A try can cost thousands of steps of a chain, and a piece of mail is of one session: the rest would open no better.
    if (forged() !== before) break;
  }
  // Only a session that has opened something says whose mail it was.
  if (holder.invite === null && turn.contact(user)?.sessions !== known) endInviteMail(turn, user);
  return user;
}

/** To whom we gave the depositor's key; `user` is `null` while an invite has not been redeemed. */
function holderOf(
  { contacts, invites }: NodeState,
  depositor: DepositorId,
): { readonly user: UserId | null; readonly invite: InviteId | null } | null {
  for (const { id, mail } of contacts.values()) {
    if (mail.ours?.depositor === depositor) return { user: id, invite: null };
  }
  for (const { id, mail, fate } of invites.values()) {
    if (mail?.depositor === depositor) return { user: fate.t === "used" ? fate.by : null, invite: id };
  }
  return null;
}
