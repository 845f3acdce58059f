/** coturn's configuration file. */
import type { TurnAddress } from "./address.ts";
import { CONSOLE_HOST } from "./leftovers.ts";
import { COTURN } from "./limits.ts";
import { LOOPBACK_RANGES, PRIVATE_RANGES } from "./ranges.ts";

export interface ConfigInit {
  readonly address: TurnAddress;
  readonly port: number;
  /** UDP ports of relayed addresses, both ends included. */
  readonly relayPorts: { readonly first: number; readonly last: number };
  /** TURN under TLS; null for none. */
  readonly tls: { readonly port: number; readonly certFile: string; readonly keyFile: string } | null;
  /** By which a later run ends this one, where the server was killed too hard to do so. */
  readonly console: { readonly port: number; readonly password: string };
  /** For files that coturn would otherwise put into the system's folders, and for the secrets. */
  readonly folder: string;
  /** Where sessions and their traffic are logged; null for nowhere, because they name clients' addresses. */
  readonly logFile: string | null;
}

export function turnConfig(init: ConfigInit): string {
  const { address, port, relayPorts, tls, folder, logFile } = init;
  const { listenIp, externalIp, allowsLoopback } = address;
  // Or whoever gets credentials can talk to the operator's own network through the relay.
  const denied = allowsLoopback ? PRIVATE_RANGES : [...PRIVATE_RANGES, ...LOOPBACK_RANGES];
  return [
    `listening-ip=${listenIp}`,
    `listening-port=${port}`,
    `relay-ip=${listenIp}`,
    ...(externalIp === null ? [] : [`external-ip=${externalIp}/${listenIp}`]),
    `min-port=${relayPorts.first}`,
    `max-port=${relayPorts.last}`,
    `realm=${COTURN.realm}`,
    "use-auth-secret",
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
    ...(tls === null
      ? ["no-tls"]
      : [`tls-listening-port=${tls.port}`, `cert=${tls.certFile}`, `pkey=${tls.keyFile}`, "no-tlsv1", "no-tlsv1_1"]),
    "no-dtls",
    `cli-ip=${CONSOLE_HOST}`,
    `cli-port=${init.console.port}`,
    `cli-password=${init.console.password}`,
    "no-rfc5780",
    "no-software-attribute",
    `userdb=${folder}/turndb`,
    `pidfile=${folder}/turnserver.pid`,
    ...(logFile === null ? ["log-file=stdout"] : ["verbose", "simple-log", `log-file=${logFile}`]),
    "",
  ].join("\n");
}
