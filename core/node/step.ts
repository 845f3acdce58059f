/**
 * The node: one event in, the next state and the effects out. Pure: the same state, event, time and random bytes give the
 * same result, and the state passed in is never changed. That is what lets a community be simulated in one process.
 */
import type { Reason } from "../errors.ts";
import { MAILBOX } from "../limits.ts";
import type { Env } from "../ports.ts";
import { mailArrived } from "./collectingMail.ts";
import { callEvent, startCall, tickCall } from "./calling.ts";
import { flush, markRead, sendText } from "./delivery.ts";
import { linkFailed, peerFound, peerLeft } from "./discovery.ts";
import type { NodeEffect } from "./effect.ts";
import type { NodeEvent } from "./event.ts";
import { frameReceived, linkOpened } from "./frames.ts";
import { earlierLoaded, readEarlier } from "./history.ts";
import { acceptInvite, createInvite, endWaiting, forgetInvites, revokeInvite } from "./inviting.ts";
import { bundleTaken, depositAnswered, leaveMail } from "./leavingMail.ts";
import { noteThroughTurn, tendLinks } from "./links.ts";
import {
  mailboxAnswered,
  mailboxClosed,
  mailboxOpened,
  mailOffered,
  setJoinCode,
  stockLow,
  tendMailbox,
} from "./mailbox.ts";
import { differences } from "./persist.ts";
import { createSelf, removeContact, tendPrekeys } from "./person.ts";
import { tendSession } from "./renewing.ts";
import { settle } from "./settle.ts";
import { EMPTY_NETWORK, NO_MAIL_RUN, type NodeState } from "./state.ts";
import { Turn } from "./turn.ts";
import { markVerified } from "./verification.ts";

export interface Step {
  readonly state: NodeState;
  /** To be run in order. A `Persist` comes first: it is durable before anything is sent. */
  readonly effects: readonly NodeEffect[];
  /** Why the event was refused, wholly or in part; the person is told where it was theirs. */
  readonly refusal: Reason | null;
}

export function step(state: NodeState, event: NodeEvent, env: Env): Step {
  const turn = new Turn(state, env);
  apply(turn, event);
  settle(turn, state);
  const writes = [...differences(state, turn.state), ...turn.writes];
  const effects = inOrder(turn.effects);
  return {
    state: turn.state,
    effects: writes.length === 0 ? effects : [{ type: "Persist", writes }, ...effects],
    refusal: turn.refusal,
  };
}

/** Who may reach us is settled before anything is said that makes them try. */
function inOrder(effects: readonly NodeEffect[]): readonly NodeEffect[] {
  const isFirst = ({ type }: NodeEffect) => type === "AllowDirect" || type === "SetTopics";
  return [...effects.filter(isFirst), ...effects.filter((effect) => !isFirst(effect))];
}

function apply(turn: Turn, event: NodeEvent): void {
  switch (event.type) {
    case "CreateIdentity":
      return createSelf(turn, event.name);
    case "CreateInvite":
      return turn.state.self === null ? turn.refuse("node.no-identity") : createInvite(turn);
    case "RevokeInvite":
      return revokeInvite(turn, event.invite);
    case "AcceptInvite":
      return acceptInvite(turn, event.token);
    case "SendText":
      return sendText(turn, event.contact, event.text);
    case "MarkRead":
      return markRead(turn, event.contact);
    case "RemoveContact":
      return removeContact(turn, event.contact);
    case "MarkVerified":
      return markVerified(turn, event.contact, event.verified);
    case "ReadEarlier":
      return readEarlier(turn, event.contact);
    case "EarlierLoaded":
      return earlierLoaded(turn, event.contact, event.records);
    case "StartCall":
      return startCall(turn, event.contact);
    case "AnswerCall":
      return callEvent(turn, { type: "Answer" });
    case "DeclineCall":
      return callEvent(turn, { type: "Decline" });
    case "LeaveCall":
      return callEvent(turn, { type: "Leave" });
    case "DismissCall":
      return callEvent(turn, { type: "Dismiss" });
    case "TransportReady":
      turn.setNetwork({ ...EMPTY_NETWORK, self: event.peer });
      return turn.setMail({ ...NO_MAIL_RUN, nextAsk: turn.state.mail.nextAsk, startedAtMs: turn.nowMs });
    case "RendezvousChanged":
      return turn.setNetwork({ rendezvous: event.state });
    case "PeerFound":
      return peerFound(turn, event.topic, event.peer);
    case "PeerLeft":
      return peerLeft(turn, event.topic, event.peer);
    case "LinkOpened":
      return linkOpened(turn, event.link, event.peer, event.role, event.route);
    case "LinkThroughTurn":
      return noteThroughTurn(turn, event.link);
    case "LinkFailed":
      return linkFailed(turn, event.peer, event.route);
    case "FrameReceived":
      return frameReceived(turn, event.link, event.frame);
    case "LinkClosed":
      return turn.dropLink(event.link);
    case "SetJoinCode":
      return setJoinCode(turn, event.code);
    case "MailOffered":
      return mailOffered(turn, event.server);
    case "MailboxOpened":
      return mailboxOpened(turn, event.exists);
    case "MailboxClosed":
      return mailboxClosed(turn);
    case "MailboxAnswered":
      return mailboxAnswered(turn, event.ask, event.outcome);
    case "MailArrived":
      return mailArrived(turn, event.waiting, event.more);
    case "StockLow":
      return stockLow(turn, event.left);
    case "DepositAnswered":
      return depositAnswered(turn, event.ask, event.outcome);
    case "BundleTaken":
      return bundleTaken(turn, event.ask, event.outcome);
    case "VoiceSignalMade":
    case "VoiceConnected":
    case "VoiceFailed":
    case "VoiceSealed":
      return callEvent(turn, event);
    case "Tick":
      return tick(turn);
  }
}

function tick(turn: Turn): void {
  tendLinks(turn);
  tendPrekeys(turn);
  forgetInvites(turn);
  endWaiting(turn);
  tickCall(turn);
  tendMailbox(turn);
  let left = 0;
  for (const user of turn.state.contacts.keys()) {
    tendSession(turn, user);
    flush(turn, user);
    // Who does not get its turn is still due, so another tick follows at once.
    if (left < MAILBOX.leaveStepCount && leaveMail(turn, user)) left++;
  }
}
