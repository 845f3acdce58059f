/** Padding: an observer of envelopes learns one of four lengths. ISO/IEC 7816-4: a byte 0x80, then zeros. */
import { ok, refuse, type Result } from "../errors.ts";
import { PADDING } from "../limits.ts";

const MARK = 0x80;

/** The most bytes that `pad` takes. */
export const MAX_PLAINTEXT_BYTES = Math.max(...PADDING.textBucketsBytes) - 1;

/** `plaintext`, the mark and zeros: as long as the smallest bucket that holds it. Longer than all is a bug. */
export function pad(plaintext: Uint8Array, bucketsBytes: Buckets = PADDING.textBucketsBytes): Uint8Array {
  const bucketBytes = bucketOf(plaintext.length, bucketsBytes);
  if (bucketBytes === undefined) throw new RangeError(`${plaintext.length} bytes are more than any bucket holds`);
  const padded = new Uint8Array(bucketBytes);
  padded.set(plaintext);
  padded[plaintext.length] = MARK;
  return padded;
}

/** The plaintext; refused when it is not padded as `pad` does it. */
export function unpad(
  padded: Uint8Array,
  bucketsBytes: Buckets = PADDING.textBucketsBytes,
): Result<Uint8Array, "wire.malformed"> {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end--;
  if (end < 0 || padded[end] !== MARK || bucketOf(end, bucketsBytes) !== padded.length) return refuse("wire.malformed");
  return ok(padded.subarray(0, end));
}

/** Lengths after padding, the smallest first. */
type Buckets = readonly number[];

const bucketOf = (plaintextBytes: number, bucketsBytes: Buckets): number | undefined =>
  bucketsBytes.find((bucketBytes) => plaintextBytes < bucketBytes);
