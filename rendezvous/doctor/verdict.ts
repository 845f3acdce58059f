/** What the findings mean: for whom voice works, and what to do where it does not. */
import { isPublic } from "../../turn/ranges.ts";
import { isLoopback } from "../addresses.ts";
import type { Check } from "./check.ts";
import type { Findings, RelayFinding } from "./findings.ts";
import { relayChecks } from "./relayChecks.ts";
import { pageChecks } from "./pageChecks.ts";

/** Who gets a call through, as far as can be told from here. */
export interface Works {
  readonly thisMachine: boolean;
  readonly thisNetwork: boolean;
  readonly internet: boolean;
}

export interface Verdict {
  readonly checks: readonly Check[];
  readonly works: Works;
  /** Ports that must be open, and passed on where a router stands in between. */
  readonly open: readonly string[];
}

export function judge(findings: Findings): Verdict {
  return {
    checks: [...pageChecks(findings), ...relayChecks(findings)],
    works: worksFor(findings),
    open: portsToOpen(findings),
  };
}

function worksFor(findings: Findings): Works {
  const { addresses, certificate, relay, socket } = findings;
  const thisMachine = socket.t === "works" && relaysCalls(relay);
  const isBeyond = addresses.length > 0 && !addresses.every(isLoopback) && !isRelayedTo(relay, isLoopback);
  // A plain page has a microphone only on the machine itself.
  const thisNetwork = thisMachine && isBeyond && certificate.t === "good";
  const isOutside = addresses.some(isPublic) && isRelayedTo(relay, isPublic) && isRelayReached(relay, isPublic);
  return { thisMachine, thisNetwork, internet: thisNetwork && isOutside };
}

const relaysCalls = (relay: RelayFinding): boolean =>
  relay.t === "tried" && !relay.isOwn && relay.ways.some(({ trial }) => trial.t === "works");

const isRelayedTo = (relay: RelayFinding, holds: (address: string) => boolean): boolean =>
  relay.t === "tried" && relay.ways.some(({ trial }) => trial.t === "works" && holds(trial.relayed.host));

const isRelayReached = (relay: RelayFinding, holds: (address: string) => boolean): boolean =>
  relay.t === "tried" && relay.addresses.some(holds);

function portsToOpen({ url, relay, relayPorts }: Findings): readonly string[] {
  const { protocol, port } = new URL(url);
  const page = `TCP ${port || (protocol === "https:" ? 443 : 80)}`;
  if (relay.t !== "tried") return [page];
  const ways = relay.ways.map(({ way, port }) => `${way === "udp" ? "UDP" : "TCP"} ${port}`);
  return [...new Set([page, ...ways, `UDP ${relayPorts.first}-${relayPorts.last}`])];
}
