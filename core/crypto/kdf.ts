/** Hashes and key derivation: SHA-2, HMAC (RFC 2104), HKDF (RFC 5869). */
import { expand, extract, hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as nobleSha256, sha512 as nobleSha512 } from "@noble/hashes/sha2.js";
import { utf8 } from "../wire/text.ts";

/** 32 bytes. */
export const sha256 = (data: Uint8Array): Uint8Array => nobleSha256(data);
/** 64 bytes. */
export const sha512 = (data: Uint8Array): Uint8Array => nobleSha512(data);
/** 32 bytes. */
export const hmacSha256 = (key: Uint8Array, data: Uint8Array): Uint8Array => hmac(nobleSha256, key, data);

/** HMAC-SHA-256 of many inputs under one key, which is absorbed only once. */
export function hmacSha256Under(key: Uint8Array): (data: Uint8Array) => Uint8Array {
  const keyed = hmac.create(nobleSha256, key);
  return (data) => keyed.clone().update(data).digest();
}

const BLOCK_BYTES = 64;
/** Hash states that are used again and again: making them costs as much as what they compute. */
const [fresh, inner, outer, running] = [sha256State(), sha256State(), sha256State(), sha256State()];
const block = new Uint8Array(BLOCK_BYTES);
const innerDigest = new Uint8Array(32);

function sha256State() {
  return nobleSha256.create();
}

/** HMAC-SHA-256 of two inputs under one key, which is absorbed only once: the chain step of a ratchet. */
export function hmacSha256Pair(
  key: Uint8Array,
  first: Uint8Array,
  second: Uint8Array,
): readonly [Uint8Array, Uint8Array] {
  const short = key.length > BLOCK_BYTES ? nobleSha256(key) : key;
  absorb(inner, short, 0x36);
  absorb(outer, short, 0x5c);
  const pair = [digestUnder(first), digestUnder(second)] as const;
  fresh._cloneInto(inner);
  fresh._cloneInto(outer);
  block.fill(0);
  return pair;
}

/** RFC 2104: the key, filled up to a block with zeros, XOR `pad`. */
function absorb(state: ReturnType<typeof sha256State>, key: Uint8Array, pad: number): void {
  block.fill(pad);
  for (let i = 0; i < key.length; i++) block[i] = key[i]! ^ pad;
  fresh._cloneInto(state).update(block);
}

function digestUnder(data: Uint8Array): Uint8Array {
  const digest = new Uint8Array(32);
  inner._cloneInto(running).update(data).digestInto(innerDigest);
  outer._cloneInto(running).update(innerDigest).digestInto(digest);
  return digest;
}

/** HKDF-SHA-256. `info` is a label or raw bytes; `lengthBytes` up to 8,160. */
export function hkdfSha256(
  secret: Uint8Array,
  salt: Uint8Array,
  info: string | Uint8Array,
  lengthBytes: number,
): Uint8Array {
  return hkdf(nobleSha256, secret, salt, typeof info === "string" ? utf8(info) : info, lengthBytes);
}

/** HKDF-SHA-512 in its two halves, as SFrame (RFC 9605, 4.4.2) calls them. */
export const hkdfSha512Extract = (salt: Uint8Array, secret: Uint8Array): Uint8Array =>
  extract(nobleSha512, secret, salt);
export const hkdfSha512Expand = (prk: Uint8Array, info: Uint8Array, lengthBytes: number): Uint8Array =>
  expand(nobleSha512, prk, info, lengthBytes);
