/** Known answers for the primitives that text rests on, as printed in their RFCs. */
import assert from "node:assert/strict";
import { chachaPoly } from "../../core/crypto/aead.ts";
import { x25519Key, x25519Shared } from "../../core/crypto/dh.ts";
import { hkdfSha256, hmacSha256, hmacSha256Pair, hmacSha256Under, sha256, sha512 } from "../../core/crypto/kdf.ts";
import { signBytes, signingKey, verifyBytes } from "../../core/crypto/sign.ts";
import { fromHex, toHex } from "../../core/ids.ts";
import { utf8 } from "../../core/wire/text.ts";
import { held } from "./held.ts";
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
  held("X25519, key agreement", 1);
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
  held("X25519, scalar multiplication", cases.length);
});

Deno.test("X25519 iterated 1 and 1,000 times gives the results of RFC 7748, 5.2", () => {
  let [scalar, point] = [hex(`09${"00".repeat(31)}`), hex(`09${"00".repeat(31)}`)];
  const results = new Map([
    [1, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"],
    [1_000, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"],
  ]);
  for (let times = 1; times <= 1_000; times++) {
    [scalar, point] = [must(x25519Shared(scalar, point)), scalar];
    const expected = results.get(times);
    if (expected !== undefined) assert.equal(toHex(scalar), expected);
  }
  held("X25519, iterated", results.size);
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
  held("X25519, points of low order", lowOrder.length);
});

Deno.test("Ed25519 signs as in RFC 8032, 7.1, tests 1 to 3 and SHA(abc)", () => {
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
    [
      "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
      "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
      toHex(sha512(utf8("abc"))),
      "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ],
  ] as const;
  for (const [seed, publicKey, message, signature] of cases) {
    const key = signingKey(hex(seed));
    assert.equal(toHex(key.publicKey), publicKey);
    assert.equal(toHex(signBytes(key, hex(message))), signature);
    assert.ok(verifyBytes(hex(publicKey), hex(signature), hex(message)));
  }
  held("Ed25519, signing", cases.length);
});

Deno.test("HMAC-SHA-256 gives the tags of RFC 4231, cases 1 to 7", () => {
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
    [
      Uint8Array.from({ length: 25 }, (_, i) => i + 1),
      new Uint8Array(50).fill(0xcd),
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
    ],
    // Case 5 shows the first 16 bytes only.
    [new Uint8Array(20).fill(0x0c), utf8("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b"],
    [
      new Uint8Array(131).fill(0xaa),
      utf8(
        "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be " +
          "hashed before being used by the HMAC algorithm.",
      ),
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ],
  ] as const;
  for (const [key, data, tag] of cases) {
    assert.equal(toHex(hmacSha256(key, data)).slice(0, tag.length), tag);
    assert.deepEqual(hmacSha256Pair(key, data, utf8("other")), [hmacSha256(key, data), hmacSha256(key, utf8("other"))]);
    assert.deepEqual(hmacSha256Under(key)(data), hmacSha256(key, data));
  }
  held("HMAC-SHA-256", cases.length);
});

Deno.test("HKDF-SHA-256 gives the outputs of RFC 5869, A.1 to A.3", () => {
  const counting = (first: number) => Uint8Array.from({ length: 80 }, (_, i) => first + i);
  const short = new Uint8Array(22).fill(0x0b);
  const cases = [
    [
      short,
      hex("000102030405060708090a0b0c"),
      hex("f0f1f2f3f4f5f6f7f8f9"),
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    ],
    [
      counting(0x00),
      counting(0x60),
      counting(0xb0),
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
    ],
    [
      short,
      new Uint8Array(0),
      new Uint8Array(0),
      "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    ],
  ] as const;
  for (const [secret, salt, info, output] of cases) {
    assert.equal(toHex(hkdfSha256(secret, salt, info, output.length / 2)), output);
  }
  held("HKDF-SHA-256, short", cases.length);
});

Deno.test("SHA-256 gives the digests of FIPS 180-4's examples", () => {
  assert.equal(toHex(sha256(utf8("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert.equal(toHex(sha256(utf8(""))), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  held("SHA-256", 2);
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
  held("ChaCha20-Poly1305, short", 1);
});
