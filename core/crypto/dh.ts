/** Diffie-Hellman: X25519 (RFC 7748) for text, ECDH over P-256 (SP 800-56A) for calls. */
import { x25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { ok, refuse, type Result } from "../errors.ts";
import { sameBytes } from "../wire/bytes.ts";

export interface DhKey {
  /** 32 bytes. */
  readonly secret: Uint8Array;
  /** 32 bytes for X25519; 65 bytes, uncompressed, for P-256. */
  readonly publicKey: Uint8Array;
}

/** `seed` is 32 fresh random bytes. */
export const x25519Key = (seed: Uint8Array): DhKey => ({ secret: seed, publicKey: x25519.getPublicKey(seed) });

/** The u-coordinates below 2^255 - 19 of the points whose order divides 8, as RFC 7748 writes them. */
const LOW_ORDER: readonly Uint8Array[] = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].map((text) => Uint8Array.from(text.match(/../g)!, (byte) => Number.parseInt(byte, 16)));

/**
 * Whether a protocol may take this for a public key: 32 bytes, the one encoding of its u-coordinate (below 2^255 - 19,
 * the highest bit clear), and not of low order. RFC 7748 alone would take other encodings of the same key.
 */
export function isX25519Key(publicKey: Uint8Array): boolean {
  if (publicKey.length !== 32 || publicKey[31]! > 0x7f) return false;
  const isReduced = publicKey[31] !== 0x7f || publicKey[0]! < 0xed ||
    publicKey.subarray(1, 31).some((byte) => byte < 0xff);
  return isReduced && !LOW_ORDER.some((low) => sameBytes(low, publicKey));
}

/** The 32-byte shared secret; refused for a point of low order, whose secret everybody knows. */
export function x25519Shared(secret: Uint8Array, publicKey: Uint8Array): Result<Uint8Array, "crypto.bad-key"> {
  if (publicKey.length !== 32) return refuse("crypto.bad-key");
  try {
    return ok(x25519.getSharedSecret(secret, publicKey));
  } catch {
    return refuse("crypto.bad-key");
  }
}

/** `seed` is 48 fresh random bytes: the extra ones make the reduction to a scalar unbiased. */
export function p256Key(seed: Uint8Array): DhKey {
  const { secretKey } = p256.keygen(seed);
  return { secret: secretKey, publicKey: p256.getPublicKey(secretKey, false) };
}

/** The x coordinate, 32 bytes; refused when `publicKey` is not an uncompressed point on the curve. */
export function p256Shared(secret: Uint8Array, publicKey: Uint8Array): Result<Uint8Array, "crypto.bad-key"> {
  if (publicKey.length !== 65) return refuse("crypto.bad-key");
  try {
    return ok(p256.getSharedSecret(secret, publicKey, true).subarray(1));
  } catch {
    return refuse("crypto.bad-key");
  }
}
