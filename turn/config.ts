/** coturn's configuration file. */
import type { TurnAddress } from "./address.ts";
import { COTURN } from "./limits.ts";

export interface ConfigInit {
  readonly address: TurnAddress;
  readonly port: number;
  /** UDP ports of relayed addresses, both ends included. */
  readonly relayPorts: { readonly first: number; readonly last: number };
  /** Shared with whoever makes the credentials. */
  readonly secret: string;
  /** For files that coturn would otherwise put into the system's folders. */
  readonly folder: string;
  /** Where sessions and their traffic are logged; null for nowhere, because they name clients' addresses. */
  readonly logFile: string | null;
}

/**
 * Where a relay must not reach, or whoever gets credentials can talk to the operator's own network through it
 * (RFC 6890: special-purpose addresses, without those for documentation).
 */
const DENIED_PEERS = [
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
const LOOPBACK_PEERS = ["127.0.0.0-127.255.255.255", "::1"] as const;

export function turnConfig({ address, port, relayPorts, secret, folder, logFile }: ConfigInit): string {
  const { listenIp, externalIp, allowsLoopback } = address;
  const denied = allowsLoopback ? DENIED_PEERS : [...DENIED_PEERS, ...LOOPBACK_PEERS];
  return [
    `listening-ip=${listenIp}`,
    `listening-port=${port}`,
    `relay-ip=${listenIp}`,
    ...(externalIp === null ? [] : [`external-ip=${externalIp}/${listenIp}`]),
    `min-port=${relayPorts.first}`,
    `max-port=${relayPorts.last}`,
    "realm=securecomm",
    "use-auth-secret",
    `static-auth-secret=${secret}`,
    "fingerprint",
    `stale-nonce=${COTURN.nonceLifetimeS}`,
    `user-quota=${COTURN.userQuota}`,
    `total-quota=${COTURN.totalQuota}`,
    `max-bps=${COTURN.maxBytesPerSecond}`,
    ...denied.map((range) => `denied-peer-ip=${range}`),
    // Two people who both need the relay meet at its own address, whatever range that is in.
    ...(allowsLoopback ? ["allow-loopback-peers"] : [`allowed-peer-ip=${listenIp}`]),
    "no-multicast-peers",
    "no-tcp-relay",
    "no-tls",
    "no-dtls",
    "no-cli",
    "no-rfc5780",
    "no-software-attribute",
    `userdb=${folder}/turndb`,
    `pidfile=${folder}/turnserver.pid`,
    ...(logFile === null ? ["log-file=stdout"] : ["verbose", "simple-log", `log-file=${logFile}`]),
    "",
  ].join("\n");
}
