/** The libp2p node of the rendezvous: which parts it has, and every default that was made for something smaller. */
import {
  circuitRelayServer,
  type CircuitRelayServerComponents,
  type CircuitRelayService,
} from "@libp2p/circuit-relay-v2";
import { identify } from "@libp2p/identify";
import type {
  ComponentLogger,
  Connection,
  ConnectionEncrypter,
  Libp2p,
  Logger,
  PeerId,
  Stream,
  StreamCloseEvent,
} from "@libp2p/interface";
import { noise, type NoiseComponents } from "@libp2p/noise";
import { ping } from "@libp2p/ping";
import { yamux } from "@libp2p/yamux";
import { createLibp2p } from "libp2p";
import { every } from "./clock.ts";
import { CONNECTIONS, RELAY } from "./limits.ts";
import { type Service, violation } from "./service.ts";
import { OpenConnections } from "./ws/openConnections.ts";
import { SocketTransport } from "./ws/transport.ts";

/** Makes the connection encrypter: Noise, unless a test wraps it to see what the server could see. */
export type EncrypterFactory = (components: NoiseComponents) => ConnectionEncrypter;

export interface NodeInit extends Service {
  /** Where the HTTP server listens, and which addresses clients are told; the text form of multiaddrs. */
  readonly listen: string;
  readonly announce: readonly string[];
  readonly encrypter?: EncrypterFactory;
  /** The last connection of a peer has closed. */
  readonly peerGone: (peer: PeerId) => void;
  /** Whether something is kept for a peer beside its connection: then it may be silent. */
  readonly isServed: (peer: PeerId) => boolean;
}

interface RelayServices extends Record<string, unknown> {
  readonly relay: CircuitRelayService;
}

export interface RendezvousNode {
  readonly libp2p: Libp2p<RelayServices>;
  readonly transport: SocketTransport;
  readonly connections: OpenConnections;
  stop(): Promise<void>;
}

/** Not started yet, so that handlers can be added first. */
export async function createNode(init: NodeInit): Promise<RendezvousNode> {
  const transport = new SocketTransport(SILENT, init.clock, init.counters);
  const libp2p = await createLibp2p<RelayServices>({
    start: false,
    logger: SILENT,
    nodeInfo: { name: "securecomm-rendezvous", userAgent: "securecomm-rendezvous" },
    addresses: { listen: [init.listen], announce: [...init.announce] },
    transports: [() => transport],
    connectionEncrypters: [init.encrypter ?? noise()],
    streamMuxers: [yamux({
      maxInboundStreams: CONNECTIONS.maxStreams,
      maxOutboundStreams: CONNECTIONS.maxStreams,
      // The WebSocket has its own pings, which cost less.
      enableKeepAlive: false,
      streamOptions: {
        maxStreamWindowSize: CONNECTIONS.maxStreamWindowBytes,
        maxReadBufferLength: CONNECTIONS.maxStreamWindowBytes,
        maxWriteBufferLength: CONNECTIONS.maxWriteBufferBytes,
      },
    })],
    connectionManager: {
      maxConnections: CONNECTIONS.max,
      // The HTTP server limits by address prefix; libp2p sees no addresses.
      inboundConnectionThreshold: Number.MAX_SAFE_INTEGER,
      maxIncomingPendingConnections: CONNECTIONS.maxPendingUpgrades,
      inboundUpgradeTimeout: CONNECTIONS.upgradeTimeoutMs,
    },
    connectionMonitor: { enabled: false },
    services: {
      // A client asks who we are; we have no use for what it would answer.
      identify: identify({ runOnConnectionOpen: false }),
      ping: ping(),
      relay: relay(init),
    },
  });
  const connections = OpenConnections.of(libp2p);
  libp2p.addEventListener("peer:disconnect", ({ detail: peer }) => forgetPeer(libp2p, peer, init.peerGone));
  const stopSweeping = every(init.clock, CONNECTIONS.idleSweepMs, () => {
    for (const connection of connections) {
      if (isIdle(connection, libp2p, transport, init)) {
        init.counters.count("ws.idle");
        connection.close().catch((error) => connection.abort(error));
      }
    }
  });
  return {
    libp2p,
    transport,
    connections,
    async stop() {
      stopSweeping();
      await libp2p.stop();
    },
  };
}

/** Circuit relay v2, with what ends a circuit counted by its cause. */
function relay(service: Service): (components: CircuitRelayServerComponents) => CircuitRelayService {
  const server = circuitRelayServer({
    hopTimeout: RELAY.hopTimeoutMs,
    maxInboundHopStreams: RELAY.maxCircuitsOut,
    maxOutboundStopStreams: RELAY.maxCircuitsIn,
    reservations: {
      maxReservations: RELAY.maxReservations,
      reservationTtl: RELAY.reservationTtlMs,
      defaultDataLimit: RELAY.circuitBytes,
      defaultDurationLimit: RELAY.circuitDurationMs,
    },
  });
  return (components) =>
    server({
      peerStore: components.peerStore,
      addressManager: components.addressManager,
      peerId: components.peerId,
      privateKey: components.privateKey,
      connectionManager: components.connectionManager,
      connectionGater: components.connectionGater,
      logger: components.logger,
      registrar: watchedRegistrar(service, components.registrar),
    });
}

type Registrar = CircuitRelayServerComponents["registrar"];

function watchedRegistrar(service: Service, registrar: Registrar): Registrar {
  const watched = Object.create(registrar) as Registrar;
  watched.handle = (protocols, handler, options) =>
    registrar.handle(protocols, (stream, connection) => {
      watchCircuit(service, stream, connection);
      return handler(stream, connection);
    }, options);
  return watched;
}

function watchCircuit(service: Service, stream: Stream, connection: Connection): void {
  stream.addEventListener("close", (event: StreamCloseEvent) => {
    if (event.error === undefined || event.local !== true || connection.status !== "open") return;
    if (event.error.name === "TransferLimitError") service.counters.count("relay.data-limit");
    else if (event.error.name === "DurationLimitError") service.counters.count("relay.duration-limit");
    else violation(service, "relay.malformed", connection);
  });
}

function isIdle(
  connection: Connection,
  libp2p: Libp2p<RelayServices>,
  transport: SocketTransport,
  { clock, isServed }: NodeInit,
): boolean {
  if (connection.streams.length > 0 || clock.nowMs() - transport.heardAtMs(connection) < CONNECTIONS.maxIdleMs) {
    return false;
  }
  const { remotePeer } = connection;
  return !libp2p.services.relay.reservations.has(remotePeer) && !isServed(remotePeer);
}

/** Peer ids are fresh at each start of a client, so whatever is kept of one that left is kept for ever. */
function forgetPeer(libp2p: Libp2p<RelayServices>, peer: PeerId, peerGone: (peer: PeerId) => void): void {
  const { reservations } = libp2p.services.relay;
  reservations.get(peer)?.signal.clear();
  reservations.delete(peer);
  libp2p.peerStore.delete(peer).catch(() => {});
  peerGone(peer);
}

/** libp2p logs peer ids and addresses: ours are counted instead. */
const silentLogger: Logger = Object.assign(() => {}, {
  error: () => {},
  trace: () => {},
  enabled: false,
  newScope: () => silentLogger,
});
const SILENT: ComponentLogger = { forComponent: () => silentLogger };
