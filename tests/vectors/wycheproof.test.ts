/**
 * Project Wycheproof's sets for the primitives in use, valid answers and hostile inputs. They are read from the folder
 * named by VECTORS_DIR, by default a folder `shared/vectors` beside the project; elsewhere these tests are ignored.
 * The sets are at github.com/C2SP/wycheproof, testvectors_v1/.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { type Aead, aesGcm, chachaPoly } from "../../core/crypto/aead.ts";
import { isX25519Key, p256Shared, x25519Shared } from "../../core/crypto/dh.ts";
import { hkdfSha256 } from "../../core/crypto/kdf.ts";
import { decapsulate, encapsulate, kemKey } from "../../core/crypto/kem.ts";
import { verifyBytes } from "../../core/crypto/sign.ts";
import { verifyBytes as verifyBytesOften } from "../../core/crypto/verifyOften.ts";
import { fromHex, toHex } from "../../core/ids.ts";
import { concat } from "../../core/wire/bytes.ts";
import { held } from "./held.ts";
import { must } from "../support/world.ts";

interface Case {
  readonly tcId: number;
  readonly comment?: string;
  readonly flags: readonly string[];
  readonly result: "valid" | "invalid" | "acceptable";
  // deno-lint-ignore no-explicit-any
  readonly [field: string]: any;
}

interface Group {
  readonly tests: readonly Case[];
  // deno-lint-ignore no-explicit-any
  readonly [field: string]: any;
}

const folder = Deno.env.get("VECTORS_DIR") ?? join(import.meta.dirname!, "..", "..", "..", "shared", "vectors");

function read(file: string): readonly Group[] | null {
  try {
    return JSON.parse(Deno.readTextFileSync(join(folder, "wycheproof", file))).testGroups;
  } catch {
    return null;
  }
}

/** Runs `check` on every case; it says whether the case applies to what we have. `what` is the row of README.md. */
function suite(rule: string, what: string, file: string, check: (each: Case, group: Group) => boolean): void {
  const groups = read(file);
  if (groups === null) console.log(`${file} is not here: set VECTORS_DIR to a folder with wycheproof/${file}.`);
  Deno.test({
    name: `${rule}${what}, as in ${file}`,
    ignore: groups === null,
    fn() {
      let count = 0;
      for (const group of groups!) {
        for (const each of group.tests) {
          if (check(each, group)) count++;
        }
      }
      held(what, count);
    },
  });
}

const about = ({ tcId, comment }: Case): string => `case ${tcId}: ${comment ?? ""}`;
const bytes = (hex: string): Uint8Array => fromHex(hex);

suite("[KEY3] ", "X25519", "x25519_test.json", (each) => {
  const shared = x25519Shared(bytes(each.private), bytes(each.public));
  if (each.flags.includes("ZeroSharedSecret")) assert.ok(!shared.ok, about(each));
  else assert.equal(shared.ok && toHex(shared.value), each.shared, about(each));
  // No protocol of ours takes the other encodings of a key, although RFC 7748 would.
  const isOdd = ["NonCanonicalPublic", "LowOrderPublic"].some((flag) => each.flags.includes(flag));
  if (isOdd) assert.ok(!isX25519Key(bytes(each.public)), about(each));
  return true;
});

for (const [what, verify] of [["Ed25519", verifyBytes], ["Ed25519 with a memo of keys", verifyBytesOften]] as const) {
  suite("[KEY2] ", what, "ed25519_test.json", (each, group) => {
    const isRight = verify(bytes(group.publicKey.pk), bytes(each.sig), bytes(each.msg));
    assert.equal(isRight, each.result === "valid", about(each));
    return true;
  });
}

suite("[KEY6] ", "HKDF-SHA-256", "hkdf_sha256_test.json", (each) => {
  const derive = () => hkdfSha256(bytes(each.ikm), bytes(each.salt), bytes(each.info), each.size);
  if (each.result === "valid") assert.equal(toHex(derive()), each.okm, about(each));
  else assert.throws(derive, about(each));
  return true;
});

const aeadSuite = (what: string, file: string, aead: Aead) =>
  suite("[KEY5] ", what, file, (each, { keySize, ivSize, tagSize }) => {
    if (keySize !== 256 || ivSize !== 96 || tagSize !== 128) return false;
    const [key, nonce, ad, plaintext] = [each.key, each.iv, each.aad, each.msg].map(bytes) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const sealed = concat(bytes(each.ct), bytes(each.tag));
    const opened = aead.open(key, nonce, sealed, ad);
    assert.equal(opened.ok, each.result === "valid", about(each));
    if (!opened.ok) return true;
    assert.deepEqual(opened.value, plaintext, about(each));
    assert.deepEqual(aead.seal(key, nonce, plaintext, ad), sealed, about(each));
    return true;
  });

aeadSuite("ChaCha20-Poly1305", "chacha20_poly1305_test.json", chachaPoly);
aeadSuite("AES-256-GCM", "aes_gcm_test.json", aesGcm);

suite("[KEY4] ", "ML-KEM-768, keys from seeds", "mlkem_768_keygen_seed_test.json", (each) => {
  if (each.result === "valid") assert.equal(toHex(kemKey(bytes(each.seed)).publicKey), each.ek, about(each));
  return each.result === "valid";
});

suite("[KEY4] ", "ML-KEM-768, encapsulation", "mlkem_768_encaps_test.json", (each) => {
  const made = encapsulate(bytes(each.ek), bytes(each.m));
  assert.equal(made.ok, each.result === "valid", about(each));
  if (!made.ok) return true;
  assert.equal(toHex(made.value.ciphertext), each.c, about(each));
  assert.equal(toHex(made.value.secret), each.K, about(each));
  return true;
});

suite("[KEY4] ", "ML-KEM-768, decapsulation", "mlkem_768_test.json", (each) => {
  if (each.seed.length !== 128) return false;
  const opened = decapsulate(kemKey(bytes(each.seed)), bytes(each.c));
  assert.equal(opened.ok, each.result === "valid", about(each));
  if (opened.ok) assert.equal(toHex(opened.value), each.K, about(each));
  return true;
});

suite("", "ECDH over P-256", "ecdh_secp256r1_webcrypto_test.json", (each) => {
  const field = (text: unknown): Uint8Array => new Uint8Array(Buffer.from(String(text ?? ""), "base64url"));
  const publicKey = concat(Uint8Array.of(4), field(each.public.x), field(each.public.y));
  const shared = p256Shared(field(each.private.d), publicKey);
  if (each.result === "invalid") assert.ok(!shared.ok || each.public.crv !== "P-256", about(each));
  else assert.equal(toHex(must(shared)), each.shared, about(each));
  return true;
});
