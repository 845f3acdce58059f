import assert from "node:assert/strict";
import { VOICE } from "../../../core/limits.ts";
import type { Env } from "../../../core/ports.ts";
import type { CallAction } from "../../../core/voice/action.ts";
import {
  callCoverage,
  callDeadlineMs,
  type CallEvent,
  type CallState,
  IDLE,
  stepCall,
} from "../../../core/voice/call.ts";
import type { CallControl } from "../../../core/wire/callControl.ts";
import { flipBit, must, mustRefuse, seededRng } from "../../support/world.ts";
import { alice, bob, carol, type Person } from "./people.ts";

const rng = seededRng(51);
const START_MS = 5_000_000;

/** A person with a telephone: steps its state, keeps what it was asked to do. */
class Phone {
  state: CallState = IDLE;
  nowMs = START_MS;
  outbox: { readonly to: string; readonly control: CallControl }[] = [];
  readonly done: CallAction[] = [];

  constructor(readonly who: Person) {}

  step(event: CallEvent) {
    const env: Env = { nowMs: this.nowMs, rng };
    return stepCall(this.state, event, this.who, env);
  }

  do(event: CallEvent): void {
    const { state, actions } = must(this.step(event));
    this.state = state;
    for (const action of actions) {
      if (action.type === "SendControl") this.outbox.push(action);
      else this.done.push(action);
    }
  }

  get outcome(): string | null {
    return this.state.type === "ended" ? this.state.outcome : null;
  }

  did(type: CallAction["type"]): number {
    return this.done.filter((action) => action.type === type).length;
  }
}

/** Delivers all that is on its way until nothing is; refusals are returned. */
function deliver(...phones: readonly Phone[]): string[] {
  const refused: string[] = [];
  for (let round = 0; round < 10; round++) {
    for (const phone of phones) {
      for (const { to, control } of phone.outbox.splice(0)) {
        const receiver = phones.find(({ who }) => who.user === to);
        const event: CallEvent = { type: "Control", from: phone.who.peer, control };
        const result = receiver?.step(event);
        if (result?.ok) receiver!.do(event);
        else if (result !== undefined) refused.push(result.reason);
      }
    }
  }
  return refused;
}

function connecting(): readonly [Phone, Phone] {
  const [a, b] = [new Phone(alice), new Phone(bob)];
  a.do({ type: "Start", contact: bob.user });
  deliver(a, b);
  b.do({ type: "Answer" });
  assert.deepEqual(deliver(a, b), []);
  return [a, b];
}

function active(): readonly [Phone, Phone] {
  const phones = connecting();
  for (const phone of phones) phone.do({ type: "VoiceConnected", call: idOf(phone.state), route: "direct" });
  return phones;
}

const routeOf = (state: CallState) => state.type === "active" ? state.route : null;

function idOf(state: CallState) {
  assert.ok(state.type !== "idle");
  return state.id;
}

Deno.test("[CALL1] a call rings, is answered, connects and is talked in, with keys on both sides", () => {
  const [a, b] = connecting();
  assert.equal(a.state.type, "connecting");
  assert.equal(b.state.type, "connecting");
  for (const phone of [a, b]) {
    assert.equal(phone.did("OpenVoice"), 1);
    assert.equal(phone.did("UseSendingKey"), 1);
    assert.equal(phone.did("AcceptReceivingKey"), 1);
    assert.deepEqual(callCoverage(phone.state), { holding: 2, total: 2 });
    assert.ok(phone.done.findIndex(({ type }) => type === "OpenVoice") === 0, "the engine is there before its keys");
  }
  assert.ok(a.state.type === "connecting" && b.state.type === "connecting");
  assert.equal(a.state.code, b.state.code);
  assert.deepEqual([a.state.initiator, b.state.initiator], [true, false]);
  a.do({ type: "VoiceConnected", call: a.state.id, route: "relayed" });
  assert.deepEqual(routeOf(a.state), "relayed");
});

