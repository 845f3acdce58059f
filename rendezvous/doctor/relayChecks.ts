/** STUN and TURN, in words. */
import { isPublic } from "../../turn/ranges.ts";
import { isLoopback } from "../addresses.ts";
import type { Findings, RelayFinding, WayFinding } from "./findings.ts";
import { bad, type Check, fair, good } from "./check.ts";

const INSTALL = "Install coturn, and start the server again. On Debian: apt install coturn";

export function relayChecks(findings: Findings): readonly Check[] {
  const { relay, notes } = findings;
  if (relay.t === "untried") return [];
  if (relay.t !== "tried") return [absent(relay)];
  const own: readonly Check[] = relay.isOwn ? [good("coturn is installed, and was started for this check alone.")] : [];
  return [...own, stunCheck(relay), ...relay.ways.map((one) => wayCheck(one, findings)), ...placeChecks(relay, notes)];
}

type Tried = Extract<RelayFinding, { t: "tried" }>;

function absent(relay: Extract<RelayFinding, { t: "not-installed" | "none" }>): Check {
  if (relay.t === "not-installed" || relay.isInstalled === false) {
    return bad("coturn is not installed: calls work only where a direct connection is possible.", INSTALL);
  }
  return bad(
    "The server gives no relay: calls work only where a direct connection is possible.",
    relay.isInstalled === null
      ? "On the server's machine install coturn, and start it without --no-turn."
      : "coturn is installed: start the server without --no-turn, and read what it says of coturn when it starts.",
  );
}

const stunCheck = ({ stun }: Tried): Check =>
  stun.t === "works"
    ? good(`STUN over UDP, port ${stun.port}: answers, and sees this machine as ${stun.seenAs}.`)
    : bad(`STUN over UDP, port ${stun.port}: no answer.`, open("UDP", stun.port));

const open = (kind: string, port: number | string): string =>
  `Open ${kind} ${port} in your firewall, and let your router pass it on.`;

const NAMES = { udp: "UDP", tcp: "TCP", tls: "TLS (TCP)" } as const;

function wayCheck({ way, port, trial }: WayFinding, { relayPorts }: Findings): Check {
  const name = `TURN over ${NAMES[way]}, port ${port}`;
  if (trial.t === "works") {
    return good(
      `${name}: ${trial.received} of ${trial.sent} packets relayed and back, ${trial.roundTripMs.toFixed(1)} ms.`,
    );
  }
  switch (trial.step) {
    case "connect":
      return bad(
        `${name}: no connection.`,
        way === "tls" ? "Look whether the certificate is for the name of the server and trusted." : open("TCP", port),
      );
    case "answer":
      return bad(`${name}: no answer.`, open(way === "udp" ? "UDP" : "TCP", port));
    case "login":
      return bad(
        `${name}: the login was refused.`,
        "Another TURN server may use this port: stop it, or choose --turn-port.",
      );
    case "allocate":
      return bad(
        `${name}: no relayed address was given (${trial.code}).`,
        "The relay may be full: look at its metrics.",
      );
    case "permit":
      return bad(`${name}: relaying was not permitted (${trial.code ?? "no answer"}).`, "Give --public-address.");
    case "data": {
      const range = `${relayPorts.first}-${relayPorts.last}`;
      return bad(`${name}: a relayed address was given, but nothing came through it.`, open("UDP", range));
    }
  }
}

function placeChecks(relay: Tried, notes: readonly string[]): readonly Check[] {
  const relayed = relay.ways.map(({ trial }) => trial.t === "works" ? trial.relayed.host : null).find((one) =>
    one !== null
  );
  const said = notes.map((note) => fair(note, ""));
  if (relayed === undefined || said.length > 0 || relay.isOwn) return said;
  if (isPublic(relayed)) return [good(`Relayed calls go through ${relayed}, a public address.`)];
  const scope = isLoopback(relayed) ? "this machine" : "this network";
  return [
    fair(
      `Relayed calls go through ${relayed}: that is for ${scope} only.`,
      "For people outside start the server with --domain or --public-address.",
    ),
  ];
}
