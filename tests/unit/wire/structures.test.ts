/** Every structure of identity and session: what it takes, and what of it nobody can bend. */
import assert from "node:assert/strict";
import type { Result } from "../../../core/errors.ts";
import { createIdentity, encodeIdentity } from "../../../core/identity/identity.ts";
import { encodePrekeys, takeBundle } from "../../../core/identity/prekeys.ts";
import { encodeSession } from "../../../core/session/session.ts";
import { bundleCodec } from "../../../core/wire/bundle.ts";
import { decodeCertificate, encodeCertificate } from "../../../core/wire/certificate.ts";
import { decodeEnvelope, envelopeHead } from "../../../core/wire/envelope.ts";
import { decodeHandshake, encodeHandshake, HANDSHAKE_BYTES } from "../../../core/wire/handshake.ts";
import { identityRecord } from "../../../core/wire/identityRecord.ts";
import { prekeysRecord } from "../../../core/wire/prekeysRecord.ts";
import { proofFrameCodec } from "../../../core/wire/proof.ts";
import { decodeRatchetHeader, encodeRatchetHeader } from "../../../core/wire/ratchetHeader.ts";
import { sessionRecord } from "../../../core/wire/sessionRecord.ts";
import { topicOfDay } from "../../../core/identity/topics.ts";
import { envOf, must, mustRefuse, pair, party } from "../../support/world.ts";

interface Sample {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly reencode: (bytes: Uint8Array) => Result<Uint8Array>;
}

const both = <T>(
  name: string,
  bytes: Uint8Array,
  decode: (bytes: Uint8Array) => Result<T>,
  encode: (value: T) => Uint8Array,
): Sample => ({
  name,
  bytes,
  reencode(input) {
    const decoded = decode(input);
    return decoded.ok ? { ok: true, value: encode(decoded.value) } : decoded;
  },
});

const ofCodec = <T>(
  name: string,
  bytes: Uint8Array,
  codec: { decode(bytes: Uint8Array): Result<T>; encode(value: T): Uint8Array },
): Sample => both(name, bytes, (input) => codec.decode(input), (value) => codec.encode(value));

function samples(): readonly Sample[] {
  const { device, prekeys } = party(1);
  const env = envOf(5);
  const { certificate } = device;
  const { bundle } = takeBundle(prekeys, device, env);
  const { alice, bob } = pair(6);
  const handshake = {
    certificate,
    ephemeral: env.rng.bytes(32),
    signedId: 0xfedcba98,
    oneTimeId: null,
    kemCiphertext: env.rng.bytes(1088),
  };
  const header = { key: env.rng.bytes(32), previousCount: 0xfffffffe, index: 0x80000001 };
  const topic = topicOfDay(env.rng.bytes(32), 20_000);
  return [
    both("certificate", encodeCertificate(certificate), decodeCertificate, encodeCertificate),
    both("handshake", encodeHandshake(handshake), decodeHandshake, encodeHandshake),
    both("ratchet header", encodeRatchetHeader(header), decodeRatchetHeader, encodeRatchetHeader),
    ofCodec("bundle", bundleCodec.encode(bundle), bundleCodec),
    ofCodec("bundle of last resort", bundleCodec.encode({ ...bundle, oneTime: null }), bundleCodec),
    ofCodec("hello", proofFrameCodec.encode({ t: "hello", nonce: env.rng.bytes(32), topic }), proofFrameCodec),
    ofCodec("confirm", proofFrameCodec.encode({ t: "confirm", sealed: env.rng.bytes(300) }), proofFrameCodec),
    ofCodec("identity record", encodeIdentity(createIdentity(env)), identityRecord),
    ofCodec("prekeys record", encodePrekeys(prekeys), prekeysRecord),
    ofCodec("initiator's session record", encodeSession(alice), sessionRecord),
    ofCodec("responder's session record", encodeSession(bob), sessionRecord),
  ];
}

for (const { name, bytes, reencode } of samples()) {
  Deno.test(`[WIRE1] ${name}: what was decoded encodes to the same bytes`, () => {
    assert.deepEqual(must(reencode(bytes)), bytes);
  });

  Deno.test(`[WIRE4] ${name}: cut short it is refused`, () => {
    const step = Math.max(1, Math.floor(bytes.length / 200));
    for (let length = 0; length < bytes.length; length += step) {
      assert.equal(reencode(bytes.subarray(0, length)).ok, false);
    }
  });

  if (name !== "ratchet header") {
    Deno.test(`[WIRE4] ${name}: with a byte behind it, it is refused`, () => {
      assert.equal(reencode(Uint8Array.of(...bytes, 0)).ok, false);
    });
  }

  Deno.test(`[WIRE1] ${name}: no changed byte decodes to the value that was sent`, () => {
    const step = Math.max(1, Math.floor(bytes.length / 300));
    for (let at = 0; at < bytes.length; at += step) {
      const changed = bytes.with(at, bytes[at]! ^ 0x55);
      const result = reencode(changed);
      if (result.ok) assert.deepEqual(result.value, changed);
    }
  });
}

Deno.test("[ID2] a certificate's time beyond the safe integers is refused", () => {
  const bytes = encodeCertificate(party(1).device.certificate);
  mustRefuse(decodeCertificate(bytes.with(97, 0xff)), "wire.wrong-shape");
});

Deno.test("[HS5] envelopes name version, kind and session at fixed places", () => {
  const { id } = pair(6).alice;
  const handshake = new Uint8Array(HANDSHAKE_BYTES).fill(9);
  const message = new Uint8Array(60).fill(7);
  const first = decodeEnvelope(Uint8Array.of(...envelopeHead(id, handshake, 2), ...message));
  assert.deepEqual(must(first), {
    kind: "first",
    version: 2,
    session: id,
    handshake,
    head: envelopeHead(id, handshake, 2),
    message,
  });
  const later = decodeEnvelope(Uint8Array.of(...envelopeHead(id, null, 2), ...message));
  assert.deepEqual(must(later), { kind: "later", version: 2, session: id, head: envelopeHead(id, null, 2), message });
  assert.deepEqual([...envelopeHead(id, null, 2).subarray(0, 2)], [2, 2]);
  assert.equal(envelopeHead(id, handshake, 2).length, 1314);
});

Deno.test("[HS5] an envelope of another version or kind, too short or too long is refused by name", () => {
  const head = envelopeHead(pair(6).alice.id, null, 2);
  mustRefuse(decodeEnvelope(head.with(0, 3)), "wire.unknown-version");
  mustRefuse(decodeEnvelope(head.with(1, 3)), "wire.malformed");
  mustRefuse(decodeEnvelope(head.with(1, 1)), "wire.malformed");
  mustRefuse(decodeEnvelope(head.subarray(0, 17)), "wire.malformed");
  mustRefuse(decodeEnvelope(new Uint8Array(18 * 1024 + 1).fill(1)), "wire.too-large");
});
