/** Known answers for the primitives that text rests on, as printed in their RFCs. */
import assert from "node:assert/strict";
import { ed25519 } from "@noble/curves/ed25519.js";
import { chachaPoly } from "../../core/crypto/aead.ts";
import { x25519Key, x25519Shared } from "../../core/crypto/dh.ts";
import { hkdfSha256, hmacSha256, hmacSha256Pair, sha256 } from "../../core/crypto/kdf.ts";
import { fromHex, toHex } from "../../core/ids.ts";
import { utf8 } from "../../core/wire/text.ts";
import { must, mustRefuse } from "../support/world.ts";

const hex = (text: string): Uint8Array => fromHex(text.replaceAll(/\s/g, ""));

Deno.test("X25519 gives the keys and the shared secret of RFC 7748, 6.1", () => {
  const alice = x25519Key(hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
  const bob = x25519Key(hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
  assert.equal(toHex(alice.publicKey), "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  assert.equal(toHex(bob.publicKey), "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  const shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
  assert.equal(toHex(must(x25519Shared(alice.secret, bob.publicKey))), shared);
  assert.equal(toHex(must(x25519Shared(bob.secret, alice.publicKey))), shared);
});

Deno.test("X25519 gives the scalar multiplications of RFC 7748, 5.2", () => {
  const cases = [
    [
      "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
      "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
      "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
    ],
    [
      "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
      "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
      "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
    ],
  ] as const;
  for (const [scalar, point, product] of cases) {
    assert.equal(toHex(must(x25519Shared(hex(scalar), hex(point)))), product);
  }
});

Deno.test("X25519 refuses the points of low order (RFC 7748, 6.1)", () => {
  const lowOrder = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ];
  const { secret } = x25519Key(new Uint8Array(32).fill(7));
  for (const point of lowOrder) mustRefuse(x25519Shared(secret, hex(point)), "crypto.bad-key");
});

Deno.test("Ed25519 signs as in RFC 8032, 7.1, tests 1 to 3", () => {
  const cases = [
    [
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
      "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
      "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
      "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ],
  ] as const;
  for (const [seed, publicKey, message, signature] of cases) {
    assert.equal(toHex(ed25519.getPublicKey(hex(seed))), publicKey);
    assert.equal(toHex(ed25519.sign(hex(message), hex(seed))), signature);
    assert.ok(ed25519.verify(hex(signature), hex(message), hex(publicKey), { zip215: false }));
  }
});

Deno.test("HMAC-SHA-256 gives the tags of RFC 4231, cases 1, 2, 3 and 6", () => {
  const cases = [
    [
      new Uint8Array(20).fill(0x0b),
      utf8("Hi There"),
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ],
    [
      utf8("Jefe"),
      utf8("what do ya want for nothing?"),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ],
    [
      new Uint8Array(20).fill(0xaa),
      new Uint8Array(50).fill(0xdd),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    ],
    [
      new Uint8Array(131).fill(0xaa),
      utf8("Test Using Larger Than Block-Size Key - Hash Key First"),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ],
  ] as const;
  for (const [key, data, tag] of cases) {
    assert.equal(toHex(hmacSha256(key, data)), tag);
    assert.deepEqual(hmacSha256Pair(key, data, utf8("other")), [hmacSha256(key, data), hmacSha256(key, utf8("other"))]);
  }
});

Deno.test("HKDF-SHA-256 gives the outputs of RFC 5869, A.1 and A.3", () => {
  const secret = new Uint8Array(22).fill(0x0b);
  assert.equal(
    toHex(hkdfSha256(secret, hex("000102030405060708090a0b0c"), hex("f0f1f2f3f4f5f6f7f8f9"), 42)),
    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
  );
  assert.equal(
    toHex(hkdfSha256(secret, new Uint8Array(0), new Uint8Array(0), 42)),
    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
  );
});

Deno.test("SHA-256 gives the digests of FIPS 180-4's examples", () => {
  assert.equal(toHex(sha256(utf8("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert.equal(toHex(sha256(utf8(""))), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

Deno.test("ChaCha20-Poly1305 gives the ciphertext and tag of RFC 8439, 2.8.2", () => {
  const key = hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  const nonce = hex("070000004041424344454647");
  const ad = hex("50515253c0c1c2c3c4c5c6c7");
  const plaintext = utf8(
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
  );
  const sealed = hex(`
    d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b
    1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc
    3ff4def08e4b7a9de576d26586cec64b6116 1ae10b594f09e26a7e902ecbd0600691`);
  assert.deepEqual(chachaPoly.seal(key, nonce, plaintext, ad), sealed);
  assert.deepEqual(must(chachaPoly.open(key, nonce, sealed, ad)), plaintext);
  for (let at = 0; at < sealed.length; at++) {
    mustRefuse(chachaPoly.open(key, nonce, sealed.with(at, sealed[at]! ^ 1), ad), "crypto.not-authentic");
  }
});
