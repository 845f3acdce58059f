/** The relay of a server, tried as two browsers would that can only meet there. */
import { addressesOf } from "../../turn/outside.ts";
import type { Login } from "../../turn/client/session.ts";
import { tryRelay, tryStun } from "../../turn/client/trial.ts";
import { STUN } from "../../turn/limits.ts";
import { DOCTOR } from "../limits.ts";
import type { RelayFinding, WayFinding } from "./findings.ts";

/** As `POST /turn` gives it, and RTCPeerConnection takes it. */
export interface IceServer extends Login {
  readonly urls: readonly string[];
}

/** What stood in an answer of `POST /turn`; null where it is none. */
export function iceServersOf(answer: unknown): readonly IceServer[] | null {
  const list = isRecord(answer) ? answer["iceServers"] : null;
  if (!Array.isArray(list) || list.length > DOCTOR.maxUrls || !list.every(isIceServer)) return null;
  return list;
}

function isIceServer(value: unknown): value is IceServer {
  if (!isRecord(value)) return false;
  const { urls, username, credential } = value;
  const isList = Array.isArray(urls) && urls.length <= DOCTOR.maxUrls && urls.every((url) => typeof url === "string");
  return isList && typeof username === "string" && typeof credential === "string";
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

interface Place {
  readonly way: WayFinding["way"] | "stun";
  readonly host: string;
  readonly port: number;
}

/** `stun:HOST:PORT` and `turn(s):HOST:PORT?transport=udp|tcp` (RFC 7064, RFC 7065); null for what is neither. */
export function placeOf(url: string): Place | null {
  const [, scheme, ipv6, name, port, transport] =
    /^(stun|turns?):(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+)):(\d{1,5})(?:\?transport=(udp|tcp))?$/i.exec(url) ?? [];
  const host = ipv6 ?? name;
  if (host === undefined || Number(port) > 65_535) return null;
  const way = scheme === "stun" ? "stun" : scheme === "turns" ? "tls" : transport === "tcp" ? "tcp" : "udp";
  return { way, host, port: Number(port) };
}

/** `own` is said of a coturn that was started for the check alone. `trusted` as elsewhere. */
export async function examineRelay(
  { urls, ...login }: IceServer,
  isOwn: boolean,
  trusted: string | null,
): Promise<RelayFinding> {
  const places = urls.map(placeOf).filter((place) => place !== null);
  const stun = places.find(({ way }) => way === "stun");
  const turn = places.find(({ way }) => way !== "stun" && way !== "tls");
  if (stun === undefined || turn === undefined) return { t: "none", isInstalled: null };
  const addresses = await addressesOf(turn.host);
  const ways: WayFinding[] = [];
  for (const { way, host, port } of places) {
    if (way === "stun") continue;
    // A certificate is for the name; a datagram needs an address.
    const at = way === "tls" ? host : addresses[0] ?? host;
    const trial = await tryRelay({ transport: way, host: at, port, login, ...(trusted === null ? {} : { trusted }) });
    ways.push({ way, port, trial: trial.t === "works" ? { ...trial, sent: STUN.datagrams } : trial });
  }
  const seen = await tryStun(addresses[0] ?? stun.host, stun.port);
  return {
    t: "tried",
    isOwn,
    host: turn.host,
    addresses,
    stun: seen.t === "works"
      ? { t: "works", port: stun.port, seenAs: seen.mapped.host }
      : { t: "failed", port: stun.port },
    ways,
  };
}
