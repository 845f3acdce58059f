import assert from "node:assert/strict";
import { verifyBundle } from "../../../core/identity/bundle.ts";
import { encodePrekeys, takeBundle } from "../../../core/identity/prekeys.ts";
import { PREKEYS } from "../../../core/limits.ts";
import { sign } from "../../../core/crypto/sign.ts";
import { LABELS } from "../../../core/crypto/labels.ts";
import {
  accept,
  decodeSession,
  encodeSession,
  initiate,
  open,
  peekEnvelope,
  seal,
} from "../../../core/session/session.ts";
import { SECURECOMM_SUITE, type Suite } from "../../../core/session/suite.ts";
import { type Bundle, bundleToSign } from "../../../core/wire/bundle.ts";
import { fromUtf8, utf8 } from "../../../core/wire/text.ts";
import { envOf, flipBit, must, mustRefuse, pair, party } from "../../support/world.ts";

const alice = party(1);
const bob = party(2);

/** Alice's first envelope to Bob; `lastResort` leaves the one-time prekey out. */
function opening(seed: number, lastResort = false) {
  const env = envOf(seed);
  const { prekeys, bundle } = takeBundle(bob.prekeys, bob.device, env);
  const sent = lastResort ? resigned({ ...bundle, oneTime: null, kem: bob.prekeys.signed[0]!.kem.publicKey }) : bundle;
  const verified = must(verifyBundle(sent, bob.device.user, env.nowMs));
  const initiated = must(initiate(SECURECOMM_SUITE, alice.device, verified, utf8("hello"), env));
  return { env, prekeys, ...initiated };
}

const resigned = (bundle: Bundle): Bundle => ({
  ...bundle,
  signature: sign(bob.device.signing, LABELS.prekeyBundle, bundleToSign(bundle)),
});

for (const lastResort of [false, true]) {
  const how = lastResort ? "with the signed prekeys alone" : "with a one-time prekey";

  Deno.test(`[HS1] ${how} both sides agree on session, transcript and exported secret`, () => {
    const { env, prekeys, session, envelope, exported } = opening(1, lastResort);
    const accepted = must(accept(SECURECOMM_SUITE, bob.device, prekeys, envelope, env));
    assert.equal(fromUtf8(accepted.plaintext), "hello");
    assert.equal(accepted.session.id, session.id);
    assert.deepEqual(accepted.session.transcript, session.transcript);
    assert.deepEqual(accepted.exported, exported);
    assert.equal(accepted.peer.user, alice.device.user);
    assert.deepEqual([session.user, session.device], [bob.device.user, bob.device.id]);
    assert.deepEqual([accepted.session.user, accepted.session.device], [alice.device.user, alice.device.id]);
  });

  Deno.test(`[HS7] ${how} a replay of the first envelope begins no second session`, () => {
    const { env, prekeys, envelope } = opening(2, lastResort);
    const accepted = must(accept(SECURECOMM_SUITE, bob.device, prekeys, envelope, env));
    const reason = lastResort ? "session.replayed" : "session.prekey-used";
    mustRefuse(accept(SECURECOMM_SUITE, bob.device, accepted.prekeys, envelope, env), reason);
    mustRefuse(open(accepted.session, envelope), "ratchet.replayed");
  });

  Deno.test(`[HS4] ${how} a first envelope with any bent bit is refused and uses up no prekey`, () => {
    const { env, prekeys, envelope } = opening(3, lastResort);
    const before = encodePrekeys(prekeys);
    for (let bit = 0; bit < 8 * envelope.length; bit += 97) {
      assert.equal(accept(SECURECOMM_SUITE, bob.device, prekeys, flipBit(envelope, bit), env).ok, false);
    }
    for (let length = 0; length < envelope.length; length += 41) {
      assert.equal(accept(SECURECOMM_SUITE, bob.device, prekeys, envelope.subarray(0, length), env).ok, false);
    }
    assert.deepEqual(encodePrekeys(prekeys), before);
    must(accept(SECURECOMM_SUITE, bob.device, prekeys, envelope, env));
  });
}

Deno.test("[HS1] no two sessions have secrets or ids in common", () => {
  const [one, two] = [opening(4), opening(5)];
  assert.notEqual(one.session.id, two.session.id);
  assert.notDeepEqual(one.exported, two.exported);
  assert.notDeepEqual(one.session.ratchet, two.session.ratchet);
});

