/** From state to what a screen shows. */
import type { UserId } from "../ids.ts";
import { callCoverage, type CallState } from "../voice/call.ts";
import { encodeInviteToken } from "../wire/inviteToken.ts";
import { tokenMail } from "./mailKeys.ts";
import type { Contact, Invite, NodeState, Self, Space } from "./state.ts";
import type { CallView, ContactView, ConversationView, Delivery, InviteView, MessageView, NodeView } from "./view.ts";

export function viewOf(state: NodeState, nowMs: number): NodeView {
  const { self } = state;
  return {
    me: self === null ? null : { id: self.identity.device.user, name: self.name },
    rendezvous: state.network.rendezvous,
    mailbox: mailboxView(state),
    contacts: [...state.contacts.values()]
      .map((contact) => contactView(state, contact))
      .sort((a, b) => b.lastAtMs - a.lastAtMs),
    invites: self === null
      ? []
      : [...state.invites.values()].map((invite) => inviteView(self, state.space, invite, nowMs)),
    call: callView(state),
  };
}

function contactView(state: NodeState, contact: Contact): ContactView {
  const { id, name, standing, verified, progress } = contact;
  return {
    id,
    name,
    connection: connectionOf(state, contact),
    standing: standing.t,
    refusal: standing.t === "refused" ? standing.reason : null,
    verified,
    lastText: progress.lastText,
    lastAtMs: progress.lastAtMs,
    unreadCount: progress.unreadCount,
  };
}

function connectionOf({ network }: NodeState, { id, standing }: Contact): ContactView["connection"] {
  if (standing.t === "refused") return "offline";
  const links = [...network.links.values()];
  const own = links.filter(({ phase }) => phase.t === "proven" && phase.user === id);
  const isDirect = own.some(({ route, isThroughTurn }) => route === "direct" && !isThroughTurn);
  if (own.length > 0) return isDirect ? "direct" : "relayed";
  for (const peer of network.peers.values()) {
    const purpose = network.directory.purposes.get(peer.topic)?.purpose;
    if (peer.t === "dialing" && purpose !== undefined && purpose.t !== "host" && purpose.user === id) {
      return "connecting";
    }
  }
  return "offline";
}

export function conversationOf(state: NodeState, user: UserId): ConversationView | null {
  const contact = state.contacts.get(user);
  if (contact === undefined) return null;
  const ownName = state.self?.name ?? "";
  const pending = new Map(contact.pending.map((item) => [item.content.id, item]));
  const online = connectionOf(state, contact) === "direct" || connectionOf(state, contact) === "relayed";
  const deliveryOf = (id: MessageView["id"]): Delivery => {
    const item = pending.get(id);
    if (item === undefined) return "delivered";
    if (item.mailedAtMs !== null) return "sent";
    if (!online || contact.standing.t !== "established") return "waiting";
    return "sending";
  };
  const messages = contact.window.map(({ message }): MessageView => ({
    id: message.id,
    own: message.own,
    authorName: message.own ? ownName : contact.name,
    text: message.text,
    sentAtMs: message.sentAtMs,
    delivery: message.own ? deliveryOf(message.id) : null,
  }));
  return { contact: user, messages, hasEarlier: contact.hasEarlier, unopened: contact.unopenedCount };
}

function mailboxView({ space, mail }: NodeState): NodeView["mailbox"] {
  if (mail.offered === null) return "none";
  const refusal = mail.refusals.get("open");
  if (refusal !== undefined) return refusal.reason === "join-code" ? "needs-code" : "refused";
  return mail.isConnected && space?.isOpen === true ? "ready" : "connecting";
}

function inviteView(
  self: Self,
  space: Space | null,
  { id, secret, expiresAtMs, fate }: Invite,
  nowMs: number,
): InviteView {
  const { user } = self.identity.device;
  const token = encodeInviteToken({ secret, user, name: self.name, expiresAtMs, mail: tokenMail(space) });
  const state = fate.t === "open" && nowMs >= expiresAtMs ? "expired" : fate.t;
  return { id, token, expiresAtMs, state };
}

function callView(state: NodeState): CallView | null {
  const { call } = state;
  if (call.type === "idle") return null;
  const contact = contactOf(call);
  const inMedia = call.type === "connecting" || call.type === "active";
  return {
    id: call.id,
    contact,
    name: state.contacts.get(contact)?.name ?? "",
    state: call.type,
    outcome: call.type === "ended" ? call.outcome : null,
    startedAtMs: call.type === "active" ? call.connectedAtMs : call.startedAtMs,
    route: call.type === "active" ? call.route : null,
    keyCoverage: callCoverage(call),
    code: inMedia ? call.code : null,
  };
}

const contactOf = (call: Exclude<CallState, { type: "idle" }>): UserId =>
  call.type === "calling" || call.type === "ended" ? call.contact : call.peer.user;
