/** Header encryption: what is seen from outside, and how a message still finds its chain. */
import assert from "node:assert/strict";
import { x25519Key } from "../../../core/crypto/dh.ts";
import { RATCHET } from "../../../core/limits.ts";
import {
  initiatorRatchet,
  openMessage,
  type RatchetState,
  responderRatchet,
  sealMessage,
} from "../../../core/session/ratchet.ts";
import { type RatchetSuite, SECURECOMM_SUITE } from "../../../core/session/suite.ts";
import { concat } from "../../../core/wire/bytes.ts";
import type { RatchetHeader } from "../../../core/wire/ratchetHeader.ts";
import { envOf, flipBit, must, mustRefuse } from "../../support/world.ts";

const suite = SECURECOMM_SUITE.ratchet;
const encryption = suite.headerEncryption!;
const ad = Uint8Array.of(9);
const TEXT = new Uint8Array(20).fill(5);
const env = envOf(1);

class Side {
  constructor(public state: RatchetState) {}

  seal(with_: RatchetSuite = suite): Uint8Array {
    const { state, message } = sealMessage(with_, this.state, TEXT, ad, env);
    this.state = state;
    return message;
  }

  open(message: Uint8Array): void {
    this.state = must(openMessage(suite, this.state, message, ad)).state;
  }

  refuses(message: Uint8Array, reason: string): void {
    const before = structuredClone(this.state);
    mustRefuse(openMessage(suite, this.state, message, ad), reason);
    assert.deepEqual(this.state, before);
  }

  headerKey(): Uint8Array {
    assert.ok(this.state.turn.t === "sending");
    return this.state.turn.headerKey!;
  }
}

function sides() {
  const [root, prekey] = [env.rng.bytes(32), x25519Key(env.rng.bytes(32))];
  const headers = { sending: env.rng.bytes(32), receiving: env.rng.bytes(32) };
  const [alice, bob] = [
    new Side(initiatorRatchet(root, prekey.publicKey, headers)),
    new Side(responderRatchet(root, prekey, headers)),
  ];
  bob.open(alice.seal());
  alice.open(bob.seal());
  bob.open(alice.seal());
  return { alice, bob };
}

/** The same message with another header, made by one who holds the header key but not the message key. */
function reheaded(message: Uint8Array, headerKey: Uint8Array, change: Partial<RatchetHeader>): Uint8Array {
  const sealed = message.subarray(0, encryption.sealedBytes);
  const header = encryption.open(headerKey, sealed);
  assert.ok(header !== null);
  const forged = encryption.seal(headerKey, env.rng.bytes(12), { ...header, ...change });
  return concat(forged, message.subarray(encryption.sealedBytes));
}

Deno.test("[RAT11] a message shows neither ratchet key nor numbers, and no two look related", () => {
  const { alice } = sides();
  const [first, second] = [alice.seal(), alice.seal()];
  assert.ok(alice.state.turn.t === "sending");
  const key = alice.state.turn.self.publicKey.join();
  for (const message of [first, second]) assert.ok(!message.join().includes(key));
  const equal = first.filter((byte, place) => byte === second[place]).length;
  assert.ok(equal < 12, `${equal} of ${first.length} bytes are equal`);
});

Deno.test("[RAT11] the sealed header is authenticated with the message, under one key only", () => {
  const { alice, bob } = sides();
  const message = alice.seal();
  for (const change of [{ previousCount: 7 }, { mixed: 1 }, { key: x25519Key(env.rng.bytes(32)).publicKey }, {}]) {
    bob.refuses(reheaded(message, alice.headerKey(), change), "ratchet.not-authentic");
  }
  for (let bit = 0; bit < 8 * message.length; bit += 3) bob.refuses(flipBit(message, bit), "ratchet.not-authentic");
  bob.open(message);
});

Deno.test("[RAT11] a message too short for a header is malformed", () => {
  const { alice, bob } = sides();
  const message = alice.seal();
  for (let length = 0; length < encryption.sealedBytes; length++) {
    bob.refuses(message.subarray(0, length), "wire.malformed");
  }
});

Deno.test("[RAT11] header keys change with each turn, and no header key and nonce seal twice", () => {
  const { alice, bob } = sides();
  const seals: string[] = [];
  const spying: RatchetSuite = {
    ...suite,
    headerEncryption: {
      ...encryption,
      seal: (key, nonce, header) => {
        seals.push(`${key.join()} ${nonce.join()}`);
        return encryption.seal(key, nonce, header);
      },
    },
  };
  for (let turn = 0; turn < 3; turn++) {
    for (const [from, to] of [[bob, alice], [alice, bob]] as const) {
      for (let i = 0; i < 3; i++) to.open(from.seal(spying));
    }
  }
  assert.equal(new Set(seals).size, 18);
  assert.equal(new Set(seals.map((each) => each.split(" ")[0])).size, 6);
});

Deno.test("[RAT12] a message of any kept chain finds it, and what belongs to none costs a bounded number of tries", () => {
  const { alice, bob } = sides();
  const late: Uint8Array[] = [];
  for (let turn = 0; turn < RATCHET.maxOldChains + 3; turn++) {
    late.push(alice.seal());
    bob.open(alice.seal());
    alice.open(bob.seal());
  }
  let tries = 0;
  const counting: RatchetSuite = {
    ...suite,
    headerEncryption: {
      ...encryption,
      open: (key, sealed) => {
        tries++;
        return encryption.open(key, sealed);
      },
    },
  };
  mustRefuse(openMessage(counting, bob.state, env.rng.bytes(400), ad), "ratchet.not-authentic");
  assert.equal(tries, RATCHET.maxOldChains + 2);
  bob.refuses(late[0]!, "ratchet.not-authentic");
  for (const message of late.slice(3)) bob.open(message);
});

Deno.test("[RAT12] the message that comes next costs one try, one of a new turn two", () => {
  const { alice, bob } = sides();
  bob.open(alice.seal());
  alice.open(bob.seal());
  const tried: string[] = [];
  const counting: RatchetSuite = {
    ...suite,
    headerEncryption: {
      ...encryption,
      open: (key, sealed) => {
        tried.push(key.join());
        return encryption.open(key, sealed);
      },
    },
  };
  for (const expected of [2, 1, 1]) {
    tried.length = 0;
    bob.state = must(openMessage(counting, bob.state, alice.seal(), ad)).state;
    assert.equal(tried.length, expected);
  }
});

Deno.test("[KEY3] [RAT11] a ratchet key of low order or in another encoding is refused by name", () => {
  const { alice, bob } = sides();
  alice.open(bob.seal());
  const message = alice.seal();
  const { publicKey } = (alice.state.turn as { self: { publicKey: Uint8Array } }).self;
  const unreduced = new Uint8Array(32).fill(0xff).with(0, 0xf6).with(31, 0x7f);
  for (const key of [new Uint8Array(32), publicKey.with(31, publicKey[31]! | 0x80), unreduced]) {
    bob.refuses(reheaded(message, alice.headerKey(), { key }), "ratchet.bad-key");
  }
  bob.open(message);
});