Deno.test("[ID5] [KEY3] [KEY4] a bundle with a key that is not one is refused by name", () => {
  const env = envOf(6);
  const { bundle } = takeBundle(bob.prekeys, bob.device, env);
  const zero = new Uint8Array(32);
  const bad: Bundle[] = [
    { ...bundle, signed: { ...bundle.signed, dh: zero } },
    { ...bundle, oneTime: { id: bundle.oneTime!.id, dh: zero } },
    { ...bundle, signed: { ...bundle.signed, dh: bundle.signed.dh.with(31, bundle.signed.dh[31]! | 0x80) } },
    { ...bundle, oneTime: { id: bundle.oneTime!.id, dh: new Uint8Array(32).fill(0xff).with(31, 0x7f) } },
    { ...bundle, kem: bundle.kem.with(0, 0xff).with(1, 0xff) },
  ];
  for (const each of bad) {
    mustRefuse(verifyBundle(resigned(each), bob.device.user, env.nowMs), "crypto.bad-key");
  }
});

Deno.test("[HS4] [KEY3] an initiator's key of low order, or in another encoding, is refused by name", () => {
  const { env, prekeys, envelope } = opening(7);
  const at = 18 + 168;
  const highBit = envelope.with(at + 31, envelope[at + 31]! | 0x80);
  for (const bent of [envelope.slice().fill(0, at, at + 32), highBit]) {
    mustRefuse(accept(SECURECOMM_SUITE, bob.device, prekeys, bent, env), "crypto.bad-key");
  }
});

Deno.test("[HS4] a first envelope whose certificate signature is not right is refused by that name", () => {
  const { env, prekeys, envelope } = opening(8);
  mustRefuse(
    accept(SECURECOMM_SUITE, bob.device, prekeys, flipBit(envelope, 8 * (18 + 120)), env),
    "crypto.bad-signature",
  );
});

Deno.test("[HS4] prekeys that are not there are refused by name", () => {
  const { env, prekeys, envelope } = opening(9);
  const signedId = envelope.with(18 + 203, 77);
  mustRefuse(accept(SECURECOMM_SUITE, bob.device, prekeys, signedId, env), "session.unknown-prekey");
  const oneTimeId = envelope.with(18 + 206, 77);
  mustRefuse(accept(SECURECOMM_SUITE, bob.device, prekeys, oneTimeId, env), "session.unknown-prekey");
});

Deno.test("[HS2] a first envelope for one device is nothing to another", () => {
  const { env, envelope } = opening(10);
  const carol = party(3);
  const { prekeys } = takeBundle(carol.prekeys, carol.device, env);
  assert.equal(accept(SECURECOMM_SUITE, carol.device, prekeys, envelope, env).ok, false);
});

Deno.test("[HS2] a first envelope under another session id is refused", () => {
  const { env, prekeys, envelope } = opening(11);
  mustRefuse(accept(SECURECOMM_SUITE, bob.device, prekeys, flipBit(envelope, 8 * 5), env), "wire.wrong-shape");
});

Deno.test("[HS5] the initiator's envelopes carry the handshake until the first reply, and open in the same session", () => {
  const first = opening(12);
  const accepted = must(accept(SECURECOMM_SUITE, bob.device, first.prekeys, first.envelope, first.env));
  const second = seal(first.session, utf8("again"), first.env);
  assert.deepEqual(must(peekEnvelope(second.envelope)), { kind: "first", session: first.session.id });
  const opened = must(open(accepted.session, second.envelope));
  assert.equal(fromUtf8(opened.plaintext), "again");
  const reply = seal(opened.session, utf8("reply"), first.env);
  assert.equal(must(peekEnvelope(reply.envelope)).kind, "later");
  const heard = must(open(second.session, reply.envelope));
  const third = seal(heard.session, utf8("third"), first.env);
  assert.deepEqual(must(peekEnvelope(third.envelope)), { kind: "later", session: first.session.id });
  assert.equal(third.envelope.length, 18 + 72 + 256 + 16);
  assert.equal(fromUtf8(must(open(reply.session, third.envelope)).plaintext), "third");
});

Deno.test("[HS5] any of the initiator's first envelopes begins the session, and the others follow in any order", () => {
  const first = opening(13);
  const second = seal(first.session, utf8("second"), first.env);
  const third = seal(second.session, utf8("third"), first.env);
  const accepted = must(accept(SECURECOMM_SUITE, bob.device, first.prekeys, third.envelope, first.env));
  assert.equal(fromUtf8(accepted.plaintext), "third");
  const opened = must(open(accepted.session, first.envelope));
  assert.equal(fromUtf8(must(open(opened.session, second.envelope)).plaintext), "second");
});

