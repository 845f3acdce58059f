/** A client's way to the server: a WebSocket, an encrypted libp2p connection in it, and a ping through that. */
import { identify } from "@libp2p/identify";
import { noise } from "@libp2p/noise";
import { ping } from "@libp2p/ping";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { multiaddrOf } from "../addresses.ts";
import { DOCTOR } from "../limits.ts";
import { WebSocket } from "../ws/socket.ts";
import { TRUSTING } from "./ask.ts";
import type { SocketFinding } from "./findings.ts";

/** The certificate is judged by itself; what is behind a bad one is worth knowing all the same. */
class TrustingSocket extends WebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols, { ...TRUSTING, perMessageDeflate: false });
  }
}

export async function examineSocket(url: URL, peerId: string): Promise<SocketFinding> {
  if (!await upgrades(url)) return { t: "no-upgrade" };
  // The transport takes the WebSocket of the platform.
  Object.assign(globalThis, { WebSocket: TrustingSocket });
  const isSecure = url.protocol === "https:";
  const port = Number(url.port || (isSecure ? 443 : 80));
  const node = await createLibp2p({
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), ping: ping() },
    connectionGater: { denyDialMultiaddr: () => false },
    connectionMonitor: { enabled: false },
  });
  try {
    const address = `${multiaddrOf(url.hostname.replace(/^\[|\]$/g, ""), port, isSecure)}/p2p/${peerId}`;
    const signal = AbortSignal.timeout(DOCTOR.answerTimeoutMs);
    return { t: "works", roundTripMs: await node.services.ping.ping(multiaddr(address), { signal }) };
  } catch {
    return { t: "no-handshake" };
  } finally {
    await node.stop();
  }
}

function upgrades(url: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new TrustingSocket(new URL(url.href.replace(/^http/, "ws")));
    const timer = setTimeout(() => settle(false), DOCTOR.answerTimeoutMs);
    const settle = (isOpen: boolean) => {
      clearTimeout(timer);
      socket.terminate();
      resolve(isOpen);
    };
    socket.on("open", () => settle(true));
    socket.on("error", () => settle(false));
  });
}
