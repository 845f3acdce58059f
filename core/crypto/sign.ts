/** Ed25519 (RFC 8032), with a label in front of every message so that a signature is good for one purpose only. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { concat, framed } from "../wire/bytes.ts";
import { utf8 } from "../wire/text.ts";
import { sha512 } from "./kdf.ts";
import { toHex } from "../ids.ts";
import { isKnown, nameOfSignature } from "./remembered.ts";
import type { Label } from "./labels.ts";

export interface SigningKey {
  /** The 32-byte seed of RFC 8032, 5.1.5. */
  readonly secret: Uint8Array;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** `seed` is 32 fresh random bytes. */
export const signingKey = (seed: Uint8Array): SigningKey => ({
  secret: seed,
  publicKey: ed25519.getPublicKey(seed),
});

/** 64 bytes over the label and each part behind its length. */
export const sign = (key: SigningKey, label: Label, ...parts: readonly Uint8Array[]): Uint8Array =>
  signBytes(key, framed(utf8(label), ...parts));

const { BASE, Fn } = ed25519.Point;

/**
 * RFC 8032, 5.1.6, with the public half that the pair has: the library derives it anew for each signature, which takes
 * as long as the rest. The halves must belong together, or the signature gives the secret away: pairs are made by
 * `signingKey` only, and checked where they are read from a record.
 */
export function signBytes({ secret, publicKey }: SigningKey, message: Uint8Array): Uint8Array {
  const expanded = sha512(secret);
  const scalar = littleEndian(clamped(expanded.subarray(0, 32)));
  const nonce = littleEndian(sha512(concat(expanded.subarray(32), message)));
  const commitment = BASE.multiply(nonce).toBytes();
  const challenge = littleEndian(sha512(concat(commitment, publicKey, message)));
  return concat(commitment, Fn.toBytes(Fn.create(nonce + challenge * scalar)));
}

/** RFC 8032, 5.1.5: the form of a secret scalar. */
function clamped(bytes: Uint8Array): Uint8Array {
  const scalar = bytes.slice();
  scalar[0] = scalar[0]! & 0xf8;
  scalar[31] = (scalar[31]! & 0x7f) | 0x40;
  return scalar;
}

/** As a scalar: the number in `bytes`, the lowest first, modulo the order of the group. */
function littleEndian(bytes: Uint8Array): bigint {
  let digits = "0x";
  for (const byte of bytes.toReversed()) digits += byte.toString(16).padStart(2, "0");
  return Fn.create(BigInt(digits));
}

/**
 * Whether a protocol may take this for a public key: the one encoding of a point of the prime-order group. A point of
 * low order would verify what nobody signed; one with a part of low order would give one secret several public keys.
 */
export const isSigningKey = (publicKey: Uint8Array): boolean =>
  isKnown(toHex(publicKey), () => {
    try {
      const point = ed25519.Point.fromBytes(publicKey);
      return !point.isSmallOrder() && point.isTorsionFree();
    } catch {
      return false;
    }
  });

/** RFC 8032, 5.1.7, with canonical encodings only, and no keys of low order. */
export function verify(
  publicKey: Uint8Array,
  signature: Uint8Array,
  label: Label,
  ...parts: readonly Uint8Array[]
): boolean {
  const message = framed(utf8(label), ...parts);
  return isKnown(nameOfSignature(publicKey, signature, message), () => verifyBytes(publicKey, signature, message));
}

/** The same over a bare message: without a label nothing of ours is verified. */
export function verifyBytes(publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
