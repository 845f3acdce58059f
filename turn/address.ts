/** Which address coturn listens and relays on, and which one clients are told. */
import { isIP } from "node:net";

export interface TurnAddress {
  /** An address of this machine. */
  readonly listenIp: string;
  /** What peers see in place of it where the machine stands behind a one-to-one NAT. */
  readonly externalIp: string | null;
  /** The name or address in the URLs given to clients. */
  readonly advertisedHost: string;
  /** Only where coturn itself can be reached from this machine alone. */
  readonly allowsLoopback: boolean;
}

export interface TurnSurroundings {
  readonly host: string;
  readonly domain: string | null;
  readonly publicAddress: string | null;
  /** The machine's own addresses that are not loopback. */
  readonly interfaces: readonly string[];
}

/** Null where the machine has no address that others could reach. */
export function chooseAddress({ host, domain, publicAddress, interfaces }: TurnSurroundings): TurnAddress | null {
  const isLoopback = host.startsWith("127.") || host === "::1";
  if (isLoopback && domain === null && publicAddress === null) {
    return { listenIp: host, externalIp: null, advertisedHost: host, allowsLoopback: true };
  }
  const isOwn = publicAddress !== null && interfaces.includes(publicAddress);
  const listenIp = isOwn
    ? publicAddress
    : interfaces.find((address) => address === host) ?? interfaces.find((address) => isIP(address) === 4) ??
      interfaces[0];
  if (listenIp === undefined) return null;
  return {
    listenIp,
    externalIp: isOwn ? null : publicAddress,
    advertisedHost: publicAddress ?? domain ?? listenIp,
    allowsLoopback: false,
  };
}
