/** Olm's two message formats: a version byte, then tagged fields as in protobuf (docs/olm.md, "Message format"). */
import { concat } from "../../core/wire/bytes.ts";

const VERSION = 3;
export const MAC_BYTES = 8;

export interface OlmMessage {
  readonly key: Uint8Array;
  readonly index: number;
  readonly ciphertext: Uint8Array;
}

export interface OlmFirstMessage {
  readonly oneTime: Uint8Array;
  readonly base: Uint8Array;
  readonly identity: Uint8Array;
  readonly message: Uint8Array;
}

const TAG = { key: 0x0a, index: 0x10, ciphertext: 0x22 } as const;
const FIRST_TAG = { oneTime: 0x0a, base: 0x12, identity: 0x1a, message: 0x22 } as const;

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Uint8Array.of(...bytes, rest);
}

const text = (tag: number, bytes: Uint8Array): Uint8Array => concat(Uint8Array.of(tag), varint(bytes.length), bytes);

/** Without the code behind it. */
export const encodeMessage = ({ key, index, ciphertext }: OlmMessage): Uint8Array =>
  concat(
    Uint8Array.of(VERSION),
    text(TAG.key, key),
    Uint8Array.of(TAG.index),
    varint(index),
    text(TAG.ciphertext, ciphertext),
  );

export const encodeFirst = ({ oneTime, base, identity, message }: OlmFirstMessage): Uint8Array =>
  concat(
    Uint8Array.of(VERSION),
    text(FIRST_TAG.oneTime, oneTime),
    text(FIRST_TAG.base, base),
    text(FIRST_TAG.identity, identity),
    text(FIRST_TAG.message, message),
  );

/** The fields by tag; `null` where the bytes are none. */
function fieldsOf(bytes: Uint8Array): ReadonlyMap<number, Uint8Array | number> | null {
  if (bytes[0] !== VERSION) return null;
  const fields = new Map<number, Uint8Array | number>();
  let at = 1;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const tag = number();
    const value = number();
    if ((tag & 7) === 0) fields.set(tag, value);
    else if ((tag & 7) === 2 && at + value <= bytes.length) fields.set(tag, bytes.subarray(at, at += value));
    else return null;
  }
  return at === bytes.length ? fields : null;
}

const isText = (value: Uint8Array | number | undefined): value is Uint8Array => value instanceof Uint8Array;

/** Reads a whole message, its code included. */
export function decodeMessage(message: Uint8Array): OlmMessage | null {
  const fields = message.length > MAC_BYTES ? fieldsOf(message.subarray(0, -MAC_BYTES)) : null;
  const [key, index, ciphertext] = [TAG.key, TAG.index, TAG.ciphertext].map((tag) => fields?.get(tag));
  if (!isText(key) || key.length !== 32 || typeof index !== "number" || !isText(ciphertext)) return null;
  return { key, index, ciphertext };
}

export function decodeFirst(bytes: Uint8Array): OlmFirstMessage | null {
  const fields = fieldsOf(bytes);
  const { oneTime, base, identity, message } = FIRST_TAG;
  const [a, b, c, d] = [oneTime, base, identity, message].map((tag) => fields?.get(tag));
  return isText(a) && isText(b) && isText(c) && isText(d) ? { oneTime: a, base: b, identity: c, message: d } : null;
}
