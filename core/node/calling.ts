/** Calls: between the voice part's own step and this node's contacts, sessions and links. */
import type { UserId } from "../ids.ts";
import type { CallAction } from "../voice/action.ts";
import { callDeadlineMs, type CallEvent, stepCall } from "../voice/call.ts";
import { callControl } from "../wire/callControl.ts";
import { provenLinks } from "./links.ts";
import { sendContent } from "./sealing.ts";
import type { Contact, Link } from "./state.ts";
import type { Turn } from "./turn.ts";

export function startCall(turn: Turn, user: UserId): void {
  if (turn.contact(user)?.standing.t !== "established") return turn.refuse("node.unknown-contact");
  callEvent(turn, { type: "Start", contact: user });
}

export function receiveCall(turn: Turn, contact: Contact, link: Link, bytes: Uint8Array): void {
  const control = callControl.decode(bytes);
  if (!control.ok) return turn.refuse(control.reason);
  if (link.phase.t !== "proven") return;
  callEvent(turn, { type: "Control", from: { user: contact.id, device: link.phase.device }, control: control.value });
}

export function callEvent(turn: Turn, event: CallEvent): void {
  const { self } = turn.state;
  if (self === null) return;
  const { device } = self.identity;
  const stepped = stepCall(turn.state.call, event, { user: device.user, signing: device.signing }, turn.env);
  if (!stepped.ok) return turn.refuse(stepped.reason);
  turn.state = { ...turn.state, call: stepped.value.state };
  for (const action of stepped.value.actions) perform(turn, action);
}

function perform(turn: Turn, action: CallAction): void {
  if (action.type !== "SendControl") return turn.emit(action);
  const link = provenLinks(turn, action.to)[0];
  const control = callControl.encode(action.control);
  const sent = link !== undefined && sendContent(turn, action.to, link.id, { t: "call", control });
  // An offer that cannot leave now would ring at a time when nobody waits for it.
  if (!sent && action.control.t === "offer") callEvent(turn, { type: "Unreachable", contact: action.to });
}

export function tickCall(turn: Turn): void {
  const deadlineMs = callDeadlineMs(turn.state.call);
  if (deadlineMs !== null && turn.nowMs >= deadlineMs) callEvent(turn, { type: "Tick" });
}
