/** The person behind this node: who they are, and whom they keep. */
import { createIdentity } from "../identity/identity.ts";
import { createPrekeys, rotatePrekeys } from "../identity/prekeys.ts";
import type { UserId } from "../ids.ts";
import { callEvent } from "./calling.ts";
import { cleanName } from "./contacts.ts";
import { forgetFailures } from "./leavingMail.ts";
import { closeLink, provenLinks } from "./links.ts";
import { serveMailbox, tendMailbox } from "./mailbox.ts";
import { revokeKey } from "./mailKeys.ts";
import { without } from "./turn.ts";
import type { Turn } from "./turn.ts";

export function createSelf(turn: Turn, typedName: string): void {
  if (turn.state.self !== null) return turn.refuse("node.has-identity");
  const name = cleanName(typedName);
  if (name === null) return turn.refuse("node.bad-name");
  const identity = createIdentity(turn.env);
  turn.state = { ...turn.state, self: { name, identity, prekeys: createPrekeys(turn.env) } };
  serveMailbox(turn);
}

/** Forgets a contact with everything said: its links end, its records go, and its old invite opens nothing any more. */
export function removeContact(turn: Turn, user: UserId): void {
  const contact = turn.contact(user);
  if (contact === undefined) return turn.refuse("node.unknown-contact");
  callEvent(turn, { type: "Unreachable", contact: user });
  for (const link of provenLinks(turn, user)) closeLink(turn, link.id, "done");
  for (const invite of turn.state.invites.values()) {
    if (invite.fate.t !== "used" || invite.fate.by !== user) continue;
    turn.setInvite({ ...invite, fate: { t: "revoked" } });
    revokeKey(turn, invite.mail?.depositor);
  }
  turn.state = { ...turn.state, contacts: without(turn.state.contacts, user) };
  forgetFailures(turn, user);
  revokeKey(turn, contact.mail.ours?.depositor);
  tendMailbox(turn);
}

export function tendPrekeys(turn: Turn): void {
  const { self } = turn.state;
  if (self === null) return;
  const prekeys = rotatePrekeys(self.prekeys, turn.env);
  if (prekeys !== self.prekeys) turn.state = { ...turn.state, self: { ...self, prekeys } };
}
