/**
 * Who learned a whole state, once, and sees everything that is sent after: what that thief can read, and when it is over.
 * The quantum thief also breaks every X25519 key that it sees, and so follows its victim through each turn.
 */
import assert from "node:assert/strict";
import { x25519Key } from "../../../core/crypto/dh.ts";
import { toHex } from "../../../core/ids.ts";
import { RATCHET } from "../../../core/limits.ts";
import type { Env } from "../../../core/ports.ts";
import { sealMessage } from "../../../core/session/ratchet.ts";
import { decodeSession, encodeSession, open, seal, type Session } from "../../../core/session/session.ts";
import { SECURECOMM_SUITE } from "../../../core/session/suite.ts";
import { decodeEnvelope } from "../../../core/wire/envelope.ts";
import { utf8 } from "../../../core/wire/text.ts";
import { must, pair, seededRng } from "../../support/world.ts";

type Name = "alice" | "bob";
const OTHER = { alice: "bob", bob: "alice" } as const;

/** Secrets by their public keys: what a quantum computer would find. */
type Broken = Map<string, Uint8Array>;

class Thief {
  #copy: Session;
  readonly #broken: Broken | null;

  /** `broken` makes it a quantum thief. */
  constructor(stolen: Session, broken: Broken | null) {
    this.#copy = must(decodeSession(SECURECOMM_SUITE, encodeSession(stolen)));
    this.#broken = broken;
  }

  /** Whether it reads what is sent to its victim. */
  readsIncoming(envelope: Uint8Array): boolean {
    const opened = open(this.#copy, envelope);
    if (opened.ok) this.#copy = opened.value.session;
    if (!opened.ok && opened.reason === "ratchet.unknown-secret") {
      this.#guess("them");
      return this.readsIncoming(envelope);
    }
    return opened.ok;
  }

  /** It knows that a secret went in, and can only guess which. */
  #guess(by: "us" | "them"): void {
    const { ratchet } = this.#copy;
    const mix = { by, number: ratchet.mixed + 1, secret: new Uint8Array(32) };
    this.#copy = { ...this.#copy, ratchet: { ...ratchet, mix } };
  }

  /** Takes the same turn as its victim, where it knows the key that the victim made. */
  seesOutgoing(envelope: Uint8Array): void {
    const { suite, ratchet: { turn, mix } } = this.#copy;
    if (turn.t !== "turning") return;
    const encryption = suite.ratchet.headerEncryption!;
    const sealed = must(decodeEnvelope(envelope)).message.subarray(0, encryption.sealedBytes);
    const header = encryption.open(turn.next!.sending, sealed);
    const secret = header === null ? undefined : this.#broken?.get(toHex(header.key));
    if (header === null || secret === undefined) return;
    if (header.mixed !== 0 && mix === null) this.#guess("us");
    const rng = { bytes: (length: number) => length === 32 ? secret : new Uint8Array(length) };
    const none = new Uint8Array(0);
    const { state } = sealMessage(suite.ratchet, this.#copy.ratchet, none, none, { nowMs: 0, rng });
    this.#copy = { ...this.#copy, ratchet: state };
  }
}

class Talk {
  env: Env;
  readonly sessions: Record<Name, Session>;
  readonly broken: Broken = new Map();
  #thief: { readonly victim: Name; readonly thief: Thief } | null = null;

  constructor(seed: number) {
    const { alice, bob } = pair(seed);
    this.sessions = { alice, bob };
    const random = seededRng(seed + 1_000);
    const bytes = (length: number) => {
      const made = random.bytes(length);
      if (length === 32) this.broken.set(toHex(x25519Key(made).publicKey), made);
      return made;
    };
    this.env = { nowMs: pair(seed).env.nowMs, rng: { bytes } };
  }

  steal(victim: Name, isQuantum: boolean): void {
    this.#thief = { victim, thief: new Thief(this.sessions[victim], isQuantum ? this.broken : null) };
  }

  /** Whether the thief reads it, where it was to its victim. */
  say(from: Name): boolean {
    const { session, envelope } = seal(this.sessions[from], utf8("secret"), this.env);
    this.sessions[from] = session;
    this.sessions[OTHER[from]] = must(open(this.sessions[OTHER[from]], envelope)).session;
    if (this.#thief === null) return false;
    const { victim, thief } = this.#thief;
    if (victim !== from) return thief.readsIncoming(envelope);
    thief.seesOutgoing(envelope);
    return false;
  }

  /** Whether any message of a few turns is read by the thief. */
  turns(count: number): boolean {
    const read: boolean[] = [];
    for (let i = 0; i < count; i++) read.push(this.say("bob"), this.say("alice"));
    return read.includes(true);
  }

  wait(): void {
    this.env = { ...this.env, nowMs: this.env.nowMs + RATCHET.mixAfterMs };
  }
}

for (const victim of ["alice", "bob"] as const) {
  Deno.test(`[RAT16] a thief of ${victim}'s state reads until the victim has answered, and nothing after`, () => {
    const talk = new Talk(1);
    talk.turns(2);
    talk.steal(victim, false);
    assert.ok(talk.say(OTHER[victim]), "what is sent to the stolen key is read");
    talk.say(victim);
    assert.ok(!talk.say(OTHER[victim]), "what is sent to the fresh key is not");
    assert.ok(!talk.turns(5));
  });

  Deno.test(`[RAT16] a quantum thief of ${victim}'s state reads on through all turns, until a fresh secret goes in`, () => {
    const talk = new Talk(2);
    talk.turns(2);
    talk.steal(victim, true);
    assert.ok(talk.turns(5), "turns alone do not shut it out");
    talk.wait();
    talk.turns(2);
    assert.deepEqual([talk.sessions.alice.ratchet.mixed, talk.sessions.bob.ratchet.mixed], [1, 1]);
    assert.ok(!talk.turns(5));
  });

  Deno.test(`[RAT16] a quantum thief that took ${victim}'s half of an exchange is shut out by the one after it`, () => {
    const talk = new Talk(3);
    talk.turns(2);
    talk.wait();
    talk.say("bob");
    talk.say("alice");
    if (victim === "bob") talk.say("bob");
    talk.steal(victim, true);
    talk.turns(2);
    assert.equal(talk.sessions.alice.ratchet.mixed, 1);
    assert.ok(talk.turns(2), "an exchange that had begun does not shut it out");
    talk.wait();
    talk.turns(3);
    assert.equal(talk.sessions.alice.ratchet.mixed, 2);
    assert.ok(!talk.turns(5));
  });
}
