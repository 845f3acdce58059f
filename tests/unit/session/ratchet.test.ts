import assert from "node:assert/strict";
import { x25519Key } from "../../../core/crypto/dh.ts";
import { RATCHET } from "../../../core/limits.ts";
import type { Env } from "../../../core/ports.ts";
import {
  initiatorRatchet,
  openMessage,
  type RatchetState,
  responderRatchet,
  sealMessage,
} from "../../../core/session/ratchet.ts";
import { SECURECOMM_SUITE, SECURECOMM_SUITE_1 } from "../../../core/session/suite.ts";
import { decodeRatchetHeader, encodeRatchetHeader } from "../../../core/wire/ratchetHeader.ts";
import { envOf, flipBit, must, mustRefuse } from "../../support/world.ts";

const suite1 = SECURECOMM_SUITE_1.ratchet;
const ad = Uint8Array.of(1, 2, 3);
const TEXT = new Uint8Array(20).fill(5);

/** One side of a ratchet with a memory, so that tests read as a conversation. */
class Side {
  constructor(public state: RatchetState, readonly env: Env, readonly suite = suite1) {}

  seal(plaintext = TEXT): Uint8Array {
    const { state, message } = sealMessage(this.suite, this.state, plaintext, ad, this.env);
    this.state = state;
    return message;
  }

  seals(count: number): readonly Uint8Array[] {
    return Array.from({ length: count }, () => this.seal());
  }

  tryOpen(message: Uint8Array, withAd = ad) {
    return openMessage(this.suite, this.state, message, withAd);
  }

  open(message: Uint8Array): Uint8Array {
    const opened = must(this.tryOpen(message));
    this.state = opened.state;
    return opened.plaintext;
  }

  refuses(message: Uint8Array, reason: string): void {
    const before = structuredClone(this.state);
    mustRefuse(this.tryOpen(message), reason);
    assert.deepEqual(this.state, before);
  }

  get skippedCount(): number {
    return this.state.receiving.reduce((count, { skipped }) => count + skipped.length, 0);
  }
}

function sides(seed = 1, suite = suite1): { readonly alice: Side; readonly bob: Side } {
  const env = envOf(seed);
  const root = env.rng.bytes(32);
  const prekey = x25519Key(env.rng.bytes(32));
  const headers = suite.headerEncryption === null ? null : { sending: env.rng.bytes(32), receiving: env.rng.bytes(32) };
  return {
    alice: new Side(initiatorRatchet(root, prekey.publicKey, headers), env, suite),
    bob: new Side(responderRatchet(root, prekey, headers), env, suite),
  };
}

const header = (message: Uint8Array) => must(decodeRatchetHeader(message));
const reheaded = (message: Uint8Array, change: { index?: number; previousCount?: number; key?: Uint8Array }) => {
  const bent = message.slice();
  bent.set(encodeRatchetHeader({ ...header(message), ...change }));
  return bent;
};

Deno.test("[RAT1] a message is header, ciphertext and tag, numbered from zero in its chain", () => {
  const { alice, bob } = sides();
  const [first, second] = alice.seals(2);
  assert.equal(first!.length, 40 + TEXT.length + 16);
  assert.deepEqual([header(first!).index, header(second!).index], [0, 1]);
  assert.deepEqual(header(first!).key, header(second!).key);
  bob.open(first!);
  bob.open(second!);
  alice.open(bob.seal());
  const next = header(alice.seal());
  assert.deepEqual([next.index, next.previousCount], [0, 2]);
});

Deno.test("[RAT1] associated data and header are authenticated, every bit of a message is", () => {
  const { alice, bob } = sides();
  const message = alice.seal();
  mustRefuse(bob.tryOpen(message, Uint8Array.of(1, 2, 4)), "ratchet.not-authentic");
  bob.refuses(reheaded(message, { previousCount: 1 }), "ratchet.not-authentic");
  for (let bit = 0; bit < 8 * message.length; bit += 5) assert.equal(bob.tryOpen(flipBit(message, bit)).ok, false);
  for (let length = 0; length < message.length; length++) {
    assert.equal(bob.tryOpen(message.subarray(0, length)).ok, false);
  }
  assert.deepEqual(bob.open(message), TEXT);
});

