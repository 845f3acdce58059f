/** The part of an address that one household or office has: what limits are counted by. Never logged. */
import { isIP } from "node:net";

/** An IPv4 address as it is; of an IPv6 address the first 56 bits; "loopback" for the machine itself. */
export function addressPrefix(address: string): string {
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "").replace(/%.*$/, "");
  if (plain === "::1" || plain.startsWith("127.")) return LOOPBACK;
  if (isIP(plain) !== 6) return plain;
  const groups = expand(plain);
  return `${groups.slice(0, 3).join(":")}:${(groups[3] ?? "0").padStart(4, "0").slice(0, 2)}`;
}

export const LOOPBACK = "loopback";

function expand(address: string): string[] {
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array<string>(gap).fill("0"), ...right];
}

/**
 * The client's address. Behind a proxy that ends TLS it is the last one in `X-Forwarded-For`, the one the proxy itself
 * wrote; a client that connects directly cannot be believed there.
 */
export function clientAddress(socketAddress: string, forwardedFor: string | undefined, behindProxy: boolean): string {
  const last = behindProxy ? forwardedFor?.split(",").at(-1)?.trim() : undefined;
  return last !== undefined && isIP(last) !== 0 ? last : socketAddress;
}
