/** Which address coturn listens and relays on, and which one clients are told. */
import { isIP } from "node:net";
import { isPublic } from "./ranges.ts";

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
  /** The addresses that `domain` leads to; none where it leads nowhere. */
  readonly domainAddresses: readonly string[];
  readonly publicAddress: string | null;
  /** What a STUN server has seen us as. */
  readonly seenAs: string | null;
  /** The machine's own addresses that are not loopback. */
  readonly interfaces: readonly string[];
}

/** Null where the machine has no address that others could reach. */
export function chooseAddress(around: TurnSurroundings): TurnAddress | null {
  const { host, domain, domainAddresses, interfaces } = around;
  if (isAlone(around)) return { listenIp: host, externalIp: null, advertisedHost: host, allowsLoopback: true };
  const outer = outerAddress(around);
  const listenIp = listeningAddress(around, outer);
  if (listenIp === undefined) return null;
  const isOwn = outer === null || interfaces.includes(outer);
  const reached = isOwn ? listenIp : outer;
  // A name that leads elsewhere, to a content delivery network for one, leads to no TURN server.
  const isNamed = domain !== null && (domainAddresses.length === 0 || domainAddresses.includes(reached));
  return {
    listenIp,
    externalIp: isOwn ? null : outer,
    advertisedHost: around.publicAddress ?? (isNamed ? domain : reached),
    allowsLoopback: false,
  };
}

/** Nobody but this machine itself is to reach us. */
export const isAlone = ({ host, domain, publicAddress }: TurnSurroundings): boolean =>
  (host.startsWith("127.") || host === "::1") && domain === null && publicAddress === null;

/** Given, or seen by others, or else, for a machine with private addresses only, where its name leads. */
function outerAddress({ publicAddress, seenAs, domainAddresses, interfaces }: TurnSurroundings): string | null {
  if (publicAddress !== null || seenAs !== null) return publicAddress ?? seenAs;
  if (interfaces.some(isPublic)) return null;
  return domainAddresses.find((address) => isPublic(address) && isIP(address) === 4) ?? null;
}

function listeningAddress({ host, domainAddresses, interfaces }: TurnSurroundings, outer: string | null) {
  const ipv4 = interfaces.filter((address) => isIP(address) === 4);
  return interfaces.find((address) => address === outer) ??
    interfaces.find((address) => address === host) ??
    ipv4.find((address) => domainAddresses.includes(address)) ??
    ipv4.find(isPublic) ?? ipv4[0] ?? interfaces[0];
}

/** What an operator should know of the choice: whole sentences, none where all is well. */
export function addressNotes(around: TurnSurroundings, chosen: TurnAddress): readonly string[] {
  const { domain, domainAddresses, publicAddress, seenAs, interfaces } = around;
  if (chosen.allowsLoopback) return [];
  if (domain !== null && domainAddresses.length === 0) {
    return [`${domain} leads to no address yet: add an A record for it in the DNS.`];
  }
  const reached = chosen.externalIp ?? chosen.listenIp;
  const isElsewhere = domainAddresses.length > 0 && !domainAddresses.includes(reached);
  const notes: string[] = [];
  if (isElsewhere) {
    notes.push(
      `${domain} leads to ${
        domainAddresses.join(" and ")
      }, but the relay is reached at ${reached}. That is right only ` +
        "where a service in between passes the web on. Otherwise give the outer address with --public-address.",
    );
  }
  if (publicAddress === null && seenAs === null && chosen.externalIp !== null) {
    notes.push(
      `This machine has private addresses only. ${chosen.externalIp} is taken for its outer one, because ${domain} leads ` +
        "there: let your router pass the ports of the relay on to this machine.",
    );
  }
  if (!isPublic(reached)) {
    notes.push(
      `${reached} is a private address: calls can be relayed within this network only. For people outside give ` +
        "--public-address, or --stun-server with a server that tells it.",
    );
  }
  if (interfaces.length > 0 && isIP(chosen.listenIp) === 6) {
    notes.push("The relay has no IPv4 address: people without IPv6 cannot use it.");
  }
  return notes;
}
