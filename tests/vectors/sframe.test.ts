/**
 * The published vectors of SFrame (RFC 9605), against the reference in the core and against WebCrypto as the voice
 * worker uses it. They are read from the folder named by VECTORS_DIR, by default a folder `shared/vectors` beside the
 * project; elsewhere these tests are ignored. The set is at github.com/sframe-wg/sframe, test-vectors/.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fromHex, toHex } from "../../core/ids.ts";
import { openSframe, sealSframe, sframeKey, sframeLabel, sframeNonce, sframeSecret } from "../../core/voice/sframe.ts";
import { concat } from "../../core/wire/bytes.ts";
import { decodeSframeHeader, encodeSframeHeader } from "../../core/wire/sframeHeader.ts";
import { held } from "./held.ts";
import { must } from "../support/world.ts";

interface HeaderVector {
  readonly kid: string;
  readonly ctr: string;
  readonly encoded: string;
}

type SframeVector = Readonly<Record<string, string>>;

interface Vectors {
  readonly header: readonly HeaderVector[];
  readonly sframe: readonly SframeVector[];
}

const folder = Deno.env.get("VECTORS_DIR") ?? join(import.meta.dirname!, "..", "..", "..", "shared", "vectors");

function read(): Vectors | null {
  try {
    const text = Deno.readTextFileSync(join(folder, "sframe", "test-vectors.json"));
    // Numbers up to 2^64 are exact only as text.
    return JSON.parse(text.replace(/: (\d+)/g, ': "$1"'));
  } catch {
    return null;
  }
}

const vectors = read();
const ignore = vectors === null;
if (ignore) console.log("SFrame vectors are not here: set VECTORS_DIR to a folder with sframe/test-vectors.json.");

Deno.test({
  name: "[VF2] SFrame headers are encoded and decoded as in the published vectors",
  ignore,
  fn() {
    for (const { kid, ctr, encoded } of vectors!.header) {
      assert.equal(toHex(encodeSframeHeader(BigInt(kid), BigInt(ctr))), encoded);
      const decoded = must(decodeSframeHeader(fromHex(encoded)));
      assert.deepEqual(decoded, { kid: BigInt(kid), ctr: BigInt(ctr), sizeBytes: encoded.length / 2 });
    }
    held("SFrame headers", vectors!.header.length);
  },
});

const suiteFive = () => vectors!.sframe.find((vector) => vector.cipher_suite === "5")!;

Deno.test({
  name: "[VF1] [VF3] keys, nonce and ciphertext of suite 0x0005 are those of the published vector",
  ignore,
  fn() {
    const vector = suiteFive();
    const bytes = (name: string) => fromHex(vector[name]!);
    const [kid, ctr] = [BigInt(vector.kid!), BigInt(vector.ctr!)];
    const key = sframeKey(kid, bytes("base_key"));
    assert.equal(toHex(sframeLabel("SFrame 1.0 Secret key ", kid)), vector.sframe_key_label);
    assert.equal(toHex(sframeLabel("SFrame 1.0 Secret salt ", kid)), vector.sframe_salt_label);
    assert.equal(toHex(sframeSecret(bytes("base_key"))), vector.sframe_secret);
    assert.equal(toHex(key.key), vector.sframe_key);
    assert.equal(toHex(key.salt), vector.sframe_salt);
    assert.equal(toHex(sframeNonce(key.salt, ctr)), vector.nonce);
    assert.equal(toHex(sealSframe(key, ctr, bytes("pt"), bytes("metadata"))), vector.ct);
    assert.equal(toHex(must(openSframe(key, bytes("ct"), bytes("metadata")))), vector.pt);
    held("SFrame, AES_256_GCM_SHA512_128", 1);
  },
});

Deno.test({
  name: "[VF1] WebCrypto seals suite 0x0005 to the bytes of the published vector",
  ignore,
  async fn() {
    const vector = suiteFive();
    const own = (bytes: Uint8Array) => bytes as Uint8Array<ArrayBuffer>;
    const bytes = (name: string) => own(fromHex(vector[name]!));
    const [kid, ctr] = [BigInt(vector.kid!), BigInt(vector.ctr!)];
    const { key, salt } = sframeKey(kid, bytes("base_key"));
    const aead = await crypto.subtle.importKey("raw", own(key), "AES-GCM", false, ["encrypt"]);
    const header = encodeSframeHeader(kid, ctr);
    const parameters = {
      name: "AES-GCM",
      iv: own(sframeNonce(salt, ctr)),
      additionalData: own(concat(header, bytes("metadata"))),
    };
    const sealed = await crypto.subtle.encrypt(parameters, aead, bytes("pt"));
    assert.equal(toHex(concat(header, new Uint8Array(sealed))), vector.ct);
    held("SFrame, the same by WebCrypto", 1);
  },
});
