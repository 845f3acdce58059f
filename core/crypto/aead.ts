/** Authenticated encryption: ChaCha20-Poly1305 (RFC 8439) and AES-256-GCM (NIST SP 800-38D), 16-byte tags. */
import { gcm } from "@noble/ciphers/aes.js";
import { poly1305 } from "@noble/ciphers/_poly1305.js";
import { chacha20 } from "@noble/ciphers/chacha.js";
import { ok, refuse, type Result } from "../errors.ts";
import { equalSecret } from "./equal.ts";

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

const BLOCK_BYTES = 64;

/**
 * ChaCha20-Poly1305 (RFC 8439, 2.8), put together from its two halves: one run of the cipher gives the one-time key in
 * its first block and the text behind it, and the code is taken over one buffer. The library's own composition costs
 * half as much again for a short message.
 */
export const chachaPoly: Aead = {
  keyBytes: 32,
  nonceBytes: 12,
  tagBytes: 16,
  seal(key, nonce, plaintext, ad) {
    const output = new Uint8Array(BLOCK_BYTES + plaintext.length + 16);
    const { oneTimeKey, text } = crypted(key, nonce, plaintext, output.subarray(0, BLOCK_BYTES + plaintext.length));
    output.set(poly1305(authenticated(ad, text), oneTimeKey), BLOCK_BYTES + plaintext.length);
    return output.slice(BLOCK_BYTES);
  },
  open(key, nonce, ciphertext, ad) {
    if (ciphertext.length < 16) return refuse("crypto.not-authentic");
    const sealed = ciphertext.subarray(0, -16);
    const { oneTimeKey, text } = crypted(key, nonce, sealed, new Uint8Array(BLOCK_BYTES + sealed.length));
    const tag = poly1305(authenticated(ad, sealed), oneTimeKey);
    return equalSecret(tag, ciphertext.subarray(-16)) ? ok(text.slice()) : refuse("crypto.not-authentic");
  },
};

/** `input` through the cipher from block 1 on; block 0 begins with the one-time key. `work` holds both. */
function crypted(key: Uint8Array, nonce: Uint8Array, input: Uint8Array, work: Uint8Array) {
  work.set(input, BLOCK_BYTES);
  chacha20(key, nonce, work, work, 0);
  return { oneTimeKey: work.subarray(0, 32), text: work.subarray(BLOCK_BYTES) };
}

/** What the code covers: both parts padded to 16 bytes, and their lengths, little-endian. */
function authenticated(ad: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const ciphertextAt = padded(ad.length);
  const lengthsAt = ciphertextAt + padded(ciphertext.length);
  const input = new Uint8Array(lengthsAt + 16);
  input.set(ad);
  input.set(ciphertext, ciphertextAt);
  for (let i = 0; i < 4; i++) {
    input[lengthsAt + i] = ad.length >>> (8 * i);
    input[lengthsAt + 8 + i] = ciphertext.length >>> (8 * i);
  }
  return input;
}

const padded = (lengthBytes: number): number => Math.ceil(lengthBytes / 16) * 16;

// Pure, so that a bundle that opens no voice frames does without AES.
export const aesGcm: Aead = /* @__PURE__ */ aead((key, nonce, ad) => gcm(key, nonce, ad));
