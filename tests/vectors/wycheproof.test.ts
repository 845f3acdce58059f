/**
 * Project Wycheproof's sets for the primitives in use, valid answers and hostile inputs. They are read from the folder
 * named by VECTORS_DIR, by default a folder `shared/vectors` beside the project; elsewhere these tests are ignored.
 * The sets are at github.com/C2SP/wycheproof, testvectors_v1/.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { ed25519 } from "@noble/curves/ed25519.js";
import { type Aead, aesGcm, chachaPoly } from "../../core/crypto/aead.ts";
import { p256Shared, x25519Shared } from "../../core/crypto/dh.ts";
import { hkdfSha256 } from "../../core/crypto/kdf.ts";
import { decapsulate, encapsulate, kemKey } from "../../core/crypto/kem.ts";
import { verifyBytes } from "../../core/crypto/verifyOften.ts";
import { fromHex, toHex } from "../../core/ids.ts";
import { concat } from "../../core/wire/bytes.ts";
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

/** Runs `check` on every case, and makes sure that there are at least `atLeast` of them. */
function suite(title: string, file: string, atLeast: number, check: (each: Case, group: Group) => boolean): void {
  const groups = read(file);
  if (groups === null) console.log(`${file} is not here: set VECTORS_DIR to a folder with wycheproof/${file}.`);
  Deno.test({
    name: `${title}, as in ${file}`,
    ignore: groups === null,
    fn() {
      let count = 0;
      for (const group of groups!) {
        for (const each of group.tests) {
          if (check(each, group)) count++;
        }
      }
      assert.ok(count >= atLeast, `only ${count} cases apply`);
    },
  });
}

const about = ({ tcId, comment }: Case): string => `case ${tcId}: ${comment ?? ""}`;
const bytes = (hex: string): Uint8Array => fromHex(hex);

suite("[KEY3] X25519 agrees, and refuses what everybody knows", "x25519_test.json", 500, (each) => {
  const shared = x25519Shared(bytes(each.private), bytes(each.public));
  if (each.flags.includes("ZeroSharedSecret")) assert.ok(!shared.ok, about(each));
  else assert.equal(shared.ok && toHex(shared.value), each.shared, about(each));
  return true;
});

suite("[KEY2] Ed25519 verifies strictly", "ed25519_test.json", 140, (each, group) => {
  let isRight = false;
  try {
    isRight = ed25519.verify(bytes(each.sig), bytes(each.msg), bytes(group.publicKey.pk), { zip215: false });
  } catch {
    // A signature of another length is no signature.
  }
  assert.equal(isRight, each.result === "valid", about(each));
  return true;
});

suite("[KEY2] Ed25519 verifies strictly with a memo of the keys", "ed25519_test.json", 140, (each, group) => {
  const isRight = verifyBytes(bytes(group.publicKey.pk), bytes(each.sig), bytes(each.msg));
  assert.equal(isRight, each.result === "valid", about(each));
  return true;
});

suite("[KEY6] HKDF-SHA-256 expands", "hkdf_sha256_test.json", 80, (each) => {
  const derive = () => hkdfSha256(bytes(each.ikm), bytes(each.salt), bytes(each.info), each.size);
  if (each.result === "valid") assert.equal(toHex(derive()), each.okm, about(each));
  else assert.throws(derive, about(each));
  return true;
});

const aeadSuite = (title: string, file: string, atLeast: number, aead: Aead) =>
  suite(title, file, atLeast, (each, { keySize, ivSize, tagSize }) => {
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

aeadSuite("[KEY5] ChaCha20-Poly1305 seals and opens", "chacha20_poly1305_test.json", 250, chachaPoly);
aeadSuite("[KEY5] AES-256-GCM seals and opens", "aes_gcm_test.json", 60, aesGcm);

suite("[KEY4] ML-KEM-768 keys follow from their seeds", "mlkem_768_keygen_seed_test.json", 90, (each) => {
  if (each.result === "valid") assert.equal(toHex(kemKey(bytes(each.seed)).publicKey), each.ek, about(each));
  return each.result === "valid";
});

suite("[KEY4] ML-KEM-768 encapsulates, and refuses bad keys", "mlkem_768_encaps_test.json", 200, (each) => {
  const made = encapsulate(bytes(each.ek), bytes(each.m));
  assert.equal(made.ok, each.result === "valid", about(each));
  if (!made.ok) return true;
  assert.equal(toHex(made.value.ciphertext), each.c, about(each));
  assert.equal(toHex(made.value.secret), each.K, about(each));
  return true;
});

suite("[KEY4] ML-KEM-768 decapsulates, and refuses other lengths", "mlkem_768_test.json", 100, (each) => {
  if (each.seed.length !== 128) return false;
  const opened = decapsulate(kemKey(bytes(each.seed)), bytes(each.c));
  assert.equal(opened.ok, each.result === "valid", about(each));
  if (opened.ok) assert.equal(toHex(opened.value), each.K, about(each));
  return true;
});

suite("ECDH over P-256 agrees, and refuses points off the curve", "ecdh_secp256r1_webcrypto_test.json", 200, (each) => {
  const field = (text: unknown): Uint8Array => new Uint8Array(Buffer.from(String(text ?? ""), "base64url"));
  const publicKey = concat(Uint8Array.of(4), field(each.public.x), field(each.public.y));
  const shared = p256Shared(field(each.private.d), publicKey);
  if (each.result === "invalid") assert.ok(!shared.ok || each.public.crv !== "P-256", about(each));
  else assert.equal(toHex(must(shared)), each.shared, about(each));
  return true;
});
