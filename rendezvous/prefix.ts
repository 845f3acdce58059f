/** The part of an address that one household or office has: what limits are counted by. Never logged. */
import { BlockList, isIP } from "node:net";

/** An IPv4 address as it is; of an IPv6 address the first 56 bits; "loopback" for the machine itself. */
export function addressPrefix(address: string): string {
  const plain = withoutMapping(address);
  if (plain === "::1" || plain.startsWith("127.")) return LOOPBACK;
  if (isIP(plain) !== 6) return plain;
  const groups = expand(plain);
  return `${groups.slice(0, 3).join(":")}:${(groups[3] ?? "0").padStart(4, "0").slice(0, 2)}`;
}

export const LOOPBACK = "loopback";

/** Without the prefix of an IPv4 address in IPv6 form, and without a zone. */
const withoutMapping = (address: string): string =>
  address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "").replace(/%.*$/, "");

function expand(address: string): string[] {
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array<string>(gap).fill("0"), ...right];
}

/** Where a proxy can stand: on this machine or in its own network (RFC 1918, RFC 4193). */
const NEARBY = new BlockList();
NEARBY.addSubnet("127.0.0.0", 8, "ipv4");
NEARBY.addSubnet("10.0.0.0", 8, "ipv4");
NEARBY.addSubnet("172.16.0.0", 12, "ipv4");
NEARBY.addSubnet("192.168.0.0", 16, "ipv4");
NEARBY.addAddress("::1", "ipv6");
NEARBY.addSubnet("fc00::", 7, "ipv6");

export function isNearby(address: string): boolean {
  const plain = withoutMapping(address);
  return NEARBY.check(plain, isIP(plain) === 6 ? "ipv6" : "ipv4");
}

/**
 * The client's address. Behind a proxy that ends TLS it is the last one in `X-Forwarded-For`, the one the proxy itself
 * wrote; whoever goes past the proxy, or has none in front, cannot be believed there.
 */
export function clientAddress(socketAddress: string, forwardedFor: string | undefined, behindProxy: boolean): string {
  if (!behindProxy || !isNearby(socketAddress)) return socketAddress;
  const last = forwardedFor?.split(",").at(-1)?.trim();
  return last !== undefined && isIP(last) !== 0 ? last : socketAddress;
}
