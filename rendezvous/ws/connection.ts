/** One WebSocket as a connection of libp2p: bounded in both directions, and cut off when its reader does not read. */
import { setImmediate } from "node:timers";
import type { Logger } from "@libp2p/interface";
import { AbstractMultiaddrConnection, type SendResult } from "@libp2p/utils";
import { multiaddr } from "@multiformats/multiaddr";
import { Uint8ArrayList } from "uint8arraylist";
import { Bucket } from "../bucket.ts";
import type { Clock } from "../clock.ts";
import type { Counters } from "../counters.ts";
import { CONNECTIONS } from "../limits.ts";
import type { RawData, WebSocket } from "./socket.ts";

/** Stands in for every client's address, so that libp2p has none to keep, show or log. */
const SOMEWHERE = multiaddr("/ip4/0.0.0.0/tcp/1/ws");
const INBOUND_RATE = { perSecond: CONNECTIONS.bytesPerSecond, burst: CONNECTIONS.burstBytes } as const;
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
  /** What was sent in this turn of the event loop: it goes out as one message, by one call of the system. */
  readonly #outgoing = new Uint8ArrayList();
  heardAtMs: number;
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
    this.heardAtMs = clock.nowMs();
    this.#inbound = new Bucket(INBOUND_RATE, this.heardAtMs);
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
    this.heardAtMs = this.#clock.nowMs();
    const waitMs = this.#inbound.spend(data.length, this.heardAtMs);
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
    if (this.#outgoing.byteLength === 0) setImmediate(() => this.#flush());
    this.#outgoing.append(data);
    if (this.#outgoing.byteLength >= CONNECTIONS.maxSentMessageBytes) this.#flush();
    const waitingBytes = this.#socket.bufferedAmount + this.#outgoing.byteLength;
    const canSendMore = waitingBytes < CONNECTIONS.highWaterBytes;
    if (!canSendMore) this.#stalled ??= this.#clock.after(CONNECTIONS.maxStallMs, () => this.#cutOff());
    return { sentBytes: data.byteLength, canSendMore };
  }

  #flush(): void {
    if (this.#outgoing.byteLength === 0) return;
    const message = this.#outgoing.subarray();
    this.#outgoing.consume(message.length);
    this.#socket.send(message, () => this.#sent());
  }

  #sent(): void {
    const waitingBytes = this.#socket.bufferedAmount + this.#outgoing.byteLength;
    if (this.#stalled === null || waitingBytes >= CONNECTIONS.highWaterBytes / 2) return;
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
    this.#flush();
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
