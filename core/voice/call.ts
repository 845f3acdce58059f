/**
 * A direct call between two people, as a pure step: ringing, answering, glare, busy, timeouts, and its keys. Control
 * messages arrive through the ratchet, so their sender is known; the shares of the key agreement are signed besides.
 */
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import { callId, type UserId } from "../ids.ts";
import { VOICE } from "../limits.ts";
import type { Env } from "../ports.ts";
import type { CallControl, CallShare } from "../wire/callControl.ts";
import type { CallAction, CallPeer } from "./action.ts";
import {
  type CallEvent,
  type CallOutcome,
  type CallSelf,
  type CallState,
  type CallStep,
  contactOf,
  IDLE,
  type InMedia,
  isLive,
  isMedia,
  type Live,
  type Media,
  type VoiceEvent,
} from "./callState.ts";
import { acceptAnswer, type CallParties, checkOffer, makeAnswer, makeOffer } from "./keyAgreement.ts";
import { addPeer, countSealed, endKeys, type KeyStep, receiveKeyControl, startKeys, tickKeys } from "./keySchedule.ts";

export { callCoverage, callDeadlineMs, type CallEvent, type CallSelf, type CallState, IDLE } from "./callState.ts";

/** The next state and what to do. A refusal leaves the state as it was. */
export function stepCall(state: CallState, event: CallEvent, self: CallSelf, env: Env): Result<CallStep, Reason> {
  switch (event.type) {
    case "Start":
      return start(state, event.contact, self, env);
    case "Answer":
      return state.type === "incoming" ? answer(state, self, env) : refuse("call.unknown");
    case "Decline":
      if (state.type !== "incoming") return refuse("call.unknown");
      return ok(end(state, "declined", [send(state.peer.user, { t: "decline", call: state.id })]));
    case "Leave":
      return leave(state);
    case "Dismiss":
      return ok(stay(state.type === "ended" ? IDLE : state));
    case "Unreachable":
      return ok(isLive(state) && contactOf(state) === event.contact ? end(state, "unreachable") : stay(state));
    case "Control":
      return control(state, event.from, event.control, self, env);
    case "Tick":
      return ok(tick(state, env));
    default:
      return isMedia(state) && state.id === event.call ? voice(state, event, env) : refuse("call.unknown");
  }
}

const stay = (state: CallState): CallStep => ({ state, actions: [] });
const send = (to: UserId, message: CallControl): CallAction => ({ type: "SendControl", to, control: message });

function end(state: Live, outcome: CallOutcome, first: readonly CallAction[] = []): CallStep {
  const closing: readonly CallAction[] = isMedia(state)
    ? [...endKeys(state.keys), { type: "CloseVoice", call: state.id }]
    : [];
  return {
    state: { type: "ended", id: state.id, contact: contactOf(state), startedAtMs: state.startedAtMs, outcome },
    actions: [...first, ...closing],
  };
}

const hangup = (state: Live): CallAction => send(contactOf(state), { t: "hangup", call: state.id });

function start(state: CallState, contact: UserId, self: CallSelf, env: Env): Result<CallStep, Reason> {
  if (isLive(state)) return refuse("call.busy");
  const id = callId(env.rng.bytes(16));
  if (!id.ok) return id;
  const offer = makeOffer({ call: id.value, caller: self.user, callee: contact }, self.signing, env.rng);
  return ok({
    state: { type: "calling", id: id.value, contact, startedAtMs: env.nowMs, offer },
    actions: [send(contact, { t: "offer", ...offer.share })],
  });
}

function leave(state: CallState): Result<CallStep, Reason> {
  if (!isLive(state)) return refuse("call.unknown");
  if (state.type === "incoming") {
    return ok(end(state, "declined", [send(state.peer.user, { t: "decline", call: state.id })]));
  }
  return ok(end(state, "left", [hangup(state)]));
}

function answer(
  state: Extract<CallState, { type: "incoming" }>,
  self: CallSelf,
  env: Env,
): Result<CallStep, Reason> {
  const { id, peer, offer, startedAtMs } = state;
  const parties = { call: id, caller: peer.user, callee: self.user };
  const made = makeAnswer(parties, offer, peer.device, self.signing, env.rng);
  if (!made.ok) return made;
  const { share, pairwise } = made.value;
  const reply = send(peer.user, { t: "answer", ...share });
  return ok(connect({ id, peer, startedAtMs, code: pairwise.code }, pairwise, false, [reply], env));
}

/** Both sides hold the pairwise key: open the engine and hand over our first secret. */
function connect(
  media: Omit<Media, "keys">,
  pairwise: Parameters<typeof addPeer>[2],
  initiator: boolean,
  first: readonly CallAction[],
  env: Env,
): CallStep {
  const started = startKeys(media.id, env);
  const added = addPeer(started.state, media.peer, pairwise, env);
  return {
    state: { type: "connecting", ...media, keys: added.state, initiator, sinceMs: env.nowMs },
    actions: [
      ...first,
      { type: "OpenVoice", call: media.id, initiator },
      ...keyActions(started),
      ...keyActions(added),
    ],
  };
}

