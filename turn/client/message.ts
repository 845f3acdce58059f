/**
 * STUN messages (RFC 8489, 5 and 14) as far as a TURN client needs them (RFC 8656). What arrives comes from strangers:
 * every length is checked, and nothing is read beyond a message.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { STUN } from "../limits.ts";

export const METHODS = { binding: 0x001, allocate: 0x003, refresh: 0x004, send: 0x006, data: 0x007, permit: 0x008 };
export const CLASSES = { request: 0x000, indication: 0x010, success: 0x100, error: 0x110 };
export const ATTRIBUTES = {
  mappedAddress: 0x0001,
  username: 0x0006,
  integrity: 0x0008,
  errorCode: 0x0009,
  lifetime: 0x000d,
  peerAddress: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  relayedAddress: 0x0016,
  requestedTransport: 0x0019,
  xorMappedAddress: 0x0020,
} as const;

export interface Attribute {
  readonly type: number;
  readonly value: Uint8Array;
}

export interface StunMessage {
  readonly method: number;
  readonly class: number;
  /** 12 bytes. */
  readonly transactionId: Uint8Array;
  readonly attributes: readonly Attribute[];
}

export const HEADER_BYTES = 20;
const MAGIC_COOKIE = 0x2112a442;
const INTEGRITY_BYTES = 20;
/** The bits of a class, which lie between those of the method (RFC 8489, figure 3). */
const CLASS_MASK = 0x110;

const methodBits = (method: number): number => (method & 0x00f) | ((method & 0x070) << 1) | ((method & 0xf80) << 2);
const methodOf = (type: number): number => (type & 0x00f) | ((type >> 1) & 0x070) | ((type >> 2) & 0xf80);

/** With a key, the message ends with its MESSAGE-INTEGRITY. */
export function encodeStun(message: StunMessage, key: Uint8Array | null = null): Uint8Array {
  const body = message.attributes.reduce((sum, { value }) => sum + 4 + padded(value.length), 0);
  const bytes = new Uint8Array(HEADER_BYTES + body + (key === null ? 0 : 4 + INTEGRITY_BYTES));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, methodBits(message.method) | message.class);
  view.setUint16(2, bytes.length - HEADER_BYTES);
  view.setUint32(4, MAGIC_COOKIE);
  bytes.set(message.transactionId, 8);
  let at = HEADER_BYTES;
  const put = ({ type, value }: Attribute) => {
    view.setUint16(at, type);
    view.setUint16(at + 2, value.length);
    bytes.set(value, at + 4);
    at += 4 + padded(value.length);
  };
  message.attributes.forEach(put);
  if (key !== null) put({ type: ATTRIBUTES.integrity, value: integrity(bytes.subarray(0, at), key) });
  return bytes;
}

/** Null where the bytes are no STUN message, whole and alone. */
export function decodeStun(bytes: Uint8Array): StunMessage | null {
  if (bytes.length < HEADER_BYTES || bytes.length > STUN.maxMessageBytes) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = view.getUint16(0);
  const length = view.getUint16(2);
  const isStun = type < 0x4000 && length % 4 === 0 && view.getUint32(4) === MAGIC_COOKIE;
  if (!isStun || length !== bytes.length - HEADER_BYTES) return null;
  const attributes: Attribute[] = [];
  for (let at = HEADER_BYTES; at < bytes.length;) {
    if (attributes.length >= STUN.maxAttributes) return null;
    const end = at + 4 + view.getUint16(at + 2);
    if (end > bytes.length) return null;
    attributes.push({ type: view.getUint16(at), value: bytes.slice(at + 4, end) });
    at += 4 + padded(end - at - 4);
  }
  return { method: methodOf(type), class: type & CLASS_MASK, transactionId: bytes.slice(8, 20), attributes };
}

/** The value of the first attribute of a type; later ones are to be ignored (RFC 8489, 14). */
export const valueOf = ({ attributes }: StunMessage, type: number): Uint8Array | null =>
  attributes.find((one) => one.type === type)?.value ?? null;

/** The long-term key: MD5 of user, realm and password (RFC 8489, 9.2.2). */
export const longTermKey = (username: string, realm: string, password: string): Uint8Array =>
  createHash("md5").update(`${username}:${realm}:${password}`).digest();

/** Whether whoever sent these bytes of a message knows the key. */
export function isAuthentic(bytes: Uint8Array, key: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = HEADER_BYTES; at + 4 <= bytes.length;) {
    const length = view.getUint16(at + 2);
    if (view.getUint16(at) === ATTRIBUTES.integrity) {
      const value = bytes.subarray(at + 4, at + 4 + length);
      return value.length === INTEGRITY_BYTES && timingSafeEqual(value, integrity(bytes.subarray(0, at), key));
    }
    at += 4 + padded(length);
  }
  return false;
}

/** The header's length counts the attribute itself, and nothing after it (RFC 8489, 14.5). */
function integrity(before: Uint8Array, key: Uint8Array): Uint8Array {
  const covered = before.slice();
  new DataView(covered.buffer).setUint16(2, covered.length - HEADER_BYTES + 4 + INTEGRITY_BYTES);
  return createHmac("sha1", key).update(covered).digest();
}

const padded = (length: number): number => (length + 3) & ~3;
