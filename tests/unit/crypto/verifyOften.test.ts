import assert from "node:assert/strict";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "../../../core/crypto/kdf.ts";
import { LABELS } from "../../../core/crypto/labels.ts";
import { sign, signingKey, verify } from "../../../core/crypto/sign.ts";
import { verifyBytes, verifyOften } from "../../../core/crypto/verifyOften.ts";
import { fromHex, toHex } from "../../../core/ids.ts";
import { VERIFYING } from "../../../core/limits.ts";
import { concat } from "../../../core/wire/bytes.ts";
import { envOf, flipBit } from "../../support/world.ts";

const { Point } = ed25519;
const { Fn } = Point;
const number = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes.toReversed())}`);
const bytesOf = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(64, "0")).toReversed();

Deno.test("[KEY2] with and without a table of the key the answers are those of a single verification", () => {
  const { rng } = envOf(41);
  const key = signingKey(rng.bytes(32));
  for (let use = 0; use < 3 * VERIFYING.tableFromUse; use++) {
    const part = rng.bytes(32);
    const signature = sign(key, LABELS.groupBlock, part);
    const forged = flipBit(signature, (use * 53) % 512);
    for (const each of [signature, forged]) {
      const isRight = verify(key.publicKey, each, LABELS.groupBlock, part);
      assert.equal(isRight, each === signature);
      assert.equal(verifyOften(key.publicKey, each, LABELS.groupBlock, part), isRight);
    }
    assert.ok(!verifyOften(key.publicKey, signature, LABELS.groupOwner, part));
    assert.ok(!verifyOften(key.publicKey, signature, LABELS.groupBlock, rng.bytes(32)));
  }
});

Deno.test("[KEY2] more keys than are remembered do each other no harm", () => {
  const { rng } = envOf(42);
  const keys = Array.from({ length: VERIFYING.maxKeys + 3 }, () => signingKey(rng.bytes(32)));
  const signatures = keys.map((key) => sign(key, LABELS.groupBlock));
  for (let round = 0; round < 2; round++) {
    keys.forEach(({ publicKey }, i) => {
      assert.ok(verifyOften(publicKey, signatures[i]!, LABELS.groupBlock));
      assert.ok(!verifyOften(publicKey, signatures[(i + 1) % keys.length]!, LABELS.groupBlock));
    });
  }
});

Deno.test("[KEY2] a second form of a signature, a key that is none and one of low order are refused", () => {
  const { rng } = envOf(43);
  const { secret, publicKey } = signingKey(rng.bytes(32));
  const message = rng.bytes(20);
  const signature = ed25519.sign(message, secret);
  assert.ok(verifyBytes(publicKey, signature, message));
  const larger = concat(signature.subarray(0, 32), bytesOf(number(signature.subarray(32)) + Fn.ORDER));
  assert.ok(!verifyBytes(publicKey, larger, message));
  assert.ok(!verifyBytes(publicKey, signature.subarray(0, 63), message));
  assert.ok(!verifyBytes(publicKey.subarray(1), signature, message));
  assert.ok(!verifyBytes(new Uint8Array(32).fill(0xff), signature, message));
  const neutral = new Uint8Array(32).with(0, 1);
  assert.ok(!verifyBytes(neutral, new Uint8Array(64).with(0, 1), message));
});

Deno.test("[KEY2] a commitment with a part of low order, which only the signer can make, is refused", () => {
  const { rng } = envOf(44);
  const { secret, publicKey } = signingKey(rng.bytes(32));
  const message = rng.bytes(20);
  const { scalar } = ed25519.utils.getExtendedPublicKey(secret);
  const nonce = Fn.create(number(rng.bytes(32)));
  const ofOrderTwo = Point.fromAffine({ x: 0n, y: Point.Fp.ORDER - 1n });
  const signed = (commitment: Uint8Array) => {
    const challenge = Fn.create(number(sha512(concat(commitment, publicKey, message))));
    return concat(commitment, bytesOf(Fn.create(nonce + challenge * scalar)));
  };
  const plain = Point.BASE.multiply(nonce);
  assert.ok(verifyBytes(publicKey, signed(plain.toBytes()), message));
  assert.ok(!verifyBytes(publicKey, signed(plain.add(ofOrderTwo).toBytes()), message));
});
