/** A connection to one space: [MBX10] a PeerId of its own that is used nowhere else, and nothing but streams to that space. */
import type { Connection } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { createLibp2p } from "libp2p";
import { rendezvousAddress } from "./address.ts";

export interface MailConnection {
  readonly connection: Connection;
  /** Our PeerId on it, as text. */
  readonly peer: string;
}

/** `server` is an origin. Rejects where it is none, or cannot be reached. Whoever closes the connection ends all of it. */
export async function connectForMail(server: string, signal: AbortSignal): Promise<MailConnection> {
  const address = rendezvousAddress(server);
  const node = await createLibp2p({
    nodeInfo: { name: "securecomm", version: "1", userAgent: "securecomm/1" },
    addresses: { listen: [] },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    connectionManager: { reconnectRetries: 0 },
    connectionMonitor: { enabled: false },
  });
  const stop = () => void node.stop();
  try {
    const connection = await node.dial(address, { signal });
    connection.addEventListener("close", stop, { once: true });
    if (connection.status !== "open") stop();
    return { connection, peer: node.peerId.toString() };
  } catch (error) {
    stop();
    throw error;
  }
}
