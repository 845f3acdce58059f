/** The network of one run of the client: everything that the core's network effects ask for, as events again. */
import type { Connection } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import { type PeerId, peerId } from "../../core/ids.ts";
import type { NodeEffect } from "../../core/node/effect.ts";
import type { LinkRoute, NodeEvent } from "../../core/node/event.ts";
import { NET } from "../limits.ts";
import { listenAddress, peerAddress, rendezvousAddress, routeOf } from "./address.ts";
import { ConnectionLoop } from "./connectionLoop.ts";
import { Discovery } from "./discovery.ts";
import { IceServers } from "./iceServers.ts";
import { type LinkFault, PEER_PROTOCOL } from "./link.ts";
import { Links } from "./links.ts";
import { type BrowserNode, createNode } from "./node.ts";
import { onTurnVerdict } from "./peerConnection.ts";
import { answersPing } from "./ping.ts";
import type { PresenceFault } from "./presence.ts";
import { sealRecord } from "./registration.ts";
import { restMs } from "./serverRest.ts";
import { SignalingGate } from "./signalingGate.ts";

export type NetworkEffect = Extract<
  NodeEffect,
  { readonly type: "SetTopics" | "AllowDirect" | "OpenLink" | "SendFrame" | "CloseLink" }
>;

export type NetworkProblem = "network.server-unreachable" | "network.turn-refused";
export type NetworkFault = LinkFault | PresenceFault | "signaling.refused" | "signaling.not-dialed";

export interface TransportInit {
  /** Where the rendezvous is, as a web address. */
  readonly rendezvousUrl: string;
  /** Asked at each connection: `relay` sends it through TURN, so that the other side does not learn our address. */
  readonly iceTransportPolicy?: () => RTCIceTransportPolicy;
  /** Settles when the event has been dealt with. Links whose frames are not dealt with are not read on. */
  readonly onEvent: (event: NodeEvent) => Promise<unknown>;
  /** A problem has come up, or has gone. */
  readonly onProblem: (problem: NetworkProblem, holds: boolean) => void;
}

export interface Transport {
  /** Emits `TransportReady` when it resolves, and goes on connecting by itself. */
  start(): Promise<void>;
  run(effect: NetworkEffect): void;
  /** The device is back in the world: no use in waiting for the next attempt. */
  retryNow(): void;
  /** The page is going for good, and has no time for farewells that wait. */
  leave(): void;
  /** For connections that are not libp2p's, such as those of calls. */
  iceServers(): Promise<RTCIceServer[]>;
  /** How often each thing was refused in this run. */
  faults(): Readonly<Partial<Record<NetworkFault, number>>>;
  stop(): Promise<void>;
}

export async function createTransport(init: TransportInit): Promise<Transport> {
  const server = rendezvousAddress(init.rendezvousUrl);
  const faults: Partial<Record<NetworkFault, number>> = {};
  const count = (fault: NetworkFault) => faults[fault] = (faults[fault] ?? 0) + 1;

  const ice = new IceServers(init.rendezvousUrl, { fetch: (...call) => fetch(...call), nowMs: () => Date.now() });
  const gate = new SignalingGate(() => count("signaling.refused"));
  const node = await createNode({
    gate,
    rtcConfiguration: async () => ({
      iceServers: await ice.get(),
      iceTransportPolicy: init.iceTransportPolicy?.() ?? "all",
    }),
  });

  const discovery = new Discovery({
    record: () => sealRecord(node.privateKey, node.libp2p.getMultiaddrs()),
    onFound: (topic, peer) => void init.onEvent({ type: "PeerFound", topic, peer }),
    onLeft: (topic, peer) => void init.onEvent({ type: "PeerLeft", topic, peer }),
    onFault: count,
  });
  const loop = new ConnectionLoop({
    dial: (signal) => node.libp2p.dial(server, { force: true, signal }),
    settle: ({ remotePeer }) => reserve(node, listenAddress(server, remotePeer.toString())),
    isAlive: answersPing,
    random: Math.random,
    leastPauseMs: () => restMs(init.rendezvousUrl),
    onState(state) {
      if (state === "online") discovery.connected(loop.current!);
      else discovery.disconnected();
      if (state !== "connecting") init.onProblem("network.server-unreachable", state === "offline");
      init.onEvent({ type: "RendezvousChanged", state });
    },
  });
  const links = new Links({
    onEvent: init.onEvent,
    onFault: count,
    connections: (peer) => openConnections(node, peer),
    dial(peer, route, signal) {
      if (route === "direct" && !gate.allows(peer)) {
        count("signaling.not-dialed");
        return Promise.reject(new Error("signaling with this peer is not allowed"));
      }
      if (loop.current === null) return Promise.reject(new Error("not connected to the rendezvous"));
      return dialPeer(node, peerAddress(server, loop.current.remotePeer.toString(), peer, route), peer, route, signal);
    },
  });
  const forgetTurn = onTurnVerdict((verdict) => {
    if (verdict === "refused") ice.forget();
    init.onProblem("network.turn-refused", verdict === "refused");
  });

  return {
    async start() {
      await node.libp2p.start();
      await node.libp2p.handle(PEER_PROTOCOL, (stream, connection) => links.accept(stream, connection), {
        runOnLimitedConnection: true,
        maxInboundStreams: NET.maxLinksPerConnection,
        maxOutboundStreams: NET.maxLinksPerConnection,
      });
      const self = peerId(node.libp2p.peerId.toString());
      if (!self.ok) throw new Error("libp2p's peer id has another form than ours");
      init.onEvent({ type: "TransportReady", peer: self.value });
      loop.run();
    },
    run(effect) {
      switch (effect.type) {
        case "SetTopics":
          return discovery.setTopics(effect.topics);
        case "AllowDirect":
          return gate.allow(effect.peers);
        case "OpenLink":
          return void links.open(effect.peer, effect.route);
        case "SendFrame":
          return links.send(effect.link, effect.frame);
        case "CloseLink":
          return links.close(effect.link, effect.reason === "done");
      }
    },
    retryNow() {
      // The device may have said that it is offline while our connection to a server on it stood.
      if (loop.current !== null) init.onProblem("network.server-unreachable", false);
      loop.retryNow();
    },
    leave: () => links.leave(),
    iceServers: () => ice.get(),
    faults: () => ({ ...faults }),
    async stop() {
      forgetTurn();
      loop.stop();
      discovery.disconnected();
      await node.libp2p.stop();
    },
  };
}

function openConnections(node: BrowserNode, peer: PeerId): readonly Connection[] {
  return node.libp2p.getConnections().filter((connection) => connection.remotePeer.toString() === peer);
}

/** Past libp2p's dial queue, which makes one dial of all that go to one peer, whatever their routes. */
async function dialPeer(
  node: BrowserNode,
  address: Multiaddr,
  peer: PeerId,
  route: LinkRoute,
  signal: AbortSignal,
): Promise<Connection> {
  const connection = await node.components.transportManager.dial(address, { signal });
  if (connection.remotePeer.toString() !== peer || routeOf(connection.remoteAddr) !== route) {
    connection.abort(new Error("not the peer that was dialed"));
    throw new Error("not the peer that was dialed");
  }
  return connection;
}

/** Gives up what was reserved before, and reserves with this relay. */
async function reserve(node: BrowserNode, address: Multiaddr): Promise<void> {
  const { transportManager } = node.components;
  // Listeners of earlier connections would stay for ever, each renewing the same reservation.
  await Promise.all(transportManager.getListeners().map((listener) => listener.close()));
  node.forgetFailedRelays();
  await transportManager.listen([address]);
}
