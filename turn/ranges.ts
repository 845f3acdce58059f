/** Special-purpose addresses (RFC 6890, without those for documentation): none that people on the internet have. */
import { BlockList, isIP } from "node:net";

export const PRIVATE_RANGES = [
  "0.0.0.0-0.255.255.255",
  "10.0.0.0-10.255.255.255",
  "100.64.0.0-100.127.255.255",
  "169.254.0.0-169.254.255.255",
  "172.16.0.0-172.31.255.255",
  "192.0.0.0-192.0.0.255",
  "192.168.0.0-192.168.255.255",
  "198.18.0.0-198.19.255.255",
  "240.0.0.0-255.255.255.255",
  "64:ff9b::-64:ff9b::ffff:ffff",
  "::ffff:0.0.0.0-::ffff:255.255.255.255",
  "fc00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
  "fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
] as const;

export const LOOPBACK_RANGES = ["127.0.0.0-127.255.255.255", "::1"] as const;

const NOT_PUBLIC = new BlockList();
for (const range of [...PRIVATE_RANGES, ...LOOPBACK_RANGES]) {
  const [first = "", last = first] = range.split("-");
  // A list matches IPv4 addresses in their IPv6 form as well, so that this range would hold all of IPv4.
  if (!first.startsWith("::ffff:")) NOT_PUBLIC.addRange(first, last, isIP(first) === 6 ? "ipv6" : "ipv4");
}

/** Whether people on the internet could have a machine with this address before them. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && !NOT_PUBLIC.check(address, family === 6 ? "ipv6" : "ipv4");
}
