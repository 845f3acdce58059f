/** The post-quantum part of the ratchet: when it begins, what carries it, where it goes in, and what that heals. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { x25519Shared } from "../../../core/crypto/dh.ts";
import { hkdfSha256 } from "../../../core/crypto/kdf.ts";
import { isKemKey } from "../../../core/crypto/kem.ts";
import { LABELS } from "../../../core/crypto/labels.ts";
import { RATCHET } from "../../../core/limits.ts";
import type { Env } from "../../../core/ports.ts";
import { decodeSession, encodeSession, open, seal, type Session } from "../../../core/session/session.ts";
import { SECURECOMM_SUITE } from "../../../core/session/suite.ts";
import { concat } from "../../../core/wire/bytes.ts";
import { fromUtf8, utf8 } from "../../../core/wire/text.ts";
import { encodeRatchetBody } from "../../../core/wire/ratchetBody.ts";
import { envOf, must, mustRefuse, pair } from "../../support/world.ts";

type Name = "alice" | "bob";
const OTHER = { alice: "bob", bob: "alice" } as const;

/** Alice began the session, so she offers. */
class Talk {
  env: Env;
  readonly sessions: Record<Name, Session>;

  constructor(seed: number) {
    const { alice, bob, env } = pair(seed);
    this.sessions = { alice, bob };
    this.env = env;
  }

  seal(from: Name, text = "x"): Uint8Array {
    const { session, envelope } = seal(this.sessions[from], utf8(text), this.env);
    this.sessions[from] = session;
    return envelope;
  }

  open(to: Name, envelope: Uint8Array): string {
    const { session, plaintext } = must(open(this.sessions[to], envelope));
    this.sessions[to] = must(decodeSession(SECURECOMM_SUITE, encodeSession(session)));
    return fromUtf8(plaintext)!;
  }

  /** One message that arrives. */
  say(from: Name, text = "x"): Uint8Array {
    const envelope = this.seal(from, text);
    assert.equal(this.open(OTHER[from], envelope), text);
    return envelope;
  }

  /** A message each way. */
  round(): void {
    this.say("bob");
    this.say("alice");
  }

  wait(ms = RATCHET.mixAfterMs): void {
    this.env = { ...this.env, nowMs: this.env.nowMs + ms };
  }

  step(who: Name) {
    return this.sessions[who].exchange!.step;
  }

  mixed(): readonly [number, number] {
    return [this.sessions.alice.ratchet.mixed, this.sessions.bob.ratchet.mixed];
  }
}

const LARGE = 18 + 72 + 4096 + 16;
const SMALL = 18 + 72 + 256 + 16;

Deno.test("[RAT13] an exchange begins with the 50th message, and its secret goes in with the offerer's next turn", () => {
  const talk = new Talk(1);
  talk.round();
  const already = talk.sessions.alice.exchange!.messageCount;
  for (let i = already; i < RATCHET.mixAfterMessages; i++) talk.say("alice");
  assert.equal(talk.step("alice").t, "idle");
  talk.say("alice");
  assert.equal(talk.step("bob").t, "received");
  talk.say("bob");
  assert.equal(talk.sessions.alice.ratchet.mix?.by, "us");
  assert.deepEqual(talk.mixed(), [0, 0]);
  talk.say("alice");
  assert.deepEqual(talk.mixed(), [1, 1]);
  assert.deepEqual([talk.step("alice").t, talk.step("bob").t], ["idle", "idle"]);
  assert.equal(talk.sessions.alice.exchange!.messageCount, 0);
});

Deno.test("[RAT13] after seven days an exchange begins with the first message, however few there were", () => {
  const talk = new Talk(2);
  talk.round();
  talk.wait(RATCHET.mixAfterMs - 1);
  talk.round();
  assert.equal(talk.step("alice").t, "idle");
  talk.wait(1);
  for (let i = 0; i < 2; i++) talk.round();
  assert.deepEqual(talk.mixed(), [1, 1]);
  talk.wait();
  for (let i = 0; i < 2; i++) talk.round();
  assert.deepEqual(talk.mixed(), [2, 2]);
});

Deno.test("[RAT14] in the chain of its making a part rides on the 1st, 2nd, 4th, 8th message, in later ones on all", () => {
  const talk = new Talk(3);
  talk.round();
  talk.wait();
  const sizes = Array.from({ length: 10 }, () => talk.seal("alice").length);
  assert.deepEqual(sizes.map((size) => size === LARGE), [1, 1, 0, 1, 0, 0, 0, 1, 0, 0].map(Boolean));
  assert.ok(sizes.every((size) => size === LARGE || size === SMALL));
  assert.equal(talk.open("bob", talk.seal("alice", "no offer")), "no offer");
  talk.say("bob");
  for (let i = 0; i < 5; i++) assert.equal(talk.seal("alice").length, LARGE);
});

Deno.test("[RAT14] a content that leaves no room is sent without its part, and the next one carries it", () => {
  const talk = new Talk(4);
  talk.round();
  talk.wait();
  talk.say("alice", "y".repeat(16_000));
  assert.equal(talk.step("bob").t, "idle");
  talk.say("alice");
  assert.equal(talk.step("bob").t, "received");
});

