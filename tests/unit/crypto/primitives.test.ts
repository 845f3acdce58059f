import assert from "node:assert/strict";
import { ed25519 } from "@noble/curves/ed25519.js";
import { aesGcm, chachaPoly } from "../../../core/crypto/aead.ts";
import { p256Key, p256Shared, x25519Key, x25519Shared } from "../../../core/crypto/dh.ts";
import { equalSecret } from "../../../core/crypto/equal.ts";
import { decapsulate, encapsulate, KEM_BYTES, kemKey } from "../../../core/crypto/kem.ts";
import { LABELS } from "../../../core/crypto/labels.ts";
import { sign, signingKey, verify } from "../../../core/crypto/sign.ts";
import { framed } from "../../../core/wire/bytes.ts";
import { utf8 } from "../../../core/wire/text.ts";
import { envOf, flipBit, must, mustRefuse, seededRng } from "../../support/world.ts";

Deno.test("[KEY1] no two labels are equal, and none begins another", () => {
  const labels = Object.values(LABELS);
  for (const a of labels) for (const b of labels) assert.equal(a.startsWith(b), a === b, `${a} and ${b}`);
});

Deno.test("[KEY2] a signature is good for its label, its parts and their borders only", () => {
  const { rng } = envOf(1);
  const key = signingKey(rng.bytes(32));
  const signature = sign(key, LABELS.prekeyBundle, utf8("ab"), utf8("c"));
  assert.ok(verify(key.publicKey, signature, LABELS.prekeyBundle, utf8("ab"), utf8("c")));
  assert.ok(!verify(key.publicKey, signature, LABELS.deviceCertificate, utf8("ab"), utf8("c")));
  assert.ok(!verify(key.publicKey, signature, LABELS.prekeyBundle, utf8("a"), utf8("bc")));
  assert.ok(!verify(key.publicKey, signature, LABELS.prekeyBundle, utf8("abc")));
  assert.ok(!verify(signingKey(rng.bytes(32)).publicKey, signature, LABELS.prekeyBundle, utf8("ab"), utf8("c")));
  for (let bit = 0; bit < 512; bit += 37) {
    assert.ok(!verify(key.publicKey, flipBit(signature, bit), LABELS.prekeyBundle, utf8("ab"), utf8("c")));
  }
  assert.ok(!verify(key.publicKey, signature.subarray(1), LABELS.prekeyBundle, utf8("ab"), utf8("c")));
  assert.ok(!verify(new Uint8Array(31), signature, LABELS.prekeyBundle, utf8("ab"), utf8("c")));
});

Deno.test("[KEY2] a signature is byte for byte the one that RFC 8032 asks for, as the library makes it", () => {
  const { rng } = envOf(31);
  for (let i = 0; i < 40; i++) {
    const [key, part] = [signingKey(rng.bytes(32)), rng.bytes(7 * i)];
    const plain = ed25519.sign(framed(utf8(LABELS.groupBlock), part), key.secret);
    assert.deepEqual(sign(key, LABELS.groupBlock, part), plain);
  }
});

Deno.test("[KEY2] a public key of low order vouches for nothing", () => {
  const neutral = new Uint8Array(32).with(0, 1);
  const signature = new Uint8Array(64).with(0, 1);
  assert.ok(!verify(neutral, signature, LABELS.deviceCertificate, utf8("anything")));
});

Deno.test("[KEY3] a key of another length is refused", () => {
  const { rng } = envOf(2);
  const own = x25519Key(rng.bytes(32));
  mustRefuse(x25519Shared(own.secret, rng.bytes(31)), "crypto.bad-key");
  const p256 = p256Key(rng.bytes(48));
  const other = p256Key(rng.bytes(48));
  assert.deepEqual(must(p256Shared(p256.secret, other.publicKey)), must(p256Shared(other.secret, p256.publicKey)));
  mustRefuse(p256Shared(p256.secret, other.publicKey.with(5, other.publicKey[5]! ^ 1)), "crypto.bad-key");
  mustRefuse(p256Shared(p256.secret, other.publicKey.subarray(0, 33)), "crypto.bad-key");
});

Deno.test("[KEY4] encapsulation and decapsulation agree, and a bent ciphertext gives another secret", () => {
  const { rng } = envOf(3);
  const key = kemKey(rng.bytes(KEM_BYTES.seed));
  const { ciphertext, secret } = must(encapsulate(key.publicKey, rng.bytes(32)));
  assert.deepEqual(must(decapsulate(key, ciphertext)), secret);
  assert.notDeepEqual(must(decapsulate(key, flipBit(ciphertext, 4321))), secret);
  mustRefuse(decapsulate(key, ciphertext.subarray(1)), "crypto.bad-key");
});

Deno.test("[KEY4] an encapsulation key with a coefficient beyond the modulus is refused", () => {
  const { rng } = envOf(4);
  const { publicKey } = kemKey(rng.bytes(KEM_BYTES.seed));
  mustRefuse(encapsulate(publicKey.with(0, 0xff).with(1, 0xff), rng.bytes(32)), "crypto.bad-key");
  mustRefuse(encapsulate(publicKey.subarray(1), rng.bytes(32)), "crypto.bad-key");
});

Deno.test("[KEY5] both AEADs refuse another key, nonce, associated data and any bent bit", () => {
  for (const aead of [chachaPoly, aesGcm]) {
    const rng = seededRng(5);
    const [key, nonce, ad, plaintext] = [rng.bytes(32), rng.bytes(12), rng.bytes(20), rng.bytes(40)];
    const sealed = aead.seal(key, nonce, plaintext, ad);
    assert.equal(sealed.length, plaintext.length + aead.tagBytes);
    assert.deepEqual(must(aead.open(key, nonce, sealed, ad)), plaintext);
    mustRefuse(aead.open(flipBit(key, 9), nonce, sealed, ad), "crypto.not-authentic");
    mustRefuse(aead.open(key, flipBit(nonce, 9), sealed, ad), "crypto.not-authentic");
    mustRefuse(aead.open(key, nonce, sealed, flipBit(ad, 9)), "crypto.not-authentic");
    for (let bit = 0; bit < 8 * sealed.length; bit++) {
      mustRefuse(aead.open(key, nonce, flipBit(sealed, bit), ad), "crypto.not-authentic");
    }
    for (let length = 0; length < sealed.length; length++) {
      mustRefuse(aead.open(key, nonce, sealed.subarray(0, length), ad), "crypto.not-authentic");
    }
  }
});

Deno.test("[KEY6] secrets are equal when every byte is", () => {
  const secret = seededRng(6).bytes(32);
  assert.ok(equalSecret(secret, secret.slice()));
  for (let bit = 0; bit < 256; bit++) assert.ok(!equalSecret(secret, flipBit(secret, bit)));
  assert.ok(!equalSecret(secret, secret.subarray(0, 31)));
});
