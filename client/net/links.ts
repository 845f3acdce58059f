/** All links of this run: opens them over the route that is asked for, takes those that others open, ends them. */
import type { Connection, Stream } from "@libp2p/interface";
import { type LinkId, linkId, type PeerId, peerId } from "../../core/ids.ts";
import type { LinkRole, LinkRoute, NodeEvent } from "../../core/node/event.ts";
import { NET } from "../limits.ts";
import { type LinkFault, PEER_PROTOCOL, PeerLink } from "./link.ts";
import { routeOf } from "./address.ts";
import { selectedPair } from "./selectedPair.ts";

export interface LinksPorts {
  readonly onEvent: (event: NodeEvent) => Promise<unknown>;
  readonly onFault: (fault: LinkFault) => void;
  /** Open connections to a peer. */
  readonly connections: (peer: PeerId) => readonly Connection[];
  /** Rejects when the peer cannot be reached by that route. */
  readonly dial: (peer: PeerId, route: LinkRoute, signal: AbortSignal) => Promise<Connection>;
}

export class Links {
  readonly #links = new Map<LinkId, PeerLink>();
  /** Dials under way by route and peer, shared by all who ask meanwhile. */
  readonly #dials = new Map<string, Promise<Connection>>();
  #nextNumber = 1;

  constructor(private readonly ports: LinksPorts) {}

  /** Answered by `LinkOpened` or `LinkFailed`. */
  async open(peer: PeerId, route: LinkRoute): Promise<void> {
    const signal = AbortSignal.timeout(route === "direct" ? NET.directDialTimeoutMs : NET.dialTimeoutMs);
    try {
      const connection = await this.#connect(peer, route, signal);
      const stream = await connection.newStream(PEER_PROTOCOL, { signal, runOnLimitedConnection: true });
      this.#add(stream, connection, peer, "initiator", route);
    } catch {
      this.ports.onEvent({ type: "LinkFailed", peer, route });
    }
  }

  /** The handler of the peer protocol. */
  accept(stream: Stream, connection: Connection): void {
    const peer = peerId(connection.remotePeer.toString());
    const route = routeOf(connection.remoteAddr);
    if (!peer.ok || route === "rendezvous") return stream.abort(new Error("not a peer"));
    this.#add(stream, connection, peer.value, "responder", route);
  }

  send(link: LinkId, frame: Uint8Array): void {
    this.#links.get(link)?.send(frame);
  }

  /** Ends a link without an event: whoever asks knows. */
  close(id: LinkId, isGraceful: boolean): void {
    const link = this.#links.get(id);
    if (link === undefined) return;
    this.#links.delete(id);
    if (isGraceful) link.close();
    else link.abort(new Error("closed"));
  }

  /** The page is going: the others hear of it now, and not when ICE has waited in vain. */
  leave(): void {
    for (const { connection } of this.#links.values()) peerConnectionOf(connection)?.close();
  }

  async #connect(peer: PeerId, route: LinkRoute, signal: AbortSignal): Promise<Connection> {
    const open = this.ports.connections(peer).find((connection) =>
      connection.status === "open" && routeOf(connection.remoteAddr) === route
    );
    if (open !== undefined) return open;
    const key = `${route} ${peer}`;
    const under = this.#dials.get(key);
    if (under !== undefined) return await under;
    const dial = this.ports.dial(peer, route, signal);
    this.#dials.set(key, dial);
    try {
      return await dial;
    } finally {
      this.#dials.delete(key);
    }
  }

  #add(stream: Stream, connection: Connection, peer: PeerId, role: LinkRole, route: LinkRoute): void {
    const id = linkId(`link-${this.#nextNumber++}`);
    let isClosed = false;
    const link = new PeerLink(id, connection, stream, {
      onFrame: (frame) => this.ports.onEvent({ type: "FrameReceived", link: id, frame }),
      onFault: this.ports.onFault,
      onClosed: () => {
        if (isClosed) return;
        isClosed = true;
        if (this.#links.delete(id)) this.ports.onEvent({ type: "LinkClosed", link: id });
        this.#release(connection);
      },
    });
    this.#links.set(id, link);
    this.ports.onEvent({ type: "LinkOpened", link: id, peer, role, route });
    if (route === "direct") void this.#tellRelay(id, connection);
  }

  /** A WebRTC connection may still lead through a TURN server: the person is told which. */
  async #tellRelay(id: LinkId, connection: Connection): Promise<void> {
    const rtc = peerConnectionOf(connection);
    const pair = rtc === null ? null : await selectedPair(rtc).catch(() => null);
    if (pair?.isRelayed === true && this.#links.has(id)) this.ports.onEvent({ type: "LinkThroughTurn", link: id });
  }

  /** A connection that carries no link any more is closed: a circuit costs the relay, and a browser has few of the others. */
  #release(connection: Connection): void {
    const isUsed = [...this.#links.values()].some((link) => link.connection === connection) ||
      [...this.#dials.keys()].some((key) => key.endsWith(` ${connection.remotePeer}`));
    if (!isUsed && connection.status === "open") connection.close().catch(() => {});
  }
}

/** libp2p's own interface hides it; `null` where a later version has it elsewhere. */
function peerConnectionOf(connection: Connection): RTCPeerConnection | null {
  const { maConn } = connection as { readonly maConn?: { readonly peerConnection?: RTCPeerConnection } };
  return maConn?.peerConnection ?? null;
}