Deno.test("[RAT14] offers that come late, twice, or of an exchange that is over change nothing", () => {
  const talk = new Talk(5);
  talk.round();
  talk.wait();
  const [first, second, third] = [talk.seal("alice"), talk.seal("alice"), talk.seal("alice")];
  talk.open("bob", second);
  talk.say("bob");
  const answered = talk.step("bob");
  talk.open("bob", first);
  assert.deepEqual({ ...talk.step("bob"), sentCount: 0 }, { ...answered, sentCount: 0 });
  talk.say("alice");
  talk.round();
  assert.deepEqual(talk.mixed(), [1, 1]);
  talk.open("bob", third);
  talk.round();
  assert.deepEqual([talk.mixed(), talk.step("bob").t], [[1, 1], "idle"]);
});

Deno.test("[RAT14] answers that come twice or late do not put the secret in again", () => {
  const talk = new Talk(6);
  talk.round();
  talk.wait();
  talk.say("alice");
  const [first, second] = [talk.seal("bob"), talk.seal("bob")];
  talk.open("alice", first);
  talk.say("alice");
  assert.deepEqual(talk.mixed(), [1, 1]);
  talk.open("alice", second);
  assert.equal(talk.sessions.alice.ratchet.mix, null);
  talk.round();
  assert.deepEqual(talk.mixed(), [1, 1]);
});

Deno.test("[RAT14] whatever is lost, two messages that arrive after the next turns complete an exchange", () => {
  fc.assert(
    fc.property(fc.nat(1_000), fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 4 }), (seed, losses) => {
      const talk = new Talk(100 + seed);
      talk.round();
      talk.wait();
      for (const [lostByBob, lostByAlice] of losses) {
        for (let i = 0; i < lostByBob; i++) talk.seal("alice");
        talk.say("alice");
        for (let i = 0; i < lostByAlice; i++) talk.seal("bob");
        talk.say("bob");
      }
      for (let i = 0; i < 3; i++) {
        talk.say("alice");
        talk.say("bob");
      }
      talk.say("alice");
      assert.deepEqual(talk.mixed(), [1, 1]);
    }),
    { seed: 20261124, numRuns: 40 },
  );
});

Deno.test("[RAT14] a key that fails the modulus check is refused by name, and nothing changes", () => {
  const talk = new Talk(7);
  talk.round();
  talk.wait();
  talk.seal("alice");
  const { exchange } = talk.sessions.alice;
  assert.ok(exchange?.step.t === "offered" && isKemKey(exchange.step.publicKey));
  const publicKey = exchange.step.publicKey.with(0, 0xff).with(1, 0xff);
  assert.ok(!isKemKey(publicKey));
  talk.sessions.alice = { ...talk.sessions.alice, exchange: { ...exchange, step: { ...exchange.step, publicKey } } };
  const envelope = talk.seal("alice");
  const before = encodeSession(talk.sessions.bob);
  mustRefuse(open(talk.sessions.bob, envelope), "ratchet.bad-key");
  assert.deepEqual(encodeSession(talk.sessions.bob), before);
});

Deno.test("[RAT15] a turn that claims a secret which nobody agreed on is refused by name", () => {
  const talk = new Talk(8);
  talk.round();
  talk.say("bob");
  const { ratchet } = talk.sessions.alice;
  const mix = { by: "us", number: 1, secret: new Uint8Array(32) } as const;
  talk.sessions.alice = { ...talk.sessions.alice, ratchet: { ...ratchet, mix } };
  mustRefuse(open(talk.sessions.bob, talk.seal("alice")), "ratchet.unknown-secret");
});

Deno.test("[RAT15] the root step that a secret goes into is what the rule says", () => {
  const talk = new Talk(9);
  talk.round();
  talk.wait();
  talk.say("alice");
  talk.say("bob");
  const { turn, mix } = talk.sessions.alice.ratchet;
  assert.ok(turn.t === "turning" && mix !== null);
  talk.seal("alice");
  const after = talk.sessions.alice.ratchet.turn;
  assert.ok(after.t === "sending");
  const shared = must(x25519Shared(after.self.secret, turn.remote));
  const derived = hkdfSha256(concat(shared, mix.secret), turn.root, LABELS.ratchetMixedRoot, 96);
  assert.deepEqual(after.root, derived.subarray(0, 32));
  assert.deepEqual(after.next?.sending, derived.subarray(64));
  assert.equal(after.mixed, 1);
});

Deno.test("[RAT8] [RAT15] the secrets of an exchange are in no state after it", () => {
  const talk = new Talk(10);
  talk.round();
  talk.wait();
  talk.say("alice");
  const offered = talk.step("alice");
  assert.ok(offered.t === "offered");
  talk.say("bob");
  const secret = talk.sessions.bob.ratchet.mix!.secret;
  const stored = (who: Name) => encodeSession(talk.sessions[who]).join();
  assert.ok(!stored("alice").includes(offered.seed.join()), "the seed is dropped with the answer");
  assert.ok(stored("alice").includes(secret.join()) && stored("bob").includes(secret.join()));
  talk.say("alice");
  for (const who of ["alice", "bob"] as const) assert.ok(!stored(who).includes(secret.join()));
});

Deno.test("[RAT14] a part cut short, or of an unknown kind, is malformed", () => {
  const talk = new Talk(11);
  talk.round();
  const bodies = [
    Uint8Array.of(3),
    new Uint8Array(0),
    encodeRatchetBody({ t: "offer", number: 1, body: new Uint8Array(1183) }, new Uint8Array(0)),
    encodeRatchetBody({ t: "answer", number: 1, body: new Uint8Array(1087) }, new Uint8Array(0)),
  ];
  for (const body of bodies) {
    const plain = { ...talk.sessions.bob, exchange: null };
    mustRefuse(open(talk.sessions.alice, seal(plain, body, envOf(1)).envelope), "wire.malformed");
  }
});
