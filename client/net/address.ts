/** Addresses: where the rendezvous is, how a peer is reached through it, and what a connection's address says of its route. */
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import type { LinkRoute } from "../../core/node/event.ts";

const IP4 = /^\d{1,3}(\.\d{1,3}){3}$/;

/** The WebSocket address of a rendezvous from the URL that a person types: `https:` means TLS. Throws on another scheme. */
export function rendezvousAddress(url: string): Multiaddr {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") throw new TypeError(`${url} is not a web address`);
  const isSecure = protocol === "https:";
  const tcp = port === "" ? (isSecure ? 443 : 80) : Number(port);
  return multiaddr(`${hostPart(hostname)}/tcp/${tcp}${isSecure ? "/tls/ws" : "/ws"}`);
}

function hostPart(hostname: string): string {
  if (hostname.startsWith("[")) return `/ip6/${hostname.slice(1, -1)}`;
  return IP4.test(hostname) ? `/ip4/${hostname}` : `/dns/${hostname}`;
}

/** What we listen on to be reachable through `relay`. */
export function listenAddress(server: Multiaddr, relay: string): Multiaddr {
  return multiaddr(`${server}/p2p/${relay}/p2p-circuit`);
}

/** How to dial a peer that has a reservation at the same relay. */
export function peerAddress(server: Multiaddr, relay: string, peer: string, route: LinkRoute): Multiaddr {
  const middle = route === "direct" ? "/webrtc" : "";
  return multiaddr(`${server}/p2p/${relay}/p2p-circuit${middle}/p2p/${peer}`);
}

/** Signaling runs through a circuit, so only the part `webrtc` tells a direct connection from a relayed one. */
export function routeOf(remote: Multiaddr): LinkRoute | "rendezvous" {
  const names = new Set(remote.getComponents().map((component) => component.name));
  if (names.has("webrtc")) return "direct";
  return names.has("p2p-circuit") ? "relayed" : "rendezvous";
}

/** The last peer id that an address names. */
export function peerOf(remote: Multiaddr): string | undefined {
  return remote.getComponents().findLast((component) => component.name === "p2p")?.value;
}
