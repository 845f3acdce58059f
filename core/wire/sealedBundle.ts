/** A prekey bundle as a server keeps it: version 1 | salt 32 | ciphertext, of one length. SPEC section 9a. */
import { ok, refuse, type Result } from "../errors.ts";
import { MAILBOX } from "../limits.ts";
import { concat } from "./bytes.ts";
import type { WireReason } from "./schema.ts";

export interface SealedBundle {
  /** Version and salt: covered by the seal. */
  readonly head: Uint8Array;
  readonly salt: Uint8Array;
  readonly ciphertext: Uint8Array;
}

const VERSION = 1;
const HEAD_BYTES = 33;
const TAG_BYTES = 16;

export const SEALED_BUNDLE_BYTES = HEAD_BYTES + MAILBOX.bundleBytes + TAG_BYTES;

export const sealedBundleHead = (salt: Uint8Array): Uint8Array => concat(Uint8Array.of(VERSION), salt);

/** Views into `input`, no copies. */
export function decodeSealedBundle(input: Uint8Array): Result<SealedBundle, WireReason> {
  if (input.length > SEALED_BUNDLE_BYTES) return refuse("wire.too-large");
  if (input.length === 0) return refuse("wire.malformed");
  if (input[0] !== VERSION) return refuse("wire.unknown-version");
  if (input.length !== SEALED_BUNDLE_BYTES) return refuse("wire.malformed");
  return ok({
    head: input.subarray(0, HEAD_BYTES),
    salt: input.subarray(1, HEAD_BYTES),
    ciphertext: input.subarray(HEAD_BYTES),
  });
}
