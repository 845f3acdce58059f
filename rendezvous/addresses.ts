/** Under which addresses the server is reached: shown to people, announced to clients, given to coturn. */
import { isIP } from "node:net";
import { addressPrefix, LOOPBACK } from "./prefix.ts";

export interface Reach {
  /** Where the HTTP server listens: an IP address. */
  readonly host: string;
  readonly port: number;
  /** The public name; without certificate files a proxy ends TLS for it on port 443. */
  readonly domain: string | null;
  readonly hasCertificate: boolean;
  /** An IP address under which others reach this machine, where that is not one of its own. */
  readonly publicAddress: string | null;
  /** The machine's own addresses that are not loopback. */
  readonly interfaces: readonly string[];
}

export const isLoopback = (address: string): boolean => addressPrefix(address) === LOOPBACK;
export const isWildcard = (address: string): boolean => address === "0.0.0.0" || address === "::";

/** Whether a page from here is a secure context on other machines (W3C Secure Contexts: everything else is not). */
export const isSecure = ({ domain, hasCertificate }: Reach): boolean => hasCertificate || domain !== null;

/** A proxy in front of us ends TLS, so that we see its address in place of the client's. */
export const isBehindProxy = ({ domain, hasCertificate }: Reach): boolean => domain !== null && !hasCertificate;

/** The address to open on this machine, with a final slash. */
export function shownUrl(reach: Reach): string {
  if (isBehindProxy(reach)) return `https://${reach.domain}/`;
  const host = reach.domain ?? (isWildcard(reach.host) ? "localhost" : reach.host);
  return urlOf(reach, host);
}

/** Addresses to open on other machines of the network; none when we listen on loopback, or have a name. */
export function networkUrls(reach: Reach): readonly string[] {
  if (reach.domain !== null || !isWildcard(reach.host)) return [];
  return hosts(reach).map((host) => urlOf(reach, host));
}

/** Without the port where the scheme implies it. */
function urlOf({ hasCertificate, port }: Reach, host: string): string {
  return new URL(`${hasCertificate ? "https" : "http"}://${isIP(host) === 6 ? `[${host}]` : host}:${port}/`).href;
}

/** Where we listen, as a multiaddr. */
export const listenAddress = (reach: Reach): string => multiaddrOf(reach.host, reach.port, reach.hasCertificate);

/** Multiaddrs that a reservation hands to a client, which tells them to its contacts. */
export function announced(reach: Reach): readonly string[] {
  if (isBehindProxy(reach)) return [multiaddrOf(reach.domain!, 443, true)];
  return hosts(reach).map((host) => multiaddrOf(host, reach.port, reach.hasCertificate));
}

function hosts(reach: Reach): readonly string[] {
  if (reach.domain !== null) return [reach.domain];
  if (!isWildcard(reach.host)) return [reach.host];
  const own = reach.interfaces.filter((address) => reach.host === "::" || isIP(address) === 4);
  const all = reach.publicAddress === null ? own : [reach.publicAddress, ...own];
  return all.length === 0 ? ["127.0.0.1"] : all;
}

export function multiaddrOf(host: string, port: number, isTls: boolean): string {
  const kind = isIP(host) === 4 ? "ip4" : isIP(host) === 6 ? "ip6" : "dns";
  return `/${kind}/${host}/tcp/${port}/${isTls ? "tls/ws" : "ws"}`;
}
