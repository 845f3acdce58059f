/** A node whose server, or whose contact, says what it likes: in mail, in answers, and in answers that nobody asked for. */
import assert from "node:assert/strict";
import { takeBundle } from "../../core/identity/prekeys.ts";
import { sealBundle } from "../../core/mailbox/bundles.ts";
import { sealMail } from "../../core/mailbox/mail.ts";
import { addressOf, spaceKeys } from "../../core/mailbox/space.ts";
import { type AskOutcome, deadline, type NodeEvent, type NodeState, step } from "../../core/node/index.ts";
import { seal } from "../../core/session/session.ts";
import { decode } from "../../core/wire/cbor.ts";
import { contentCodec } from "../../core/wire/content.ts";
import { encodeMailAddress } from "../../core/wire/mailAddress.ts";
import { SEALED_LENGTHS } from "../../core/wire/sealedMail.ts";
import type { WaitingMail } from "../../core/wire/spaceAnswer.ts";
import { ORIGIN } from "../sim/postOffice.ts";
import { contactOf, MailStage, says, userOf } from "../unit/node/mailStage.ts";
import type { Actor } from "../unit/node/stage.ts";
import { envOf, must } from "../support/world.ts";
import { mutateBytes, mutateCbor } from "./mutate.ts";
import { readable, type Writes } from "./nodes.ts";
import * as samples from "./samples.ts";
import type { Target } from "./target.ts";

const env = envOf(81);
const MAX_CONTENT_BYTES = 16_000;
/** Opening a piece of mail and answering it takes some 5 ms, beginning a session as much again. */
const MAX_STEP_MS = 250;
const MAX_EVENTS = 12;
/** Ticks at one moment after which a node has nothing left to do. */
const MAX_TICKS = 50;

/** Alice is there, Bob is not, and she has written to him. */
function evening() {
  const stage = new MailStage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  stage.friends(alice, bob);
  stage.leaves(bob);
  const perform = stage.perform.bind(stage);
  stage.perform = (actor, effect) => effect.type === "DepositMail" ? undefined : perform(actor, effect);
  says(alice, bob, "good night");
  return { stage, alice, bob };
}

/** Mail of `by` with one envelope, which says anything at all. */
function mailOf(by: Actor, to: Actor, content: Uint8Array): Uint8Array {
  const { user, id: device } = by.state.self!.identity.device;
  const { envelope } = seal(contactOf(by, to).sessions[0]!, content, env);
  const mail = { kind: "pairwise", user, device, envelopes: [envelope] } as const;
  return must(sealMail(contactOf(by, to).mail.theirs!, mail, env));
}

const addresses = [ORIGIN, "https://evil.example", "", "http://127.0.0.1:22", "x".repeat(255)].map((server) =>
  contentCodec.encode({
    t: "address",
    address: encodeMailAddress(addressOf(spaceKeys(env.rng.bytes(32)), server, env.rng.bytes(32))),
  })
);

/** A step may not change what it began with; what comes of it is what the store will hold. */
function stepped(state: NodeState, event: NodeEvent, nowMs: number, writes: Writes) {
  const { contacts, invites, self, space, mail } = state;
  const result = step(state, event, { ...env, nowMs });
  assert.ok(state.contacts === contacts && state.invites === invites && state.self === self, "the state was changed");
  assert.ok(state.space === space && state.mail === mail, "the state was changed");
  for (const effect of result.effects) if (effect.type === "Persist") writes.push(...effect.writes);
  for (const effect of result.effects) {
    if (effect.type !== "DepositMail" && effect.type !== "TakeBundle") continue;
    assert.equal(effect.address.server, result.state.mail.offered, "a server of somebody else's choice was called on");
  }
  return result;
}

/** Anything at all in mail that a contact has sealed. */
function contents(): Target {
  const { stage, alice, bob } = evening();
  const { depositor } = contactOf(alice, bob).mail.ours!;
  const writes: Writes = [];
  return {
    name: "node mail contents",
    cost: "costly",
    maxInputMs: MAX_STEP_MS,
    seeds: [...samples.contents, ...addresses],
    mutate: (random, seed, other) => mutateCbor(random, seed, other).subarray(0, MAX_CONTENT_BYTES),
    run(input) {
      const waiting = [{ serial: 1, depositor, envelope: mailOf(bob, alice, input) }];
      const result = stepped(alice.state, { type: "MailArrived", waiting, more: false }, stage.nowMs, writes);
      rests(result.state, stage.nowMs + 3_600_000, writes);
      return { passedFirstParse: decode(input, MAX_CONTENT_BYTES).ok, reason: result.refusal };
    },
    check: () => readable(alice, writes),
  };
}