const keyActions = ({ send: messages, install }: KeyStep): readonly CallAction[] => [
  ...install,
  ...messages.map(({ to, control: message }) => send(to.user, message)),
];

function control(
  state: CallState,
  from: CallPeer,
  message: CallControl,
  self: CallSelf,
  env: Env,
): Result<CallStep, Reason> {
  if (message.t === "offer") return offered(state, from, message, self, env);
  if (!isLive(state) || state.id !== message.call || contactOf(state) !== from.user) return refuse("call.unknown");
  switch (message.t) {
    case "answer":
      return state.type === "calling" ? answered(state, from, message, self, env) : refuse("call.unknown");
    case "decline":
      return state.type === "calling" ? ok(end(state, "declined")) : refuse("call.unknown");
    case "busy":
      return state.type === "calling" ? ok(end(state, "busy")) : refuse("call.unknown");
    case "hangup":
      return ok(end(state, state.type === "incoming" ? "unanswered" : "left"));
  }
  // What is left concerns the media, and so only the device that the keys were agreed with.
  if (!isMedia(state) || state.peer.device !== from.device) return refuse("call.unknown");
  if (message.t === "signal") {
    return ok({ state, actions: [{ type: "DeliverVoiceSignal", call: state.id, signal: message.signal }] });
  }
  const step = receiveKeyControl(state.keys, from.device, message, env);
  return step.ok ? ok({ state: { ...state, keys: step.value.state }, actions: keyActions(step.value) }) : step;
}

function answered(
  state: Extract<CallState, { type: "calling" }>,
  from: CallPeer,
  share: CallShare,
  self: CallSelf,
  env: Env,
): Result<CallStep, Reason> {
  const { id, startedAtMs } = state;
  const parties = { call: id, caller: self.user, callee: state.contact };
  const pairwise = acceptAnswer(parties, state.offer, share, from.device);
  if (!pairwise.ok) return pairwise;
  return ok(connect({ id, peer: from, startedAtMs, code: pairwise.value.code }, pairwise.value, true, [], env));
}

function offered(
  state: CallState,
  from: CallPeer,
  offer: CallShare,
  self: CallSelf,
  env: Env,
): Result<CallStep, Reason> {
  const parties: CallParties = { call: offer.call, caller: from.user, callee: self.user };
  const genuine = checkOffer(parties, offer, from.device);
  if (!genuine.ok) return genuine;
  const incoming = { type: "incoming", id: offer.call, peer: from, startedAtMs: env.nowMs, offer } as const;
  if (!isLive(state)) return ok(stay(incoming));
  if (contactOf(state) !== from.user) return ok({ state, actions: [send(from.user, { t: "busy", call: offer.call })] });
  switch (state.type) {
    case "calling":
      // Glare: both called at once, so both want to talk. The offer of the smaller user id stands.
      return self.user < from.user ? ok(stay(state)) : answer(incoming, self, env);
    case "incoming":
      return ok(stay(state.id === offer.call ? state : incoming));
    case "connecting":
      // The offer that lost the glare, late.
      return ok(stay(state));
    case "active": {
      // They have started anew, after a crash or a reload: the old call has nobody at its other end.
      if (state.id === offer.call) return ok(stay(state));
      return ok({ state: incoming, actions: end(state, "left").actions });
    }
  }
}

function voice(state: InMedia, event: VoiceEvent, env: Env): Result<CallStep, Reason> {
  switch (event.type) {
    case "VoiceSignalMade":
      return ok({ state, actions: [send(state.peer.user, { t: "signal", call: state.id, signal: event.signal })] });
    case "VoiceConnected": {
      const { id, peer, startedAtMs, keys, code } = state;
      const connectedAtMs = state.type === "active" ? state.connectedAtMs : env.nowMs;
      const { route } = event;
      return ok(stay({ type: "active", id, peer, startedAtMs, keys, code, connectedAtMs, route }));
    }
    case "VoiceFailed":
      return ok(end(state, "failed", [hangup(state)]));
    case "VoiceSealed": {
      const step = countSealed(state.keys, event.packets, env);
      return ok({ state: { ...state, keys: step.state }, actions: keyActions(step) });
    }
  }
}

function tick(state: CallState, env: Env): CallStep {
  switch (state.type) {
    case "calling":
    case "incoming": {
      if (env.nowMs < state.startedAtMs + VOICE.ringTimeoutMs) return stay(state);
      return end(state, "unanswered", state.type === "calling" ? [hangup(state)] : []);
    }
    case "connecting":
      if (env.nowMs >= state.sinceMs + VOICE.connectTimeoutMs) return end(state, "failed", [hangup(state)]);
      return tickMedia(state, env);
    case "active":
      return tickMedia(state, env);
    default:
      return stay(state);
  }
}

function tickMedia(state: InMedia, env: Env): CallStep {
  const step = tickKeys(state.keys, env);
  return { state: { ...state, keys: step.state }, actions: keyActions(step) };
}
