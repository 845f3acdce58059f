/**
 * Who may exchange ICE candidates, and so addresses, with us. @libp2p/webrtc answers a signaling stream with candidates
 * before any code of ours sees the connection, so it gets a registrar that lets through only streams of allowed peers.
 */
import type { Connection, Stream } from "@libp2p/interface";
import type { StreamHandler } from "@libp2p/interface";
import type { PeerId } from "../../core/ids.ts";
import { peerOf } from "./address.ts";

const SIGNALING = "/webrtc-signaling/";

export class SignalingGate {
  #allowed: ReadonlySet<string> = new Set();

  constructor(private readonly onRefused: () => void) {}

  /** The whole set, which replaces the one before. */
  allow(peers: readonly PeerId[]): void {
    this.#allowed = new Set(peers);
  }

  allows(peer: string): boolean {
    return this.#allowed.has(peer);
  }

  /** A registrar whose handlers for signaling stand behind this gate; everything else is `registrar`'s own. */
  guard<R extends { handle(protocol: string, handler: StreamHandler, ...rest: never[]): Promise<void> }>(
    registrar: R,
  ): R {
    const guarded: R = Object.create(registrar);
    guarded.handle = (protocol, handler, ...rest) =>
      registrar.handle(protocol, protocol.startsWith(SIGNALING) ? this.#behind(handler) : handler, ...rest);
    return guarded;
  }

  #behind(handler: StreamHandler): StreamHandler {
    return (stream: Stream, connection: Connection) => {
      const peer = connection.remotePeer.toString();
      // The circuit's Noise handshake proved `remotePeer`. The transport goes by the address, which the relay wrote.
      if (this.allows(peer) && peerOf(connection.remoteAddr) === peer) return handler(stream, connection);
      this.onRefused();
      stream.abort(new Error("signaling is not allowed"));
    };
  }
}
