/** Ed25519 (RFC 8032), with a label in front of every message so that a signature is good for one purpose only. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { framed } from "../wire/bytes.ts";
import { utf8 } from "../wire/text.ts";
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
  ed25519.sign(framed(utf8(label), ...parts), key.secret);

/** Strict verification (no cofactored leniency, canonical encodings only). */
export function verify(
  publicKey: Uint8Array,
  signature: Uint8Array,
  label: Label,
  ...parts: readonly Uint8Array[]
): boolean {
  try {
    return ed25519.verify(signature, framed(utf8(label), ...parts), publicKey, { zip215: false });
  } catch {
    return false;
  }
}
