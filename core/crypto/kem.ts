/** ML-KEM-768 (FIPS 203). */
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { ok, refuse, type Result } from "../errors.ts";

export const KEM_BYTES = { seed: 64, publicKey: 1184, ciphertext: 1088, secret: 32 } as const;

export interface KemKey {
  /** The 64-byte seed (d, z) of FIPS 203, 7.1, from which the expanded key is derived when needed. */
  readonly seed: Uint8Array;
  /** 1,184 bytes. */
  readonly publicKey: Uint8Array;
}

/** `seed` is 64 fresh random bytes. */
export const kemKey = (seed: Uint8Array): KemKey => ({ seed, publicKey: ml_kem768.keygen(seed).publicKey });

/** A coefficient of FIPS 203 is below this. */
const Q = 3329;

/** The modulus check of FIPS 203, 7.2: 768 coefficients of 12 bits, each below q, and 32 bytes that may be any. */
export function isKemKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== KEM_BYTES.publicKey) return false;
  for (let at = 0; at < KEM_BYTES.publicKey - 32; at += 3) {
    const [low, middle, high] = [publicKey[at]!, publicKey[at + 1]!, publicKey[at + 2]!];
    if ((low | (middle & 0x0f) << 8) >= Q || (middle >> 4 | high << 4) >= Q) return false;
  }
  return true;
}

export interface Encapsulation {
  /** 1,088 bytes, for the holder of the key. */
  readonly ciphertext: Uint8Array;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

/** `randomness` is 32 fresh random bytes. Refused when the key fails the modulus check of FIPS 203, 7.2. */
export function encapsulate(publicKey: Uint8Array, randomness: Uint8Array): Result<Encapsulation, "crypto.bad-key"> {
  if (publicKey.length !== KEM_BYTES.publicKey) return refuse("crypto.bad-key");
  try {
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, randomness);
    return ok({ ciphertext: cipherText, secret: sharedSecret });
  } catch {
    return refuse("crypto.bad-key");
  }
}

/** A wrong ciphertext of the right length gives a secret that nobody else has (implicit rejection). */
export function decapsulate(key: KemKey, ciphertext: Uint8Array): Result<Uint8Array, "crypto.bad-key"> {
  if (ciphertext.length !== KEM_BYTES.ciphertext) return refuse("crypto.bad-key");
  return ok(ml_kem768.decapsulate(ciphertext, ml_kem768.keygen(key.seed).secretKey));
}
