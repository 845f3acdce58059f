/** The header of a ratchet message, at fixed places: 40 bytes in clear, or 44 that are sealed. SPEC section 6. */
import { ok, refuse, type Result } from "../errors.ts";

export interface RatchetHeader {
  /** The sender's ratchet key, 32 bytes for X25519. */
  readonly key: Uint8Array;
  /** Messages in the sender's chain before this one. */
  readonly previousCount: number;
  /** Number of this message in its chain, from 0. */
  readonly index: number;
  /** Number of the post-quantum secret that this chain's root step mixed in; 0 or absent for none. */
  readonly mixed?: number;
}

/** `previousCount` is `null` in protocols that do not tell it. */
export interface ReceivedHeader extends Omit<RatchetHeader, "previousCount"> {
  readonly previousCount: number | null;
}

export const RATCHET_HEADER_BYTES = 40;

export function encodeRatchetHeader(header: RatchetHeader): Uint8Array {
  const output = new Uint8Array(RATCHET_HEADER_BYTES);
  output.set(header.key);
  writeUint32(output, 32, header.previousCount);
  writeUint32(output, 36, header.index);
  return output;
}

/** Reads the header at the start of `message`; views into it, no copies. */
export function decodeRatchetHeader(message: Uint8Array): Result<RatchetHeader, "wire.malformed"> {
  if (message.length < RATCHET_HEADER_BYTES) return refuse("wire.malformed");
  return ok({
    key: message.subarray(0, 32),
    previousCount: readUint32(message, 32),
    index: readUint32(message, 36),
  });
}

/** The header of version 2, before it is sealed: that of version 1, and the number of the secret mixed in. */
export const INNER_HEADER_BYTES = RATCHET_HEADER_BYTES + 4;

export function encodeInnerHeader(header: RatchetHeader): Uint8Array {
  const output = new Uint8Array(INNER_HEADER_BYTES);
  output.set(encodeRatchetHeader(header));
  writeUint32(output, RATCHET_HEADER_BYTES, header.mixed ?? 0);
  return output;
}

/** Views into `input`, which has `INNER_HEADER_BYTES`. */
export function decodeInnerHeader(input: Uint8Array): Result<RatchetHeader, "wire.malformed"> {
  if (input.length !== INNER_HEADER_BYTES) return refuse("wire.malformed");
  const header = decodeRatchetHeader(input);
  return header.ok ? ok({ ...header.value, mixed: readUint32(input, RATCHET_HEADER_BYTES) }) : header;
}

function writeUint32(output: Uint8Array, at: number, value: number): void {
  output[at] = value >>> 24;
  output[at + 1] = value >>> 16;
  output[at + 2] = value >>> 8;
  output[at + 3] = value;
}

const readUint32 = (input: Uint8Array, at: number): number =>
  ((input[at]! << 24) | (input[at + 1]! << 16) | (input[at + 2]! << 8) | input[at + 3]!) >>> 0;
