/**
 * The SFrame header (RFC 9605, 4.3): one config byte `X KKK Y CCC`, then the key id and the counter, each inside the
 * config byte when it is below 8 and otherwise in as few bytes as it needs.
 */
import { ok, refuse, type Result } from "../errors.ts";

export interface SframeHeader {
  /** Key id, below 2^64. */
  readonly kid: bigint;
  /** Counter, below 2^64; never used twice with one key. */
  readonly ctr: bigint;
  /** Length of the encoded header: 1 to 17. */
  readonly sizeBytes: number;
}

const MAX_INLINE = 8n;

function minimalBytes(value: bigint): number {
  let length = 1;
  for (let rest = value >> 8n; rest > 0n; rest >>= 8n) length++;
  return length;
}

/** `value` into `length` bytes of `target` at `at`, big-endian. */
function put(target: Uint8Array, at: number, value: bigint, length: number): void {
  for (let i = length - 1, rest = value; i >= 0; i--, rest >>= 8n) target[at + i] = Number(rest & 0xffn);
}

export function encodeSframeHeader(kid: bigint, ctr: bigint): Uint8Array {
  const kidBytes = kid < MAX_INLINE ? 0 : minimalBytes(kid);
  const ctrBytes = ctr < MAX_INLINE ? 0 : minimalBytes(ctr);
  const header = new Uint8Array(1 + kidBytes + ctrBytes);
  header[0] = (kidBytes === 0 ? Number(kid) << 4 : 0x80 | ((kidBytes - 1) << 4)) |
    (ctrBytes === 0 ? Number(ctr) : 0x08 | (ctrBytes - 1));
  put(header, 1, kid, kidBytes);
  put(header, 1 + kidBytes, ctr, ctrBytes);
  return header;
}

/** One field at `at` in `length` bytes, or `null` where it is cut off or longer than it needs to be. */
function take(bytes: Uint8Array, at: number, length: number): bigint | null {
  if (at + length > bytes.length) return null;
  let value = 0n;
  for (let i = 0; i < length; i++) value = (value << 8n) | BigInt(bytes[at + i]!);
  return value < MAX_INLINE || minimalBytes(value) !== length ? null : value;
}

/** Reads the header in front of `bytes`; refuses an encoding that `encodeSframeHeader` would not have made. */
export function decodeSframeHeader(bytes: Uint8Array): Result<SframeHeader, "voice.malformed"> {
  const config = bytes[0];
  if (config === undefined) return refuse("voice.malformed");
  const kidBytes = config & 0x80 ? ((config >> 4) & 7) + 1 : 0;
  const ctrBytes = config & 0x08 ? (config & 7) + 1 : 0;
  const kid = kidBytes === 0 ? BigInt((config >> 4) & 7) : take(bytes, 1, kidBytes);
  const ctr = ctrBytes === 0 ? BigInt(config & 7) : take(bytes, 1 + kidBytes, ctrBytes);
  if (kid === null || ctr === null) return refuse("voice.malformed");
  return ok({ kid, ctr, sizeBytes: 1 + kidBytes + ctrBytes });
}
