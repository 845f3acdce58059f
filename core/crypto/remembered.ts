/**
 * Signatures and keys that were found good. The same certificate, or the same word for a chain, is shown again and again:
 * a hash takes a hundredth of the time of a check. A memo: answers are the same without it, and what is not good is not
 * kept.
 */
import { toHex } from "../ids.ts";
import { VERIFYING } from "../limits.ts";
import { framed } from "../wire/bytes.ts";
import { sha256 } from "./kdf.ts";

const good = new Set<string>();

/** `check` is asked once, as long as the answer is yes. */
export function isKnown(name: string, check: () => boolean): boolean {
  if (!good.delete(name) && !check()) return false;
  good.add(name);
  // The one that was shown longest ago goes first.
  if (good.size > VERIFYING.maxKnownGood) good.delete(good.keys().next().value!);
  return true;
}

export const nameOfSignature = (publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): string =>
  toHex(sha256(framed(publicKey, signature, message)));
