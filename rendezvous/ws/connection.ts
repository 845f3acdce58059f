/** One WebSocket as a connection of libp2p: bounded in both directions, and cut off when its reader does not read. */
import type { Logger } from "@libp2p/interface";
import { AbstractMultiaddrConnection, type SendResult } from "@libp2p/utils";
import { multiaddr } from "@multiformats/multiaddr";
import type { Uint8ArrayList } from "uint8arraylist";
import { Bucket } from "../bucket.ts";
import type { Clock } from "../clock.ts";
import type { Counters } from "../counters.ts";
import { CONNECTIONS } from "../limits.ts";
import type { RawData, WebSocket } from "./socket.ts";

/** Stands in for every client's address, so that libp2p has none to keep, show or log. */
const SOMEWHERE = multiaddr("/ip4/0.0.0.0/tcp/1/ws");
const OVERSIZED = "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";

export interface SocketInit {
  readonly socket: WebSocket;
  readonly log: Logger;
  readonly clock: Clock;
  readonly counters: Counters;
}

export class SocketConnection extends AbstractMultiaddrConnection {
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #counters: Counters;
  readonly #inbound: Bucket;
  #stalled: (() => void) | null = null;
  #throttled: (() => void) | null = null;

  constructor({ socket, log, clock, counters }: SocketInit) {
    super({
      remoteAddr: SOMEWHERE,
      direction: "inbound",
      log,
      maxReadBufferLength: CONNECTIONS.maxWriteBufferBytes,
      maxWriteBufferLength: CONNECTIONS.maxWriteBufferBytes,
    });
    this.#socket = socket;
    this.#clock = clock;
    this.#counters = counters;
    this.#inbound = new Bucket({ perSecond: CONNECTIONS.bytesPerSecond, burst: CONNECTIONS.burstBytes }, clock.nowMs());
    socket.on("message", (data, isBinary) => this.#receive(data, isBinary));
    socket.on("error", (error: Error & { readonly code?: string }) => {
      counters.count(error.code === OVERSIZED ? "ws.too-large" : "ws.malformed");
      socket.terminate();
    });
    socket.once("close", () => {
      this.#stalled?.();
      this.#throttled?.();
      this.onTransportClosed();
    });
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (!isBinary || !(data instanceof Uint8Array)) {
      this.#counters.count("ws.text-frame");
      this.#socket.terminate();
      return;
    }
    const waitMs = this.#inbound.spend(data.length, this.#clock.nowMs());
    if (waitMs > 0 && this.#throttled === null) {
      this.#socket.pause();
      this.#throttled = this.#clock.after(waitMs, () => {
        this.#throttled = null;
        if (this.readStatus !== "paused") this.#socket.resume();
      });
    }
    try {
      this.onData(data);
    } catch {
      this.#socket.terminate();
    }
  }

  sendData(data: Uint8ArrayList): SendResult {
    this.#socket.send(data.subarray(), () => this.#sent());
    const canSendMore = this.#socket.bufferedAmount < CONNECTIONS.highWaterBytes;
    if (!canSendMore) this.#stalled ??= this.#clock.after(CONNECTIONS.maxStallMs, () => this.#cutOff());
    return { sentBytes: data.byteLength, canSendMore };
  }

  #sent(): void {
    if (this.#stalled === null || this.#socket.bufferedAmount >= CONNECTIONS.highWaterBytes / 2) return;
    this.#stalled();
    this.#stalled = null;
    this.safeDispatchEvent("drain");
  }

  #cutOff(): void {
    this.#counters.count("ws.slow-reader");
    this.#socket.terminate();
  }

  sendReset(): void {
    this.#socket.terminate();
  }

  sendClose(): Promise<void> {
    this.#socket.close();
    return Promise.resolve();
  }

  sendPause(): void {
    this.#socket.pause();
  }

  sendResume(): void {
    if (this.#throttled === null) this.#socket.resume();
  }
}
