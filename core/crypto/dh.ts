/** Diffie-Hellman: X25519 (RFC 7748) for text, ECDH over P-256 (SP 800-56A) for calls. */
import { x25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { ok, refuse, type Result } from "../errors.ts";

export interface DhKey {
  /** 32 bytes. */
  readonly secret: Uint8Array;
  /** 32 bytes for X25519; 65 bytes, uncompressed, for P-256. */
  readonly publicKey: Uint8Array;
}

/** `seed` is 32 fresh random bytes. */
export const x25519Key = (seed: Uint8Array): DhKey => ({ secret: seed, publicKey: x25519.getPublicKey(seed) });

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
