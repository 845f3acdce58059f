/** DISCOVER cookies: the serial seen last, bound to its namespace and to this run of the server by a MAC. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import { bytesUint, concat, uintBytes } from "../../core/wire/bytes.ts";
import { utf8 } from "../../core/wire/text.ts";

const SERIAL_BYTES = 8;
const MAC_BYTES = 16;

/** serial (8) | first 16 bytes of HMAC-SHA256(key, serial | namespace) */
export function sealCookie(key: Uint8Array, ns: string, serial: number): Uint8Array {
  const head = uintBytes(serial, SERIAL_BYTES);
  return concat(head, mac(key, ns, head));
}

/** The serial, or null for a cookie of another namespace, another run, or nobody. */
export function openCookie(key: Uint8Array, ns: string, cookie: Uint8Array): number | null {
  if (cookie.length !== SERIAL_BYTES + MAC_BYTES) return null;
  const head = cookie.subarray(0, SERIAL_BYTES);
  return timingSafeEqual(mac(key, ns, head), cookie.subarray(SERIAL_BYTES)) ? bytesUint(head) : null;
}

function mac(key: Uint8Array, ns: string, head: Uint8Array): Uint8Array {
  return Buffer.from(createHmac("sha256", key).update(head).update(utf8(ns)).digest()).subarray(0, MAC_BYTES);
}