Deno.test("[VK2] an offer whose signature is wrong does not ring", () => {
  const [a, b] = [new Phone(alice), new Phone(bob)];
  a.do({ type: "Start", contact: bob.user });
  const control = a.outbox[0]!.control;
  assert.ok(control.t === "offer");
  const forged = { ...control, signature: flipBit(control.signature, 1) };
  mustRefuse(b.step({ type: "Control", from: alice.peer, control: forged }), "call.bad-signature");
  mustRefuse(b.step({ type: "Control", from: carol.peer, control }), "call.bad-signature");
  assert.equal(b.state, IDLE);
});

Deno.test("[VK2] an answer whose signature is wrong does not connect", () => {
  const [a, b] = [new Phone(alice), new Phone(bob)];
  a.do({ type: "Start", contact: bob.user });
  deliver(a, b);
  b.do({ type: "Answer" });
  const control = b.outbox[0]!.control;
  assert.ok(control.t === "answer");
  const forged = { ...control, fresh: flipBit(control.fresh, 1) };
  mustRefuse(a.step({ type: "Control", from: bob.peer, control: forged }), "call.bad-signature");
  assert.equal(a.state.type, "calling");
});

Deno.test("[CALL1] a declined call ends as declined on both sides", () => {
  const [a, b] = [new Phone(alice), new Phone(bob)];
  a.do({ type: "Start", contact: bob.user });
  deliver(a, b);
  b.do({ type: "Decline" });
  deliver(a, b);
  assert.deepEqual([a.outcome, b.outcome], ["declined", "declined"]);
});

Deno.test("[CALL1] nobody answers: it ends after 45 s, as a missed call", () => {
  const [a, b] = [new Phone(alice), new Phone(bob)];
  a.do({ type: "Start", contact: bob.user });
  deliver(a, b);
  assert.equal(callDeadlineMs(a.state), START_MS + VOICE.ringTimeoutMs);
  a.nowMs = START_MS + VOICE.ringTimeoutMs - 1;
  a.do({ type: "Tick" });
  assert.equal(a.state.type, "calling");
  a.nowMs++;
  a.do({ type: "Tick" });
  assert.equal(a.outcome, "unanswered");
  deliver(a, b);
  assert.equal(b.outcome, "unanswered");
});

Deno.test("[CALL1] the callee stops ringing by itself when the caller is gone", () => {
  const [a, b] = [new Phone(alice), new Phone(bob)];
  a.do({ type: "Start", contact: bob.user });
  deliver(a, b);
  b.nowMs = START_MS + VOICE.ringTimeoutMs;
  b.do({ type: "Tick" });
  assert.equal(b.outcome, "unanswered");
});

Deno.test("[CALL1] a caller who hangs up while it rings leaves a missed call", () => {
  const [a, b] = [new Phone(alice), new Phone(bob)];
  a.do({ type: "Start", contact: bob.user });
  deliver(a, b);
  a.do({ type: "Leave" });
  deliver(a, b);
  assert.deepEqual([a.outcome, b.outcome], ["left", "unanswered"]);
});

Deno.test("[CALL1] a connection that does not come about fails after 20 s, for both", () => {
  const [a, b] = connecting();
  a.nowMs = START_MS + VOICE.connectTimeoutMs;
  a.do({ type: "Tick" });
  assert.equal(a.outcome, "failed");
  assert.equal(a.did("CloseVoice"), 1);
  deliver(a, b);
  assert.equal(b.did("CloseVoice"), 1);
});

Deno.test("[CALL2] a second caller hears that we are busy, and the first call goes on", () => {
  const [a, b] = active();
  const c = new Phone(carol);
  c.do({ type: "Start", contact: alice.user });
  const before = a.state;
  deliver(a, b, c);
  assert.equal(c.outcome, "busy");
  assert.equal(a.state, before);
  mustRefuse(a.step({ type: "Start", contact: carol.user }), "call.busy");
});

Deno.test("[CALL3] when both call at once there is one call, whoever's offer arrives first", () => {
  for (const order of [[0, 1], [1, 0]] as const) {
    const phones = [new Phone(alice), new Phone(bob)] as const;
    phones[0].do({ type: "Start", contact: bob.user });
    phones[1].do({ type: "Start", contact: alice.user });
    deliver(phones[order[0]], phones[order[1]]);
    assert.ok(phones[0].state.type === "connecting" && phones[1].state.type === "connecting");
    assert.equal(phones[0].state.id, phones[1].state.id);
    assert.equal(phones[0].state.code, phones[1].state.code);
    assert.equal(phones[0].state.initiator, true, "the offer of the smaller user id stands");
    assert.deepEqual(callCoverage(phones[0].state), { holding: 2, total: 2 });
  }
});