Deno.test("[RAT2] each turn brings a fresh key, made by who sends and not by who receives", () => {
  const { alice, bob } = sides();
  const keys: string[] = [];
  for (let turn = 0; turn < 4; turn++) {
    const fromAlice = alice.seal();
    bob.open(fromAlice);
    assert.equal(bob.state.turn.t, "turning");
    const fromBob = bob.seal();
    assert.equal(bob.state.turn.t, "sending");
    alice.open(fromBob);
    keys.push(header(fromAlice).key.join(), header(fromBob).key.join());
  }
  assert.equal(new Set(keys).size, 8);
});

Deno.test("[RAT2] a responder that has opened nothing has nobody to seal for", () => {
  assert.throws(() => sides().bob.seal());
});

Deno.test("[RAT3] a forged message leaves no trace, even one that begins a new chain or skips far ahead", () => {
  const { alice, bob } = sides();
  bob.open(alice.seal());
  alice.open(bob.seal());
  const honest = alice.seal();
  const attackers = x25519Key(envOf(99).rng.bytes(32)).publicKey;
  bob.refuses(reheaded(honest, { key: attackers }), "ratchet.not-authentic");
  bob.refuses(reheaded(honest, { index: 1_500 }), "ratchet.not-authentic");
  bob.refuses(flipBit(honest, 8 * 45), "ratchet.not-authentic");
  bob.refuses(reheaded(honest, { key: new Uint8Array(32) }), "ratchet.bad-key");
  assert.equal(bob.skippedCount, 0);
  assert.deepEqual(bob.open(honest), TEXT);
  const next = alice.seal();
  bob.refuses(flipBit(next, 8 * 45), "ratchet.not-authentic");
  bob.refuses(reheaded(next, { index: 900 }), "ratchet.not-authentic");
  assert.deepEqual(bob.open(next), TEXT);
});