/** A tick at the deadline moves it on: however it came to this state, a node does not turn in circles. */
function rests(state: NodeState, nowMs: number, writes: Writes): void {
  let current = state;
  for (let ticks = 0; (deadline(current) ?? Infinity) <= nowMs; ticks++) {
    assert.ok(ticks < MAX_TICKS, "the node ticks without end");
    current = stepped(current, { type: "Tick" }, nowMs, writes).state;
  }
}

const OUTCOMES: readonly AskOutcome[] = [
  { t: "done" },
  { t: "lost" },
  { t: "refused", reason: "unknown-space", retryAfterS: 0 },
  { t: "refused", reason: "quota", retryAfterS: 3_600 },
  { t: "refused", reason: "join-code", retryAfterS: 0 },
];

/** Events of a hostile server, three bytes each: which, and two numbers that say how. */
function events(): Target {
  const { stage, alice, bob } = evening();
  const carol = stage.actor("Carol");
  const known = contactOf(alice, bob).mail.ours!.depositor;
  const sealed = [...samples.contents.slice(0, 4), ...addresses.slice(0, 2)].map((content) =>
    mailOf(bob, alice, content)
  );
  const junk = SEALED_LENGTHS.map((length) => env.rng.bytes(length).with(0, 1));
  const mails = [...sealed, ...sealed.map((one) => one.with(60, one[60]! ^ 1)), ...junk];
  const bundles = [bob, carol].map(({ state }) => {
    const { bundle } = takeBundle(state.self!.prekeys, state.self!.identity.device, env);
    return sealBundle(bob.state.space!.keys, bundle, env);
  });
  bundles.push(bundles[0]!.with(200, bundles[0]![200]! ^ 1), env.rng.bytes(bundles[0]!.length));
  const depositors = [known, [...alice.state.invites.values()][0]!.mail?.depositor ?? known, userOf(bob)];
  const pick = <T>(from: readonly T[], place: number): T => from[place % from.length]!;
  const mail = (a: number, b: number): WaitingMail => ({
    serial: pick([1, 2, Number.MAX_SAFE_INTEGER], b),
    depositor: pick(depositors, b >> 2) as WaitingMail["depositor"],
    envelope: pick(mails, a),
  });
  const eventOf = (state: NodeState, kind: number, a: number, b: number): NodeEvent => {
    const ask = state.mail.nextAsk - (b % 8);
    switch (kind % 12) {
      case 0:
      case 1:
        return { type: "MailArrived", waiting: [mail(a, b), mail(a + 1, b >> 1)].slice(0, b % 3), more: b % 2 === 0 };
      case 2:
      case 3:
        return { type: "MailboxAnswered", ask, outcome: pick(OUTCOMES, a) };
      case 4:
        return { type: "DepositAnswered", ask, outcome: pick(OUTCOMES, a) };
      case 5:
        return { type: "BundleTaken", ask, outcome: { t: "bundle", sealed: pick(bundles, a) } };
      case 6:
        return { type: "StockLow", left: pick([0, 1, 5, 20, Number.MAX_SAFE_INTEGER], a) };
      case 7:
        return { type: "MailboxOpened", exists: a % 2 === 0 };
      case 8:
        return { type: "MailboxClosed" };
      case 9:
        return { type: "SendText", contact: userOf(bob), text: `${a} ${b}` };
      case 10:
        return a % 4 > 0 ? { type: "SetJoinCode", code: `${a}` } : { type: "RemoveContact", contact: userOf(bob) };
      default:
        return { type: "Tick" };
    }
  };
  const writes: Writes = [];
  return {
    name: "node mail events",
    cost: "costly",
    maxInputMs: MAX_EVENTS * MAX_STEP_MS,
    seeds: Array.from({ length: 8 }, () => env.rng.bytes(3 * MAX_EVENTS)),
    mutate: mutateBytes,
    run(input) {
      let { state } = alice;
      let nowMs = stage.nowMs;
      let reason = null;
      for (let at = 0; at + 2 < input.length && at < 3 * MAX_EVENTS; at += 3) {
        const [kind, a, b] = [input[at]!, input[at + 1]!, input[at + 2]!];
        nowMs += kind < 128 ? 0 : a * 1_000;
        const result = stepped(state, eventOf(state, kind, a, b), nowMs, writes);
        state = result.state;
        reason = result.refusal ?? reason;
      }
      rests(state, nowMs + 3_600_000, writes);
      writes.splice(0, writes.length - 200);
      return { passedFirstParse: input.length > 2, reason };
    },
  };
}

export const NODE_MAIL: readonly Target[] = [contents(), events()];
