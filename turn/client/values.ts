/** What stands in attributes of STUN and TURN: addresses and error codes (RFC 8489, 14.2 and 14.8). */
import { SocketAddress } from "node:net";

export interface Endpoint {
  /** An IP address in its usual text form. */
  readonly host: string;
  readonly port: number;
}

const MASK = [0x21, 0x12, 0xa4, 0x42];
const IPV4 = 1;
const IPV6 = 2;

/** XOR-MAPPED-ADDRESS and its kin; null where the bytes are none. */
export function decodeXorAddress(value: Uint8Array, transactionId: Uint8Array): Endpoint | null {
  const mask = [...MASK, ...transactionId];
  return decodeAddress(value.map((byte, at) => at < 2 ? byte : byte ^ (at < 4 ? mask[at - 2]! : mask[at - 4]!)));
}

/** MAPPED-ADDRESS, which servers of before 2008 send. */
export function decodeAddress(value: Uint8Array): Endpoint | null {
  const family = value[1];
  if (!(family === IPV4 && value.length === 8) && !(family === IPV6 && value.length === 20)) return null;
  const port = (value[2]! << 8) | value[3]!;
  const bytes = value.subarray(4);
  if (family === IPV4) return { host: bytes.join("."), port };
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[2 * at]! << 8) | bytes[2 * at + 1]!).toString(16));
  return { host: new SocketAddress({ address: groups.join(":"), family: "ipv6" }).address, port };
}

export function encodeXorAddress({ host, port }: Endpoint, transactionId: Uint8Array): Uint8Array {
  const bytes = host.includes(":") ? ipv6Bytes(host) : Uint8Array.from(host.split("."), Number);
  const mask = [...MASK, ...transactionId];
  const masked = bytes.map((byte, at) => byte ^ mask[at]!);
  return Uint8Array.from([
    0,
    bytes.length === 4 ? IPV4 : IPV6,
    (port >> 8) ^ MASK[0]!,
    (port & 255) ^ MASK[1]!,
    ...masked,
  ]);
}

function ipv6Bytes(host: string): Uint8Array {
  const [head = "", tail] = host.split("::");
  const words = (text: string | undefined) => text === undefined || text === "" ? [] : text.split(":").map(hexOf);
  const [left, right] = [words(head), words(tail)];
  const all = [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
  return Uint8Array.from(all.flatMap((word) => [word >> 8, word & 255]));
}

const hexOf = (text: string): number => Number.parseInt(text, 16);

/** 300 to 699, or null where the bytes are no error code. */
export function decodeErrorCode(value: Uint8Array): number | null {
  const code = value.length < 4 ? 0 : (value[2]! & 7) * 100 + value[3]!;
  return code >= 300 && code < 700 && value[3]! < 100 ? code : null;
}