for (const { version, ratchet: suite } of [SECURECOMM_SUITE_1, SECURECOMM_SUITE]) {
  const of = version === 1 ? "" : ` (version ${version})`;

  Deno.test(`[RAT3] sealing and opening do not change the state that they were given${of}`, () => {
    const { alice, bob } = sides(1, suite);
    const before = structuredClone(alice.state);
    const { message } = sealMessage(suite, alice.state, TEXT, ad, alice.env);
    assert.deepEqual(alice.state, before);
    const waiting = structuredClone(bob.state);
    must(bob.tryOpen(message));
    assert.deepEqual(bob.state, waiting);
  });

  Deno.test(`[RAT4] a replayed message is refused, in its chain and after it was left${of}`, () => {
    const { alice, bob } = sides(1, suite);
    const messages = alice.seals(3);
    for (const message of messages) bob.open(message);
    for (const message of messages) bob.refuses(message, "ratchet.replayed");
    alice.open(bob.seal());
    bob.open(alice.seal());
    for (const message of messages) bob.refuses(message, "ratchet.replayed");
  });

  Deno.test(`[RAT4] a skipped message that came late is refused when it comes again${of}`, () => {
    const { alice, bob } = sides(1, suite);
    const [late, prompt] = alice.seals(2);
    bob.open(prompt!);
    assert.equal(bob.skippedCount, 1);
    bob.open(late!);
    assert.equal(bob.skippedCount, 0);
    bob.refuses(late!, "ratchet.replayed");
  });

  Deno.test(`[RAT5] a jump of 2,000 is taken, one of 2,001 is refused by name${of}`, () => {
    const { alice, bob } = sides(1, suite);
    bob.open(alice.seal());
    const missed = alice.seals(RATCHET.maxForwardJump + 1);
    const beyond = alice.seal();
    bob.refuses(beyond, "ratchet.too-far-ahead");
    bob.open(missed.at(-1)!);
    bob.open(beyond);
  });

  Deno.test(`[RAT5] a chain that was left with too many missing is refused by name${of}`, () => {
    const { alice, bob } = sides(1, suite);
    bob.open(alice.seal());
    alice.seals(RATCHET.maxForwardJump + 1);
    alice.open(bob.seal());
    bob.refuses(alice.seal(), "ratchet.too-far-ahead");
  });

  Deno.test(`[RAT6] messages in any order open once each, across turns${of}`, () => {
    const { alice, bob } = sides(1, suite);
    const first = alice.seals(4);
    bob.open(first[2]!);
    alice.open(bob.seal());
    const second = alice.seals(3);
    bob.open(second[2]!);
    assert.equal(bob.skippedCount, 5);
    for (const message of [second[0]!, first[3]!, first[0]!, second[1]!, first[1]!]) bob.open(message);
    assert.equal(bob.skippedCount, 0);
    for (const message of [...first, ...second]) bob.refuses(message, "ratchet.replayed");
  });

  Deno.test(`[RAT6] a chain that the other has left keeps no chain key, and takes no message beyond its count${of}`, () => {
    const { alice, bob } = sides(1, suite);
    bob.open(alice.seal());
    const fork = new Side(alice.state, envOf(7), suite);
    alice.open(bob.seal());
    bob.open(alice.seal());
    assert.equal(bob.state.receiving[0]?.chain, null);
    bob.refuses(fork.seal(), "ratchet.replayed");
  });

  Deno.test(`[RAT7] at most 1,000 skipped keys are kept, the latest ones${of}`, () => {
    const { alice, bob } = sides(1, suite);
    const messages = alice.seals(1_501);
    bob.open(messages[1_500]!);
    assert.equal(bob.skippedCount, RATCHET.maxSkippedKeys);
    bob.refuses(messages[499]!, "ratchet.replayed");
    bob.open(messages[500]!);
    alice.open(bob.seal());
    const next = alice.seals(12);
    bob.open(next[11]!);
    assert.equal(bob.skippedCount, RATCHET.maxSkippedKeys);
    bob.refuses(messages[510]!, "ratchet.replayed");
    bob.open(messages[511]!);
    bob.open(next[0]!);
  });

  Deno.test(`[RAT7] skipped messages of five chains back still open, older ones do not${of}`, () => {
    const { alice, bob } = sides(1, suite);
    const late: Uint8Array[] = [];
    for (let turn = 0; turn < RATCHET.maxOldChains + 2; turn++) {
      late.push(alice.seal());
      bob.open(alice.seal());
      alice.open(bob.seal());
    }
    assert.equal(bob.state.receiving.length, RATCHET.maxOldChains + 1);
    bob.refuses(late[0]!, "ratchet.not-authentic");
    for (const message of late.slice(1)) bob.open(message);
  });

  Deno.test(`[RAT8] no two messages are sealed under one key, and no key is its chain's${of}`, () => {
    const keys: string[] = [];
    const spying = {
      ...suite,
      seal: (...args: Parameters<typeof suite.seal>) => {
        keys.push(args[0].join());
        return suite.seal(...args);
      },
    };
    const { alice, bob } = sides(1, suite);
    for (let turn = 0; turn < 3; turn++) {
      for (const [from, to] of [[alice, bob], [bob, alice]] as const) {
        for (let i = 0; i < 5; i++) {
          const sealed = sealMessage(spying, from.state, TEXT, ad, from.env);
          from.state = sealed.state;
          assert.ok(from.state.turn.t === "sending" && from.state.turn.chain.key.join() !== keys.at(-1));
          to.open(sealed.message);
        }
      }
    }
    assert.equal(new Set(keys).size, 30);
  });

  Deno.test(`[RAT8] who learns a state can read again nothing of what was opened before it${of}`, () => {
    const { alice, bob } = sides(1, suite);
    const past = alice.seals(5);
    for (const message of past) bob.open(message);
    alice.open(bob.seal());
    const stolen = new Side(structuredClone(bob.state), envOf(5), suite);
    for (const message of past) assert.equal(stolen.tryOpen(message).ok, false);
  });

  Deno.test(`[RAT2] who learned a state once is shut out after the next turn of both${of}`, () => {
    const { alice, bob } = sides(1, suite);
    bob.open(alice.seal());
    const thief = new Side(structuredClone(bob.state), envOf(5), suite);
    alice.open(bob.seal());
    bob.open(alice.seal());
    alice.open(bob.seal());
    const healed = alice.seal();
    assert.equal(thief.tryOpen(healed).ok, false);
    assert.deepEqual(bob.open(healed), TEXT);
  });
}
