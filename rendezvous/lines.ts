/** What the server says when it has started. Nothing later names a topic, a key, a peer or a client's address. */
import type { StartCheck } from "./doctor/startCheck.ts";
import { isLoopback, isSecure, networkUrls, type Reach } from "./addresses.ts";

export type TurnState =
  | { readonly t: "running"; readonly port: number; readonly asked: number; readonly relays: StartCheck }
  | { readonly t: "waiting" }
  | { readonly t: "failing" }
  | { readonly t: "off" }
  | { readonly t: "not-installed" };

export function startLines(
  url: string,
  reach: Reach,
  turn: TurnState,
  notes: readonly string[] = [],
): readonly string[] {
  return [
    `SecureComm is ready: open ${url}`,
    ...networkUrls(reach).map((address) => `  on other machines of this network: ${address}`),
    ...reachLines(reach),
    ...notes,
    turnLine(turn),
  ];
}

function reachLines(reach: Reach): readonly string[] {
  if (reach.domain === null && isLoopback(reach.host)) {
    return [
      "Only this machine can open it. For friends elsewhere start it with --domain NAME behind a proxy that ends TLS,",
      "or with --host 0.0.0.0 --cert FILE --key FILE.",
    ];
  }
  if (isSecure(reach)) return [];
  return [
    "Friends on other machines will have no microphone, nor the cryptography that the client needs: browsers give both",
    "only over HTTPS. Start it with --cert FILE --key FILE, or with --domain NAME behind a proxy that ends TLS.",
  ];
}

function tried({ udp, tcp }: StartCheck, port: number): string {
  const works = [...(udp ? ["UDP"] : []), ...(tcp ? ["TCP"] : [])].join(" and ");
  const fails = [...(udp ? [] : ["UDP"]), ...(tcp ? [] : ["TCP"])].join(" nor ");
  if (works === "") {
    return `coturn answers on port ${port}, but relays over neither ${fails}: npx --yes deno task doctor says why.`;
  }
  const all = `coturn relays calls that cannot go directly: tried over ${works}, port ${port}.`;
  return fails === "" ? all : `${all} Over ${fails} it does not: npx --yes deno task doctor says why.`;
}

/** Debian starts a coturn of its own as soon as it is installed. */
const otherPort = (asked: number): string =>
  `Port ${asked} is used by another program, perhaps by a coturn that your system started (systemctl disable --now coturn).`;

function turnLine(turn: TurnState): string {
  switch (turn.t) {
    case "running":
      return `${tried(turn.relays, turn.port)}${
        turn.asked === turn.port || turn.asked === 0 ? "" : ` ${otherPort(turn.asked)}`
      }`;
    case "waiting":
      return "The coturn of an earlier run is leaving: within 15 seconds a new one relays calls that cannot go directly.";
    case "failing":
      return "coturn does not answer: calls work only where a direct connection is possible. It is being tried again.";
    case "off":
      return "No TURN server: calls work only where a direct connection is possible.";
    case "not-installed":
      return "coturn is not installed, so calls work only where a direct connection is possible. On Debian: apt install coturn";
  }
}
