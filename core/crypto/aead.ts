/** Authenticated encryption: ChaCha20-Poly1305 (RFC 8439) and AES-256-GCM (NIST SP 800-38D), 16-byte tags. */
import { gcm } from "@noble/ciphers/aes.js";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ok, refuse, type Result } from "../errors.ts";

export interface Aead {
  readonly keyBytes: 32;
  readonly nonceBytes: 12;
  readonly tagBytes: 16;
  /** `plaintext` encrypted, with the tag behind it. The caller never gives one (key, nonce) twice. */
  seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, ad: Uint8Array): Uint8Array;
  /** The plaintext, or a refusal when key, nonce, associated data or ciphertext differ by a bit. */
  open(
    key: Uint8Array,
    nonce: Uint8Array,
    ciphertext: Uint8Array,
    ad: Uint8Array,
  ): Result<Uint8Array, "crypto.not-authentic">;
}

interface Cipher {
  encrypt(plaintext: Uint8Array): Uint8Array;
  decrypt(ciphertext: Uint8Array): Uint8Array;
}

const aead = (cipher: (key: Uint8Array, nonce: Uint8Array, ad: Uint8Array) => Cipher): Aead => ({
  keyBytes: 32,
  nonceBytes: 12,
  tagBytes: 16,
  seal: (key, nonce, plaintext, ad) => cipher(key, nonce, ad).encrypt(plaintext),
  open(key, nonce, ciphertext, ad) {
    if (ciphertext.length < 16) return refuse("crypto.not-authentic");
    try {
      return ok(cipher(key, nonce, ad).decrypt(ciphertext));
    } catch {
      return refuse("crypto.not-authentic");
    }
  },
});

export const chachaPoly: Aead = aead((key, nonce, ad) => chacha20poly1305(key, nonce, ad));
export const aesGcm: Aead = aead((key, nonce, ad) => gcm(key, nonce, ad));
