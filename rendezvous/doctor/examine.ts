/** Tries everything that a call of people elsewhere needs, one after the other. */
import { addressNotes, chooseAddress } from "../../turn/address.ts";
import { addressesOf } from "../../turn/outside.ts";
import { isInstalled, startTurn } from "../../turn/supervisor.ts";
import { isBehindProxy, isLoopback, isWildcard, type Reach, shownUrl } from "../addresses.ts";
import type { Flags } from "../flags.ts";
import { DOCTOR } from "../limits.ts";
import { surroundings } from "../turn.ts";
import { askJson } from "./ask.ts";
import { examineCertificate } from "./certificate.ts";
import type { Findings, RelayFinding, ServerFinding } from "./findings.ts";
import { examineRelay, iceServersOf } from "./relay.ts";
import { examineSocket } from "./socket.ts";

export interface ExamineInit {
  /** What the server was told, or would be. */
  readonly flags: Flags;
  /** The address to try; null for the one that the flags give. */
  readonly url: string | null;
  /** The machine's own addresses that are not loopback. */
  readonly interfaces: readonly string[];
  readonly nowMs: number;
  /** Certificates (PEM) to trust in place of the usual ones. */
  readonly trusted: string | null;
}

export async function examine(init: ExamineInit): Promise<Findings> {
  const { flags, interfaces, trusted } = init;
  const reach: Reach = { ...flags, hasCertificate: flags.certFile !== null, interfaces };
  const url = new URL(init.url ?? shownUrl(reach));
  const addresses = await addressesOf(url.hostname.replace(/^\[|\]$/g, ""));
  const isHere = init.url === null || addresses.some((one) => isLoopback(one) || interfaces.includes(one));
  const server = await serverAt(url);
  const behind = init.url === null && server.t !== "answers" && isBehindProxy(reach) ? pastProxy(reach) : null;
  const isUpBehindProxy = behind !== null && (await serverAt(behind)).t === "answers";
  const answering = server.t === "answers" ? url : isUpBehindProxy ? behind : null;
  return {
    url: url.href,
    addresses,
    isHere,
    server,
    isUpBehindProxy,
    certificate: await examineCertificate(url, init.nowMs, trusted),
    socket: server.t === "answers" ? await examineSocket(url, server.peerId) : { t: "untried" },
    relay: answering !== null
      ? await relayOf(answering, isHere, trusted)
      : isHere
      ? await ownRelay(init, reach)
      : { t: "untried" },
    relayPorts: flags.relayPorts,
    notes: isHere && flags.turn ? await notesOf(reach, flags) : [],
  };
}

const serverAt = async (url: URL): Promise<ServerFinding> => serverOf(await askJson(new URL("node.json", url), "GET"));

const pastProxy = ({ host, port }: Reach): URL =>
  new URL(`http://${isWildcard(host) ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host}:${port}/`);

function serverOf(answer: unknown): ServerFinding {
  if (answer === undefined) return { t: "silent" };
  const { peerId, version } = (answer ?? {}) as { readonly peerId?: unknown; readonly version?: unknown };
  if (typeof peerId !== "string" || typeof version !== "string" || !/^[0-9A-Za-z]{20,80}$/.test(peerId)) {
    return { t: "stranger" };
  }
  return { t: "answers", peerId, version: version.replace(/[^\w.-]/g, "").slice(0, 20) };
}

async function relayOf(url: URL, isHere: boolean, trusted: string | null): Promise<RelayFinding> {
  const [server] = iceServersOf(await askJson(new URL("turn", url), "POST")) ?? [];
  if (server === undefined) return { t: "none", isInstalled: isHere ? await isInstalled() : null };
  return await examineRelay(server, false, trusted);
}

/** No server runs: then at least whether coturn would work here, with the settings that the server would have. */
async function ownRelay({ flags, nowMs }: ExamineInit, reach: Reach): Promise<RelayFinding> {
  if (!await isInstalled()) return { t: "not-installed" };
  const address = flags.turn ? chooseAddress(await surroundings(reach, flags.stunServer)) : null;
  if (address === null) return { t: "untried" };
  const turn = await startTurn({
    address,
    port: flags.turnPort,
    relayPorts: flags.relayPorts,
    tls: null,
    folder: flags.turnFolder,
    logFile: null,
    nowMs,
    restarted: () => {},
  });
  if (turn === null) return { t: "not-installed" };
  try {
    const login = turn.credentials(DOCTOR.loginLifetimeMs, nowMs);
    // The name may lead to a router that passes nothing on yet; what is asked here is whether coturn works at all.
    const urls = login.urls.map((one) => at(one, address.listenIp));
    return await examineRelay({ ...login, urls }, true, null);
  } finally {
    await turn.stop();
  }
}

const at = (url: string, address: string): string =>
  url.replace(/^(\w+):(?:\[[^\]]*\]|[^:]+):/, `$1:${address.includes(":") ? `[${address}]` : address}:`);

async function notesOf(reach: Reach, { stunServer }: Flags): Promise<readonly string[]> {
  const around = await surroundings(reach, stunServer);
  const address = chooseAddress(around);
  return address === null ? [] : addressNotes(around, address);
}
