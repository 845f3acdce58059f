/** What a message of version 2 says under its padding: kind 1 | (number 4 | KEM key or ciphertext) | content. SPEC 6. */
import { ok, refuse, type Result } from "../errors.ts";
import { bytesUint, concat, uintBytes } from "./bytes.ts";

/** A part of the post-quantum exchange: an ML-KEM-768 key of 1,184 bytes, or a ciphertext of 1,088. */
export interface ExchangePart {
  readonly t: "offer" | "answer";
  readonly number: number;
  readonly body: Uint8Array;
}

const KIND = { none: 0, offer: 1, answer: 2 } as const;
const PART_BYTES = { offer: 1184, answer: 1088 } as const;
const HEAD_BYTES = 5;

/** Bytes that a part takes up in a message, besides the content. */
export const partBytes = (part: ExchangePart | null): number => part === null ? 1 : HEAD_BYTES + part.body.length;

export const encodeRatchetBody = (part: ExchangePart | null, content: Uint8Array): Uint8Array =>
  part === null
    ? concat(Uint8Array.of(KIND.none), content)
    : concat(Uint8Array.of(KIND[part.t]), uintBytes(part.number, 4), part.body, content);

/** Views into `input`, no copies. */
export function decodeRatchetBody(
  input: Uint8Array,
): Result<{ readonly part: ExchangePart | null; readonly content: Uint8Array }, "wire.malformed"> {
  if (input[0] === KIND.none) return ok({ part: null, content: input.subarray(1) });
  const t = input[0] === KIND.offer ? "offer" : input[0] === KIND.answer ? "answer" : null;
  if (t === null) return refuse("wire.malformed");
  const endAt = HEAD_BYTES + PART_BYTES[t];
  if (input.length < endAt) return refuse("wire.malformed");
  const number = bytesUint(input.subarray(1, HEAD_BYTES));
  return ok({ part: { t, number, body: input.subarray(HEAD_BYTES, endAt) }, content: input.subarray(endAt) });
}
