/** One WebRTC connection of one call, and the voice worker at its end. */
import { type SelectedPair, selectedPair } from "../net/selectedPair.ts";
import { decodeSignal, encodeSignal } from "./signal.ts";
import { createPeer, type Peer } from "./simplePeer.ts";
import type { FromVoiceWorker, ToVoiceWorker } from "./messages.ts";
import { workerScript } from "./workerScript.ts";

export type VoiceRoute = "direct" | "relayed";

export interface ConnectionListener {
  signalMade(signal: Uint8Array): void;
  connected(route: VoiceRoute): void;
  failed(): void;
  worker(message: FromVoiceWorker): void;
}

export interface ConnectionOptions {
  readonly initiator: boolean;
  readonly workerUrl: string;
  readonly start: Extract<ToVoiceWorker, { t: "start" }>;
  iceServers(): Promise<RTCIceServer[]>;
  readonly iceTransportPolicy: RTCIceTransportPolicy;
}

/** Both sides open this channel on their own; the number is beyond those that are given out in band. */
const CHANNEL = { negotiated: true, id: 1000, ordered: false, maxRetransmits: 0 } as const;
/** Signals that came before our side was set up. */
const MAX_EARLY_SIGNALS = 64;
/** When the other side hangs up, its connection may be gone before its word has come: that is no failure. */
const HANGUP_GRACE_MS = 1_500;

export class VoiceConnection {
  readonly #listener: ConnectionListener;
  readonly #worker: Worker;
  #peer: Peer | null = null;
  #early: Uint8Array[] = [];
  #closed = false;
  #failing: ReturnType<typeof setTimeout> | null = null;

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#listener = listener;
    this.#worker = new Worker(workerScript(options.workerUrl), { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<FromVoiceWorker>) => listener.worker(data);
    this.#worker.onerror = () => this.#fail();
    this.tell(options.start, [options.start.playout]);
    void this.#connect(options);
  }

  tell(message: ToVoiceWorker, transfer: Transferable[] = []): void {
    if (!this.#closed) this.#worker.postMessage(message, transfer);
  }

  deliverSignal(bytes: Uint8Array): void {
    if (this.#peer === null) {
      if (this.#early.length < MAX_EARLY_SIGNALS) this.#early.push(bytes);
      return;
    }
    const signal = decodeSignal(bytes);
    if (signal === null || this.#closed || this.#failing !== null) return;
    try {
      this.#peer.signal(signal);
    } catch {
      // The other side wrote it: what the browser makes of it is its fault, and ends in no connection.
    }
  }

  /** Round-trip time of the path in use, in ms, where it is known. */
  async roundTripMs(): Promise<number | null> {
    return (await this.#selectedPair())?.roundTripMs ?? null;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#failing !== null) clearTimeout(this.#failing);
    this.#peer?.destroy();
    this.#worker.terminate();
  }

  async #connect(options: ConnectionOptions): Promise<void> {
    const iceServers = await options.iceServers().catch(() => []);
    if (this.#closed) return;
    const { initiator, iceTransportPolicy } = options;
    const peer = createPeer({ initiator, config: { iceServers, iceTransportPolicy } });
    this.#peer = peer;
    const channel = peer._pc.createDataChannel("voice", CHANNEL);
    // In the task that made it: afterwards a channel cannot be handed to a worker any more.
    this.tell({ t: "channel", channel }, [channel as unknown as Transferable]);
    peer.on("signal", (signal) => {
      const bytes = encodeSignal(signal);
      if (bytes !== null && !this.#closed) this.#listener.signalMade(bytes);
    });
    peer.on("connect", () => void this.#connected());
    peer.on("error", () => this.#fail());
    peer.on("close", () => this.#fail());
    peer.on("disconnect", () => this.#fail());
    for (const signal of this.#early) this.deliverSignal(signal);
    this.#early = [];
  }

  async #connected(): Promise<void> {
    const selected = await this.#selectedPair().catch(() => null);
    if (this.#closed) return;
    this.#listener.connected(selected?.isRelayed === true ? "relayed" : "direct");
  }

  #fail(): void {
    if (this.#closed || this.#failing !== null) return;
    this.#failing = setTimeout(() => {
      this.close();
      this.#listener.failed();
    }, HANGUP_GRACE_MS);
  }

  async #selectedPair(): Promise<SelectedPair | null> {
    return this.#peer === null || this.#closed ? null : await selectedPair(this.#peer._pc);
  }
}
