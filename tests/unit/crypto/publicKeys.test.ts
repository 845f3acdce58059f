/** What may be taken for a public key: one encoding each, none of low order. */
import assert from "node:assert/strict";
import { ed25519 } from "@noble/curves/ed25519.js";
import { isX25519Key, x25519Key, x25519Shared } from "../../../core/crypto/dh.ts";
import { LABELS } from "../../../core/crypto/labels.ts";
import { isSigningKey, sign, signingKey, verify } from "../../../core/crypto/sign.ts";
import { issueCertificate, verifyCertificate } from "../../../core/identity/certificate.ts";
import { ed25519TorsionSubgroup } from "./torsion.ts";
import { must, mustRefuse, seededRng } from "../../support/world.ts";

const rng = seededRng(1);
const P = 2n ** 255n - 19n;
const little = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));

Deno.test("[KEY3] every key that we make is one", () => {
  for (let i = 0; i < 20; i++) {
    assert.ok(isX25519Key(x25519Key(rng.bytes(32)).publicKey));
    assert.ok(isSigningKey(signingKey(rng.bytes(32)).publicKey));
  }
});

Deno.test("[KEY3] X25519 keys of low order, not reduced, or with the highest bit set are none", () => {
  const order8 = [
    325606250916557431795983626356110631294008115727848805560023387167927233504n,
    39382357235489614581723060781553021112529911719440698176882885853963445705823n,
  ];
  for (const value of [0n, 1n, P - 1n, ...order8]) {
    assert.ok(!isX25519Key(little(value)));
    mustRefuse(x25519Shared(rng.bytes(32), little(value)), "crypto.bad-key");
  }
  for (let value = P; value < 2n ** 255n; value++) assert.ok(!isX25519Key(little(value)));
  for (const value of [2n, 9n, P - 2n]) {
    assert.ok(isX25519Key(little(value)));
    assert.ok(!isX25519Key(little(value).with(31, little(value)[31]! | 0x80)));
  }
  for (const length of [0, 31, 33]) assert.ok(!isX25519Key(new Uint8Array(length).fill(9)));
});

Deno.test("[KEY2] [KEY3] Ed25519 keys of low order, with a part of low order, or in another encoding are none", () => {
  const genuine = ed25519.Point.fromBytes(signingKey(rng.bytes(32)).publicKey);
  const torsion = ed25519TorsionSubgroup();
  assert.equal(torsion.length, 8);
  for (const point of torsion) {
    assert.ok(!isSigningKey(point.toBytes()));
    const mixed = genuine.add(point);
    assert.equal(isSigningKey(mixed.toBytes()), point.is0());
  }
  // y = p + 1, which is another encoding of the neutral point's y = 1, and x = 0 with a sign.
  for (const bytes of [little(P + 1n), little(1n).with(31, 0x80), little(P), new Uint8Array(31), new Uint8Array(33)]) {
    assert.ok(!isSigningKey(bytes));
  }
});

Deno.test("[KEY2] a signature whose scalar is not reduced, or whose point is not canonical, is refused", () => {
  const key = signingKey(rng.bytes(32));
  const label = LABELS.proofSignature;
  const signature = sign(key, label, Uint8Array.of(1));
  assert.ok(verify(key.publicKey, signature, label, Uint8Array.of(1)));
  const order = ed25519.Point.Fn.ORDER;
  const s = signature.subarray(32).reduceRight((value, byte) => value * 256n + BigInt(byte), 0n);
  const unreduced = signature.slice();
  unreduced.set(little(s + order), 32);
  assert.ok(!verify(key.publicKey, unreduced, label, Uint8Array.of(1)));
  const otherPoint = signature.slice();
  otherPoint.set(little(P + 1n));
  assert.ok(!verify(key.publicKey, otherPoint, label, Uint8Array.of(1)));
  assert.ok(!verify(key.publicKey, signature.slice(0, 63), label, Uint8Array.of(1)));
});

Deno.test("[ID2] [KEY3] a certificate of a key that is not one is refused by name", () => {
  const [identity, device, dh] = [signingKey(rng.bytes(32)), signingKey(rng.bytes(32)), x25519Key(rng.bytes(32))];
  must(verifyCertificate(issueCertificate(identity, device.publicKey, dh.publicKey, 1)));
  const highBit = dh.publicKey.with(31, dh.publicKey[31]! | 0x80);
  const neutral = little(1n);
  const mixed = ed25519.Point.fromBytes(device.publicKey).add(ed25519TorsionSubgroup()[1]!).toBytes();
  const bad = [[device.publicKey, highBit], [device.publicKey, neutral], [neutral, dh.publicKey], [
    mixed,
    dh.publicKey,
  ]];
  for (const [signing, agreement] of bad) {
    mustRefuse(verifyCertificate(issueCertificate(identity, signing!, agreement!, 1)), "crypto.bad-key");
  }
});
