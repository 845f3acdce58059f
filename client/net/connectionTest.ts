/** Tries what a call needs, one thing after the other, with the server's own credentials and nobody else's servers. */
import type { ConnectionCheck, ConnectionOutcome } from "../ui/port.ts";
import { CONNECTION_TEST } from "../limits.ts";
import { IceServers } from "./iceServers.ts";
import { tryRelayLoop } from "./relayLoop.ts";
import { tryStun } from "./stunTrial.ts";
import { within } from "./within.ts";

export interface ConnectionTestInit {
  readonly rendezvousUrl: string;
  /** Whether the node's encrypted connection to the server stands. */
  readonly isOnline: () => boolean;
  readonly onOutcome: (check: ConnectionCheck, outcome: ConnectionOutcome) => void;
  readonly signal: AbortSignal;
}

/** Never rejects; ends soon after the signal, and says nothing more then. */
export async function testConnection(init: ConnectionTestInit): Promise<void> {
  const { signal } = init;
  const tell = async (check: ConnectionCheck, outcome: Promise<ConnectionOutcome>) => {
    const result = await outcome.catch((): ConnectionOutcome => "no-answer");
    if (!signal.aborted) init.onOutcome(check, result);
  };
  await tell("server", trySocket(init));
  const servers = await new IceServers(init.rendezvousUrl, { fetch: fetch.bind(globalThis), nowMs: Date.now }).get();
  for (const check of ["stun", "turn-udp", "turn-tcp"] as const) {
    const chosen = only(servers, check);
    if (signal.aborted) return;
    if (chosen.length === 0) await tell(check, Promise.resolve("no-turn"));
    else await tell(check, check === "stun" ? tryStun(chosen, signal) : tryRelayLoop(chosen, signal));
  }
  await tell("microphone", tryMicrophone());
}

const URLS = { stun: /^stun:/, "turn-udp": /^turn:.*(?:udp|:\d+)$/, "turn-tcp": /^turns?:.*tcp$/ } as const;

/** With the URLs of one way alone. */
function only(servers: readonly RTCIceServer[], way: keyof typeof URLS): readonly RTCIceServer[] {
  return servers
    .map((server) => ({ ...server, urls: [server.urls].flat().filter((url) => URLS[way].test(url)) }))
    .filter(({ urls }) => urls.length > 0);
}

/** A WebSocket opens, as for libp2p, and libp2p's own connection stands or comes about in time. */
async function trySocket({ rendezvousUrl, isOnline, signal }: ConnectionTestInit): Promise<ConnectionOutcome> {
  const socket = new WebSocket(new URL("/", rendezvousUrl.replace(/^http/, "ws")));
  try {
    const isOpen = await within(signal, (settle) => {
      socket.onopen = () => settle(true);
      socket.onerror = () => settle(false);
    });
    if (!isOpen) return "no-answer";
  } finally {
    socket.close();
  }
  const deadlineMs = performance.now() + CONNECTION_TEST.onlineWithinMs;
  while (!isOnline() && !signal.aborted && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, CONNECTION_TEST.pollMs));
  }
  return isOnline() ? "good" : "no-answer";
}

/** Without opening it: whether there is one, and whether this page may use it. */
async function tryMicrophone(): Promise<ConnectionOutcome> {
  if (navigator.mediaDevices === undefined) return "not-secure";
  const [devices, permission] = await Promise.all([
    navigator.mediaDevices.enumerateDevices(),
    navigator.permissions.query({ name: "microphone" as PermissionName }).catch(() => null),
  ]);
  if (permission?.state === "denied") return "refused";
  return devices.some(({ kind }) => kind === "audioinput") ? "good" : "missing";
}