Deno.test("[CALL4] who has started anew during a call can call again", () => {
  const [a] = active();
  const again = new Phone(bob);
  again.do({ type: "Start", contact: alice.user });
  deliver(a, again);
  assert.equal(a.state.type, "incoming");
  assert.equal(a.did("CloseVoice"), 1);
  a.do({ type: "Answer" });
  deliver(a, again);
  assert.equal(again.state.type, "connecting");
});

Deno.test("[CALL5] messages of another call, of others, or of another device change nothing", () => {
  const [a, b] = active();
  const before = a.state;
  const call = idOf(before);
  const other = idOf(must(new Phone(carol).step({ type: "Start", contact: alice.user })).state);
  const from = (who: Person, control: CallControl) => a.step({ type: "Control", from: who.peer, control });
  mustRefuse(from(bob, { t: "hangup", call: other }), "call.unknown");
  mustRefuse(from(carol, { t: "hangup", call }), "call.unknown");
  const device = carol.peer.device;
  const signal: CallEvent = {
    type: "Control",
    from: { user: bob.user, device },
    control: { t: "signal", call, signal: Uint8Array.of(1) },
  };
  mustRefuse(a.step(signal), "call.unknown");
  mustRefuse(b.step({ type: "VoiceSealed", call: other, packets: 1 }), "call.unknown");
  assert.equal(a.state, before);
});

Deno.test("[CALL5] signals pass between the engines of both sides", () => {
  const [a, b] = connecting();
  a.do({ type: "VoiceSignalMade", call: idOf(a.state), signal: Uint8Array.of(1, 2) });
  deliver(a, b);
  const delivered = b.done.find(({ type }) => type === "DeliverVoiceSignal");
  assert.ok(delivered?.type === "DeliverVoiceSignal");
  assert.deepEqual(delivered.signal, Uint8Array.of(1, 2));
});

Deno.test("[CALL6] leaving closes the engine and drops the keys on both sides", () => {
  const [a, b] = active();
  a.do({ type: "Leave" });
  deliver(a, b);
  for (const phone of [a, b]) {
    assert.equal(phone.outcome, "left");
    assert.equal(phone.did("CloseVoice"), 1);
    assert.equal(phone.did("DropReceivingKey"), phone.did("AcceptReceivingKey"));
    phone.do({ type: "Dismiss" });
    assert.equal(phone.state, IDLE);
  }
});

Deno.test("[CALL6] a failed engine ends the call for both", () => {
  const [a, b] = active();
  a.do({ type: "VoiceFailed", call: idOf(a.state) });
  assert.equal(a.outcome, "failed");
  deliver(a, b);
  assert.equal(b.outcome, "left");
});

Deno.test("[VK6] a call of five minutes changes keys every 30 s and always has a deadline ahead", () => {
  const [a, b] = active();
  const endMs = START_MS + 300_000;
  while (a.nowMs < endMs) {
    const deadlines = [a, b].map((phone) => callDeadlineMs(phone.state)!);
    const nowMs = Math.max(a.nowMs + 1, Math.min(...deadlines));
    for (const phone of [a, b]) {
      phone.nowMs = nowMs;
      phone.do({ type: "Tick" });
    }
    deliver(a, b);
  }
  // The acknowledgement comes at once, so each key is in use for 28 s.
  for (const phone of [a, b]) assert.ok(phone.did("UseSendingKey") >= 1 + Math.floor(300 / 28));
  assert.deepEqual(callCoverage(a.state), { holding: 2, total: 2 });
});

Deno.test("a contact that cannot be reached ends the call that is being made to it", () => {
  const a = new Phone(alice);
  a.do({ type: "Start", contact: bob.user });
  a.do({ type: "Unreachable", contact: carol.user });
  assert.equal(a.state.type, "calling");
  a.do({ type: "Unreachable", contact: bob.user });
  assert.equal(a.outcome, "unreachable");
});
