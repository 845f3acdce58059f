/** The libp2p node of a browser: which parts it has, and every default of theirs that does not fit. */
// First: it changes what @libp2p/webrtc finds when it is loaded.
import "./peerConnection.ts";
import { circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { generateKeyPair } from "@libp2p/crypto/keys";
import { identify } from "@libp2p/identify";
import type { PrivateKey } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { createScalableCuckooFilter } from "@libp2p/utils";
import { webRTC } from "@libp2p/webrtc";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { createLibp2p, type Libp2pOptions } from "libp2p";
import { NET } from "../limits.ts";
import type { SignalingGate } from "./signalingGate.ts";

type Factory = NonNullable<Libp2pOptions["transports"]>[number];
export type Components = Parameters<Factory>[0];

export interface NodeInit {
  readonly gate: SignalingGate;
  readonly rtcConfiguration: () => Promise<RTCConfiguration>;
}

export interface BrowserNode {
  readonly libp2p: Awaited<ReturnType<typeof createLibp2p>>;
  /** The parts that libp2p's own interface hides. */
  readonly components: Components;
  /** Made for this run and kept nowhere. */
  readonly privateKey: PrivateKey;
  /** Lets the relay be asked again for a reservation after an attempt that failed. */
  forgetFailedRelays(): void;
}

/** Not started yet. */
export async function createNode(init: NodeInit): Promise<BrowserNode> {
  const privateKey = await generateKeyPair("Ed25519");
  const circuit = circuitRelayTransport();
  let components: Components | null = null;
  let relayed: ReturnType<typeof circuit> | null = null;
  const libp2p = await createLibp2p({
    start: false,
    privateKey,
    // The default names the browser and its version to every peer.
    nodeInfo: { name: "securecomm", version: "1", userAgent: "securecomm/1" },
    addresses: { listen: [] },
    transports: [
      webSockets(),
      (parts) => relayed = circuit(parts),
      (parts) => webRTC({ rtcConfiguration: init.rtcConfiguration })(guarded(parts, init.gate)),
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // Browsers are kept from ws:// and private addresses by default; the browser itself has rules for that.
    connectionGater: { denyDialMultiaddr: () => false },
    connectionManager: {
      maxConnections: NET.maxConnections,
      inboundConnectionThreshold: NET.inboundPerSecond,
      maxIncomingPendingConnections: NET.maxPendingInbound,
      // Reconnecting is our own loop's business: the built-in one neither reserves again nor learns a new peer id.
      reconnectRetries: 0,
    },
    // It pings every connection every few seconds: links have a pulse of their own, and the rendezvous has many clients.
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      parts(parts) {
        components = parts;
        return {};
      },
    },
  });
  return {
    libp2p,
    components: components!,
    privateKey,
    forgetFailedRelays() {
      // Private in its type, but one failed attempt would bar the relay for the rest of the run.
      const { reservationStore } = relayed as unknown as { reservationStore: { relayFilter: unknown } };
      reservationStore.relayFilter = createScalableCuckooFilter(100);
    },
  };
}

function guarded(parts: Components, gate: SignalingGate): Components {
  const registrar = gate.guard(parts.registrar);
  return new Proxy(parts, {
    get: (target, name) => name === "registrar" ? registrar : Reflect.get(target, name),
  });
}
