/** What the doctor found, as values: the judgement of it is elsewhere. */
import type { TrialStep } from "../../turn/client/trial.ts";
import type { Endpoint } from "../../turn/client/values.ts";
import type { PortRange } from "../flags.ts";

export interface Findings {
  /** The address that was tried, with a final slash. */
  readonly url: string;
  /** What its name leads to; none where it leads nowhere. */
  readonly addresses: readonly string[];
  /** Whether it is this machine, by the addresses of its interfaces. */
  readonly isHere: boolean;
  readonly server: ServerFinding;
  /** It does not answer there, but does on this machine, past the proxy. */
  readonly isUpBehindProxy: boolean;
  readonly certificate: CertificateFinding;
  readonly socket: SocketFinding;
  readonly relay: RelayFinding;
  /** What the server was, or would be, told. */
  readonly relayPorts: PortRange;
  /** What is known of the address of the relay: whole sentences. */
  readonly notes: readonly string[];
}

export type ServerFinding =
  | { readonly t: "answers"; readonly version: string; readonly peerId: string }
  /** Something else answers there. */
  | { readonly t: "stranger" }
  | { readonly t: "silent" };

export type CertificateFinding =
  /** The address is plain HTTP. */
  | { readonly t: "none" }
  | { readonly t: "good"; readonly daysLeft: number }
  | { readonly t: "expired" }
  | { readonly t: "wrong-name"; readonly names: string }
  | { readonly t: "untrusted" }
  | { readonly t: "unreachable" };

export type SocketFinding =
  | { readonly t: "works"; readonly roundTripMs: number }
  | { readonly t: "no-upgrade" }
  | { readonly t: "no-handshake" }
  | { readonly t: "untried" };

export type RelayFinding =
  /** Nobody runs here, and coturn is not installed. */
  | { readonly t: "not-installed" }
  /** The server runs and hands out no relay: switched off, or not installed, or it does not answer. */
  | { readonly t: "none"; readonly isInstalled: boolean | null }
  | { readonly t: "untried" }
  | {
    readonly t: "tried";
    /** A coturn that was started for the check alone, because no server runs. */
    readonly isOwn: boolean;
    readonly host: string;
    readonly addresses: readonly string[];
    readonly stun: StunFinding;
    readonly ways: readonly WayFinding[];
  };

export type StunFinding = { readonly t: "works"; readonly port: number; readonly seenAs: string } | {
  readonly t: "failed";
  readonly port: number;
};

export interface WayFinding {
  readonly way: "udp" | "tcp" | "tls";
  readonly port: number;
  readonly trial:
    | {
      readonly t: "works";
      readonly relayed: Endpoint;
      readonly received: number;
      readonly sent: number;
      readonly roundTripMs: number;
    }
    | { readonly t: "failed"; readonly step: TrialStep; readonly code: number | null };
}
