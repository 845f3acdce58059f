/** One link: a long-lived stream of the peer protocol, with bounded queues in both directions. */
import type { Connection, Stream } from "@libp2p/interface";
import { WIRE } from "../../core/limits.ts";
import type { LinkId } from "../../core/ids.ts";
import { PEER_LINK } from "../limits.ts";
import { encodeFrame, FrameReader } from "./frames.ts";

export const PEER_PROTOCOL = "/securecomm/peer/1";

/** Why a link was cut by us: each is counted. */
export type LinkFault = "peer.too-large" | "peer.malformed" | "peer.slow-reader";

export interface LinkPorts {
  /** Settles when the frame has been dealt with; the stream is not read on while too many have not. */
  onFrame(frame: Uint8Array): Promise<unknown>;
  onFault(fault: LinkFault): void;
  /** Once, whoever closed it. */
  onClosed(): void;
}

export class PeerLink {
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #pumping = false;
  #isClosing = false;
  #pendingFrames = 0;
  readonly #reader = new FrameReader(WIRE.maxFrameBytes);

  constructor(
    readonly id: LinkId,
    readonly connection: Connection,
    private readonly stream: Stream,
    private readonly ports: LinkPorts,
  ) {
    stream.addEventListener("message", ({ data }) => this.#receive(data.subarray()));
    stream.addEventListener("end", () => this.#remoteEnded());
    stream.addEventListener("close", () => this.ports.onClosed());
    // It may have been closed before there was anybody to be told.
    if (stream.status !== "open") queueMicrotask(() => this.ports.onClosed());
  }

  /** Frames go out in order. A peer who does not read them is cut off, never waited for without end. */
  send(frame: Uint8Array): void {
    if (this.#isClosing || this.stream.status !== "open") return;
    const bytes = encodeFrame(frame);
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    if (this.#queuedBytes > PEER_LINK.maxQueuedBytes) this.#cut("peer.slow-reader");
    else this.#pump();
  }

  /** Sends what is queued, then closes. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#pumping) return;
    try {
      await this.stream.close({ signal: AbortSignal.timeout(PEER_LINK.maxStallMs) });
    } catch (error) {
      this.abort(error);
    }
  }

  abort(error: unknown): void {
    this.#isClosing = true;
    this.#queue = [];
    this.stream.abort(error instanceof Error ? error : new Error(String(error)));
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (let bytes = this.#queue.shift(); bytes !== undefined; bytes = this.#queue.shift()) {
        const hasRoom = this.stream.send(bytes);
        if (!hasRoom) await this.stream.onDrain({ signal: AbortSignal.timeout(PEER_LINK.maxStallMs) });
        this.#queuedBytes -= bytes.length;
      }
    } catch {
      if (this.stream.status === "open") this.#cut("peer.slow-reader");
    } finally {
      this.#pumping = false;
    }
    if (this.#isClosing) await this.close();
  }

  #receive(bytes: Uint8Array): void {
    if (this.#isClosing) return;
    const frames = this.#reader.push(bytes);
    if (!frames.ok) return this.#cut(frames.reason === "wire.too-large" ? "peer.too-large" : "peer.malformed");
    for (const frame of frames.value) {
      this.#pendingFrames++;
      this.ports.onFrame(frame).finally(() => this.#frameDone());
    }
    if (this.#pendingFrames >= PEER_LINK.maxPendingFrames && this.stream.readStatus === "readable") this.stream.pause();
  }

  #frameDone(): void {
    this.#pendingFrames--;
    if (this.#pendingFrames < PEER_LINK.maxPendingFrames / 2 && this.stream.readStatus === "paused") {
      this.stream.resume();
    }
  }

  /** A stream is half closed when one side is done; a link is of use only while both speak. */
  #remoteEnded(): void {
    if (this.stream.status !== "open") return;
    if (!this.#reader.isBetweenFrames) this.#cut("peer.malformed");
    else this.close();
  }

  #cut(fault: LinkFault): void {
    this.ports.onFault(fault);
    this.abort(new Error(fault));
  }
}
