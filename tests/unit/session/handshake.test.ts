/** The key schedule, computed once more by hand as SPEC sections 5 and 6 say it. */
import assert from "node:assert/strict";
import { chachaPoly } from "../../../core/crypto/aead.ts";
import { x25519Shared } from "../../../core/crypto/dh.ts";
import { hkdfSha256, hmacSha256, sha256 } from "../../../core/crypto/kdf.ts";
import { decapsulate } from "../../../core/crypto/kem.ts";
import { LABELS } from "../../../core/crypto/labels.ts";
import { toHex } from "../../../core/ids.ts";
import { verifyBundle } from "../../../core/identity/bundle.ts";
import { takeBundle } from "../../../core/identity/prekeys.ts";
import { acceptHandshake, initiateHandshake } from "../../../core/session/handshake.ts";
import { pad } from "../../../core/wire/padding.ts";
import { initiate } from "../../../core/session/session.ts";
import { SECURECOMM_SUITE, SECURECOMM_SUITE_1 } from "../../../core/session/suite.ts";
import { concat, framed } from "../../../core/wire/bytes.ts";
import { encodeCertificate } from "../../../core/wire/certificate.ts";
import { decodeEnvelope } from "../../../core/wire/envelope.ts";
import { decodeHandshake } from "../../../core/wire/handshake.ts";
import { utf8 } from "../../../core/wire/text.ts";
import { envOf, must, party } from "../../support/world.ts";

const [alice, bob] = [party(1), party(2)];
const dh = (secret: Uint8Array, publicKey: Uint8Array) => must(x25519Shared(secret, publicKey));

function bundleFor(seed: number) {
  const env = envOf(seed);
  const { prekeys, bundle } = takeBundle(bob.prekeys, bob.device, env);
  return { env, prekeys, bundle, verified: must(verifyBundle(bundle, bob.device.user, env.nowMs)) };
}

/** The responder's computation, step by step. */
function byHand(version: 1 | 2, opening: Uint8Array, { prekeys, bundle }: ReturnType<typeof bundleFor>) {
  const handshake = must(decodeHandshake(opening));
  const signed = prekeys.signed[0]!;
  const oneTime = prekeys.oneTime.find(({ id }) => id === handshake.oneTimeId)!;
  const input = concat(
    new Uint8Array(32).fill(0xff),
    dh(signed.dh.secret, handshake.certificate.dh),
    dh(bob.device.dh.secret, handshake.ephemeral),
    dh(signed.dh.secret, handshake.ephemeral),
    dh(oneTime.dh.secret, handshake.ephemeral),
    must(decapsulate(oneTime.kem, handshake.kemCiphertext)),
  );
  const parts = [opening, encodeCertificate(bundle.certificate), bundle.signed.dh, bundle.oneTime!.dh, bundle.kem];
  const tags = ["handshake", "certificate", "X25519 signed prekey", "X25519 one-time prekey", "ML-KEM-768 key"];
  const tagged = parts.flatMap((part, place) => version === 1 ? [part] : [utf8(tags[place]!), part]);
  const labels = version === 1
    ? { ad: LABELS.handshakeAd, root: LABELS.handshake, exported: LABELS.handshakeExport }
    : { ad: LABELS.handshakeAd2, root: LABELS.handshake2, exported: LABELS.handshakeExport2 };
  const transcript = sha256(framed(utf8(labels.ad), ...tagged));
  const salt = new Uint8Array(32);
  return {
    transcript,
    root: hkdfSha256(input, salt, labels.root, 32),
    exported: hkdfSha256(input, salt, concat(utf8(labels.exported), transcript), 32),
    headerKeys: version === 1 ? null : hkdfSha256(input, salt, LABELS.handshakeHeaders, 64),
    signed,
  };
}

for (const suite of [SECURECOMM_SUITE, SECURECOMM_SUITE_1]) {
  const version = suite.version as 1 | 2;

  Deno.test(`[HS1] [HS2] [HS6] root, transcript and exported secret of version ${version} are what the rules say`, () => {
    const setting = bundleFor(1);
    const { handshake } = suite;
    const initiated = must(initiateHandshake(handshake, alice.device, setting.verified, setting.env));
    const accepted = must(acceptHandshake(handshake, bob.device, setting.prekeys, initiated.opening));
    const expected = byHand(version, initiated.opening, setting);
    for (const agreed of [initiated, accepted]) {
      assert.deepEqual(agreed.root, expected.root);
      assert.deepEqual(agreed.transcript, expected.transcript);
      assert.deepEqual(agreed.exported, expected.exported);
      assert.equal(agreed.session, toHex(expected.transcript.subarray(0, 16)));
      const keys = agreed.headerKeys === null ? null : concat(agreed.headerKeys.sending, agreed.headerKeys.receiving);
      assert.deepEqual(keys, expected.headerKeys);
    }
  });
}

Deno.test("[RAT1] [RAT2] [RAT9] the first message's bytes in version 1 are what the rules say", () => {
  const setting = bundleFor(2);
  const { envelope } = must(initiate(SECURECOMM_SUITE_1, alice.device, setting.verified, utf8("hello"), setting.env));
  const decoded = must(decodeEnvelope(envelope));
  assert.ok(decoded.kind === "first");
  const { root, transcript, signed } = byHand(1, decoded.handshake, setting);
  const header = decoded.message.subarray(0, 40);
  const derived = hkdfSha256(dh(signed.dh.secret, header.subarray(0, 32)), root, LABELS.ratchetRoot, 64);
  const messageKey = hmacSha256(derived.subarray(32), utf8(LABELS.ratchetMessage));
  const ad = concat(transcript, decoded.head, header);
  const opened = chachaPoly.open(messageKey, new Uint8Array(12), decoded.message.subarray(40), ad);
  assert.deepEqual(must(opened), pad(utf8("hello")));
  assert.deepEqual(header.subarray(32), new Uint8Array(8));
});

Deno.test("[RAT1] [RAT2] [RAT9] [RAT11] the first message's bytes in version 2 are what the rules say", () => {
  const setting = bundleFor(2);
  const { envelope } = must(initiate(SECURECOMM_SUITE, alice.device, setting.verified, utf8("hello"), setting.env));
  const decoded = must(decodeEnvelope(envelope));
  assert.ok(decoded.kind === "first");
  const { root, transcript, signed, headerKeys } = byHand(2, decoded.handshake, setting);
  const [nonce, sealed] = [decoded.message.subarray(0, 12), decoded.message.subarray(12, 72)];
  const header = must(chachaPoly.open(headerKeys!.subarray(0, 32), nonce, sealed, new Uint8Array(0)));
  const derived = hkdfSha256(dh(signed.dh.secret, header.subarray(0, 32)), root, LABELS.ratchetRoot2, 96);
  const messageKey = hmacSha256(derived.subarray(32, 64), utf8(LABELS.ratchetMessage2));
  const ad = concat(transcript, decoded.head, nonce, sealed);
  const opened = chachaPoly.open(messageKey, new Uint8Array(12), decoded.message.subarray(72), ad);
  assert.deepEqual(must(opened), pad(concat(Uint8Array.of(0), utf8("hello"))));
  assert.deepEqual(header.subarray(32), new Uint8Array(12));
});