Deno.test("[HS5] handshake bytes in front of a message are authenticated in an existing session too", () => {
  const first = opening(14);
  const accepted = must(accept(SECURECOMM_SUITE, bob.device, first.prekeys, first.envelope, first.env));
  const second = seal(first.session, utf8("again"), first.env);
  mustRefuse(open(accepted.session, flipBit(second.envelope, 8 * 100)), "ratchet.not-authentic");
});

Deno.test("[HS5] an envelope of another session, or a later one where a first is due, is refused by name", () => {
  const { alice: session, bob: other, env } = pair(15);
  const foreign = pair(16);
  mustRefuse(open(session, seal(foreign.bob, utf8("x"), env).envelope), "session.unknown");
  const later = seal(other, utf8("x"), env).envelope;
  mustRefuse(accept(SECURECOMM_SUITE, alice.device, alice.prekeys, later, env), "session.no-session");
});

Deno.test("[RAT9] a message whose padding is not right is refused, and the session stays as it was", () => {
  const { alice: session, bob: other, env } = pair(17);
  const careless: Suite = {
    ...SECURECOMM_SUITE,
    ratchet: {
      ...SECURECOMM_SUITE.ratchet,
      seal: (key, header, padded, ad) => SECURECOMM_SUITE.ratchet.seal(key, header, padded.subarray(0, 99), ad),
    },
  };
  const { envelope } = seal({ ...other, suite: careless }, utf8("x"), env);
  const before = encodeSession(session);
  mustRefuse(open(session, envelope), "wire.malformed");
  assert.deepEqual(encodeSession(session), before);
});

Deno.test("[RAT10] a session goes on from its record, on both sides and in every turn", () => {
  let { alice: a, bob: b, env } = pair(18);
  const reload = (session: typeof a) => must(decodeSession(SECURECOMM_SUITE, encodeSession(session)));
  for (let turn = 0; turn < 3; turn++) {
    const asked = seal(reload(a), utf8(`question ${turn}`), env);
    const heard = must(open(reload(b), asked.envelope));
    assert.equal(fromUtf8(heard.plaintext), `question ${turn}`);
    const answered = seal(reload(heard.session), utf8(`answer ${turn}`), env);
    const back = must(open(reload(asked.session), answered.envelope));
    assert.equal(fromUtf8(back.plaintext), `answer ${turn}`);
    [a, b] = [back.session, answered.session];
  }
});

Deno.test("[RAT10] a record whose skipped keys are out of order or doubled is refused", () => {
  const { alice: session } = pair(22);
  const key = new Uint8Array(32).fill(6);
  const record = (indices: readonly number[]) => {
    const skipped = indices.map((index) => ({ index, key }));
    const receiving = [{ remote: key, headerKey: key, chain: null, skipped }];
    return encodeSession({ ...session, ratchet: { ...session.ratchet, receiving } });
  };
  must(decodeSession(SECURECOMM_SUITE, record([0, 3, 9])));
  mustRefuse(decodeSession(SECURECOMM_SUITE, record([3, 0])), "wire.wrong-shape");
  mustRefuse(decodeSession(SECURECOMM_SUITE, record([3, 3])), "wire.wrong-shape");
});

Deno.test("[ID7] a full replay cache refuses last-resort handshakes by name, and still takes others", () => {
  const seen = Array.from({ length: PREKEYS.maxReplayCache }, () => ({ signedId: 1, ephemeral: new Uint8Array(32) }));
  const last = opening(19, true);
  const full = { ...last.prekeys, seen };
  mustRefuse(accept(SECURECOMM_SUITE, bob.device, full, last.envelope, last.env), "session.exhausted");
  const usual = opening(20);
  must(accept(SECURECOMM_SUITE, bob.device, { ...usual.prekeys, seen }, usual.envelope, usual.env));
});

Deno.test("[HS2] both sides must see the same certificates, or there is no session", () => {
  const env = envOf(21);
  const { prekeys, bundle } = takeBundle(bob.prekeys, bob.device, env);
  const verified = must(verifyBundle(bundle, bob.device.user, env.nowMs));
  const { wire } = verified.peer;
  for (const certificate of [{ ...wire, user: party(3).device.certificate.user }, { ...wire, createdAtMs: 1 }]) {
    const misled = { ...verified, peer: { ...verified.peer, wire: certificate } };
    const { envelope } = must(initiate(SECURECOMM_SUITE, alice.device, misled, utf8("x"), env));
    mustRefuse(accept(SECURECOMM_SUITE, bob.device, prekeys, envelope, env), "wire.wrong-shape");
  }
});
