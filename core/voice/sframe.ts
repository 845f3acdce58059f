/**
 * SFrame (RFC 9605), suite AES_256_GCM_SHA512_128 (0x0005): key derivation, nonce, seal and open, with nothing added.
 * The voice worker does the AEAD with WebCrypto over the same bytes; this is the reference that it is held to.
 */
import { aesGcm } from "../crypto/aead.ts";
import { hkdfSha512Expand, hkdfSha512Extract } from "../crypto/kdf.ts";
import { ok, refuse, type Result } from "../errors.ts";
import { concat } from "../wire/bytes.ts";
import { decodeSframeHeader, encodeSframeHeader } from "../wire/sframeHeader.ts";
import { utf8 } from "../wire/text.ts";

export const SFRAME = { suite: 0x0005, keyBytes: 32, nonceBytes: 12, tagBytes: 16 } as const;

export interface SframeKey {
  readonly kid: bigint;
  /** `sframe_key`, 32 bytes. */
  readonly key: Uint8Array;
  /** `sframe_salt`, 12 bytes. */
  readonly salt: Uint8Array;
}

/** The label of RFC 9605, 4.4.2: text, key id in 8 bytes, cipher suite in 2. */
export function sframeLabel(text: "SFrame 1.0 Secret key " | "SFrame 1.0 Secret salt ", kid: bigint): Uint8Array {
  const label = new Uint8Array(text.length + 10);
  label.set(utf8(text));
  const view = new DataView(label.buffer);
  view.setBigUint64(text.length, kid);
  view.setUint16(text.length + 8, SFRAME.suite);
  return label;
}

/** `sframe_secret`: 64 bytes. */
export const sframeSecret = (baseKey: Uint8Array): Uint8Array => hkdfSha512Extract(new Uint8Array(0), baseKey);

/** RFC 9605, 4.4.2. */
export function sframeKey(kid: bigint, baseKey: Uint8Array): SframeKey {
  const secret = sframeSecret(baseKey);
  return {
    kid,
    key: hkdfSha512Expand(secret, sframeLabel("SFrame 1.0 Secret key ", kid), SFRAME.keyBytes),
    salt: hkdfSha512Expand(secret, sframeLabel("SFrame 1.0 Secret salt ", kid), SFRAME.nonceBytes),
  };
}

/** The salt with the counter XORed into its end (RFC 9605, 4.4.3). */
export function sframeNonce(salt: Uint8Array, ctr: bigint): Uint8Array {
  const nonce = salt.slice();
  for (let i = nonce.length - 1, rest = ctr; rest > 0n; i--, rest >>= 8n) nonce[i]! ^= Number(rest & 0xffn);
  return nonce;
}

/** Header, ciphertext, tag. The caller never gives one `ctr` twice. */
export function sealSframe(key: SframeKey, ctr: bigint, plaintext: Uint8Array, metadata: Uint8Array): Uint8Array {
  const header = encodeSframeHeader(key.kid, ctr);
  const sealed = aesGcm.seal(key.key, sframeNonce(key.salt, ctr), plaintext, concat(header, metadata));
  return concat(header, sealed);
}

/** The plaintext of a frame whose header names `key`. */
export function openSframe(
  key: SframeKey,
  frame: Uint8Array,
  metadata: Uint8Array,
): Result<Uint8Array, "voice.malformed" | "voice.unknown-key" | "voice.not-authentic"> {
  const header = decodeSframeHeader(frame);
  if (!header.ok) return header;
  if (header.value.kid !== key.kid) return refuse("voice.unknown-key");
  const { ctr, sizeBytes } = header.value;
  const ad = concat(frame.subarray(0, sizeBytes), metadata);
  const plaintext = aesGcm.open(key.key, sframeNonce(key.salt, ctr), frame.subarray(sizeBytes), ad);
  return plaintext.ok ? ok(plaintext.value) : refuse("voice.not-authentic");
}
