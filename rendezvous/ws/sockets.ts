/** The open WebSockets: taken or turned away, counted by address prefix, pinged, and told when to return at the end. */
import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { closeReason, SOCKET_CLOSE } from "../../core/wire/socketClose.ts";
import { Buckets } from "../bucket.ts";
import { every } from "../clock.ts";
import type { CounterName } from "../counters.ts";
import { CONNECTIONS, RATE, SHEDDING, STOPPING } from "../limits.ts";
import { type LoadProbe, shedding } from "../load.ts";
import { LOOPBACK } from "../prefix.ts";
import { randomReturnS } from "../retry.ts";
import type { Service } from "../service.ts";
import { type WebSocket, WebSocketServer } from "./socket.ts";

export interface SocketsInit extends Service {
  readonly load: LoadProbe;
  /** Settles when its handshake is done or has failed: until then it counts as pending. `prefix` is of its address. */
  readonly accept: (socket: WebSocket, prefix: string) => Promise<void>;
}

type Refusal = Extract<CounterName, `ws.${string}`>;

/** A second each, where the interval is 25. */
const PING_TURNS = 25;

interface Held {
  isAlive: boolean;
}

export class Sockets {
  readonly #init: SocketsInit;
  readonly #upgrader = new WebSocketServer({
    noServer: true,
    maxPayload: CONNECTIONS.maxMessageBytes,
    perMessageDeflate: false,
    clientTracking: false,
  });
  readonly #open = new Set<WebSocket>();
  readonly #perPrefix = new Counts();
  readonly #pendingPerPrefix = new Counts();
  readonly #telling = new Set<WebSocket>();
  readonly #opens = new Buckets(
    { perSecond: CONNECTIONS.opensPerSecond, burst: CONNECTIONS.openBurst },
    RATE.maxPrefixes,
  );
  /** Who is pinged in which part of the interval: all at once would hold everybody up. */
  readonly #turns = Array.from({ length: PING_TURNS }, () => new Map<WebSocket, Held>());
  readonly #stopPings: () => void;
  #turn = 0;
  #isStopping = false;

  constructor(init: SocketsInit) {
    this.#init = init;
    this.#stopPings = every(init.clock, CONNECTIONS.pingIntervalMs / PING_TURNS, () => this.#ping());
  }

  /** Makes a WebSocket of it, or says when to come again. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array, prefix: string): void {
    const refusal = this.#refusal(request.url ?? "", prefix);
    if (refusal === null) {
      this.#upgrader.handleUpgrade(request, socket, Buffer.from(head), (webSocket) => this.#take(webSocket, prefix));
      return;
    }
    this.#init.counters.count(refusal);
    if (refusal === "ws.wrong-path") return void socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    const retryAfterS = this.#isStopping ? this.#returnS() : randomReturnS(SHEDDING.maxRetryS);
    // A page cannot see a status, only how a WebSocket was closed; and only pages name where they come from.
    if (request.headers.origin === undefined || this.#telling.size >= SHEDDING.maxTelling) {
      socket.end(
        `HTTP/1.1 503 Service Unavailable\r\nRetry-After: ${retryAfterS}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
      return;
    }
    this.#upgrader.handleUpgrade(request, socket, Buffer.from(head), (webSocket) => {
      this.#tell(webSocket, SOCKET_CLOSE.full, retryAfterS);
    });
  }

  #refusal(url: string, prefix: string): Refusal | null {
    if (url.split("?", 1)[0] !== "/") return "ws.wrong-path";
    if (this.#isStopping) return "ws.stopping";
    if (this.#open.size >= CONNECTIONS.max) return "ws.server-full";
    const shed = shedding(this.#init.load, this.#pendingPerPrefix.total);
    if (shed !== null || prefix === LOOPBACK) return shed;
    if (this.#perPrefix.of(prefix) >= CONNECTIONS.maxPerPrefix) return "ws.prefix-full";
    if (this.#pendingPerPrefix.of(prefix) >= CONNECTIONS.maxPendingPerPrefix) return "ws.prefix-pending";
    return this.#opens.take(prefix, this.#init.clock.nowMs()) ? null : "ws.flood";
  }

  #take(socket: WebSocket, prefix: string): void {
    this.#init.counters.count("ws.accepted");
    const held: Held = { isAlive: true };
    const turn = this.#turns[this.#turn]!;
    turn.set(socket, held);
    this.#open.add(socket);
    this.#perPrefix.add(prefix, 1);
    this.#pendingPerPrefix.add(prefix, 1);
    socket.on("pong", () => held.isAlive = true);
    socket.once("close", () => {
      turn.delete(socket);
      this.#open.delete(socket);
      this.#perPrefix.add(prefix, -1);
    });
    this.#init.accept(socket, prefix).finally(() => this.#pendingPerPrefix.add(prefix, -1));
  }

  /** Closes it with when to return, and by force where that is not answered. */
  #tell(socket: WebSocket, code: number, retryAfterS: number): void {
    this.#init.counters.count("ws.told-to-return");
    this.#telling.add(socket);
    socket.on("error", () => socket.terminate());
    const cancel = this.#init.clock.after(SHEDDING.maxTellingMs, () => socket.terminate());
    socket.once("close", () => {
      cancel();
      this.#telling.delete(socket);
    });
    socket.close(code, closeReason(retryAfterS));
  }

  #ping(): void {
    this.#turn = (this.#turn + 1) % PING_TURNS;
    for (const [socket, held] of this.#turns[this.#turn]!) {
      if (!held.isAlive) {
        this.#init.counters.count("ws.vanished");
        socket.terminate();
        continue;
      }
      held.isAlive = false;
      socket.ping();
    }
  }

  /** From now on whoever comes is turned away. */
  refuse(): void {
    this.#isStopping = true;
  }

  /** Asks every client to come back in its own second, waits a little for their answers, and closes the rest. */
  async stop(): Promise<void> {
    this.refuse();
    this.#stopPings();
    const sockets = [...this.#open, ...this.#telling];
    const spreadS = this.#spreadS();
    const closed = Promise.all(sockets.map((socket) => {
      const closing = new Promise((resolve) => socket.once("close", resolve));
      if (!this.#telling.has(socket)) {
        socket.close(SOCKET_CLOSE.restarting, closeReason(randomReturnS(spreadS)));
      }
      return closing;
    }));
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, STOPPING.closingMs);
    await Promise.race([closed, late.promise]);
    clearTimeout(timer);
    for (const socket of sockets) socket.terminate();
  }

  #spreadS(): number {
    return Math.max(STOPPING.minReturnS, Math.ceil(this.#open.size / STOPPING.returnsPerSecond));
  }

  #returnS(): number {
    return randomReturnS(this.#spreadS());
  }
}

/** How many of each, only what is above zero. */
class Counts {
  readonly #counts = new Map<string, number>();
  total = 0;

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: string, delta: number): void {
    const count = this.of(key) + delta;
    this.total += delta;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}
