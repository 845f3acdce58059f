/** simple-peer, with the types of what we use of it. The only importer. */
import { withdrawNodeEvents } from "./nodeEvents.ts";
import SimplePeer from "@thaunknown/simple-peer/lite.js";

withdrawNodeEvents();

export interface PeerSignal {
  readonly type: string;
  readonly sdp?: string;
  readonly candidate?: RTCIceCandidateInit;
}

export interface Peer {
  /** The connection below; simple-peer has no public way to it, and its own channel cannot be handed to a worker. */
  readonly _pc: RTCPeerConnection;
  on(event: "signal", listener: (signal: PeerSignal) => void): void;
  on(event: "connect" | "close", listener: () => void): void;
  /** The other side has closed; "close" does not follow then. */
  on(event: "disconnect", listener: () => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  signal(signal: PeerSignal): void;
  destroy(): void;
}

export interface PeerOptions {
  readonly initiator: boolean;
  readonly config: RTCConfiguration;
}

export const createPeer: (options: PeerOptions) => Peer = (options) =>
  new (SimplePeer as unknown as new (options: PeerOptions) => Peer)(options);
