/** The TURN server of this rendezvous: where it is reached, with which certificate, and when its secret changes. */
import { addressesOf, seenBy } from "../turn/outside.ts";
import { addressNotes, chooseAddress, type TurnSurroundings } from "../turn/address.ts";
import { COTURN } from "../turn/limits.ts";
import { startTurn, type TurnServer, type TurnTls } from "../turn/supervisor.ts";
import type { Reach } from "./addresses.ts";
import { every } from "./clock.ts";
import { TURN } from "./limits.ts";
import type { Service } from "./service.ts";

export interface TurnOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** For TURN under TLS, where there are a certificate and a name that it is for. */
  readonly tlsPort?: number;
  readonly relayPorts?: { readonly first: number; readonly last: number };
  /** `host:port` of a STUN server that is asked what our outer address is. */
  readonly stunServer?: string | null;
  /** For coturn's configuration; only this user can read what is put there. */
  readonly folder: string;
  readonly logFile?: string | null;
  /** It ended and will be started again. */
  readonly restarted?: () => void;
}

export interface HostedTurn {
  readonly server: TurnServer;
  /** What the operator should know of its address: whole sentences. */
  readonly notes: readonly string[];
  stop(): Promise<void>;
}

type Tls = { readonly cert: string; readonly key: string } | null;

/** Null where coturn is not installed, or the machine has no address for it. */
export async function hostTurn(
  { clock, counters }: Service,
  reach: Reach,
  options: TurnOptions,
  tls: Tls,
): Promise<HostedTurn | null> {
  const around = await surroundings(reach, options.stunServer ?? null);
  const address = chooseAddress(around);
  if (address === null) return null;
  const server = await startTurn({
    address,
    port: options.port,
    relayPorts: options.relayPorts ?? COTURN.relayPorts,
    tls: turnTls(reach, options, tls),
    folder: options.folder,
    logFile: options.logFile ?? null,
    nowMs: clock.nowMs(),
    restarted() {
      counters.count("turn.restarted");
      options.restarted?.();
    },
  });
  if (server === null) return null;
  const stopRotating = every(clock, TURN.rotationCheckMs, () => server.rotate(clock.nowMs()));
  return {
    server,
    notes: addressNotes(around, address),
    async stop() {
      stopRotating();
      await server.stop();
    },
  };
}

/** What can be learned without telling anybody but the servers that were named. */
export async function surroundings(reach: Reach, stunServer: string | null): Promise<TurnSurroundings> {
  return {
    ...reach,
    domainAddresses: reach.domain === null ? [] : await addressesOf(reach.domain),
    seenAs: stunServer === null ? null : await seenBy(stunServer),
  };
}

function turnTls({ domain }: Reach, { tlsPort }: TurnOptions, tls: Tls): TurnTls | null {
  return tls === null || domain === null ? null : { ...tls, host: domain, port: tlsPort ?? COTURN.defaultTlsPort };
}
