/** The one port: HTTP requests to the routes, WebSockets on `/` to libp2p. */
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Duplex } from "node:stream";
import { Buckets } from "../bucket.ts";
import { CONNECTIONS, HTTP, RATE } from "../limits.ts";
import { addressPrefix, clientAddress, LOOPBACK } from "../prefix.ts";
import type { Service } from "../service.ts";
import { every } from "../clock.ts";
import { type WebSocket, WebSocketServer } from "../ws/socket.ts";
import type { routes } from "./routes.ts";

export interface ListenerInit extends Service {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** PEM; without it plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly isBehindProxy: boolean;
  readonly answer: ReturnType<typeof routes>;
  /** `prefix` is that of the client's address. */
  readonly accept: (socket: WebSocket, prefix: string) => void;
}

export interface HttpListener {
  readonly port: number;
  stop(): Promise<void>;
}

/** Rejects with the system's error, `EADDRINUSE` for one, when it cannot listen. */
export async function listen(init: ListenerInit): Promise<HttpListener> {
  const options = {
    maxHeaderSize: HTTP.maxHeaderBytes,
    headersTimeout: HTTP.headersTimeoutMs,
    requestTimeout: HTTP.requestTimeoutMs,
  };
  const server = init.tls === null
    ? createServer(options, init.answer)
    : createSecureServer({ ...options, ...init.tls }, init.answer);
  const sockets = new Sockets(init);
  server.on("upgrade", (request, socket, head) => sockets.upgrade(request, socket, head));
  server.on("clientError", (_error, socket) => {
    init.counters.count("http.bad-request");
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(init.port, init.host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("listening on no port");
  return { port: address.port, stop: () => stop(server, sockets) };
}

async function stop(server: Server, sockets: Sockets): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  sockets.terminateAll();
  server.closeAllConnections();
  await closed;
}

type Refusal = "ws.wrong-path" | "ws.server-full" | "ws.prefix-full" | "ws.flood";

/** The open WebSockets: counted by address prefix, pinged, and all of them closed at the end. */
class Sockets {
  readonly #init: ListenerInit;
  readonly #upgrader = new WebSocketServer({
    noServer: true,
    maxPayload: CONNECTIONS.maxMessageBytes,
    perMessageDeflate: false,
    clientTracking: false,
  });
  readonly #alive = new Map<WebSocket, boolean>();
  readonly #perPrefix = new Map<string, number>();
  readonly #opens = new Buckets(
    { perSecond: CONNECTIONS.opensPerSecond, burst: CONNECTIONS.openBurst },
    RATE.maxPrefixes,
  );
  readonly #stopPings: () => void;

  constructor(init: ListenerInit) {
    this.#init = init;
    this.#stopPings = every(init.clock, CONNECTIONS.pingIntervalMs, () => this.#ping());
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    const { counters, isBehindProxy } = this.#init;
    const forwardedFor = request.headers["x-forwarded-for"]?.toString();
    const prefix = addressPrefix(clientAddress(request.socket.remoteAddress ?? "", forwardedFor, isBehindProxy));
    socket.on("error", () => socket.destroy());
    const refusal = this.#refusal(request.url ?? "", prefix);
    if (refusal !== null) {
      counters.count(refusal);
      socket.end(`HTTP/1.1 ${refusal === "ws.wrong-path" ? "404 Not Found" : "503 Service Unavailable"}\r\n\r\n`);
      return;
    }
    this.#upgrader.handleUpgrade(request, socket, Buffer.from(head), (webSocket) => this.#open(webSocket, prefix));
  }

  #refusal(url: string, prefix: string): Refusal | null {
    if (url.split("?", 1)[0] !== "/") return "ws.wrong-path";
    if (this.#alive.size >= CONNECTIONS.max) return "ws.server-full";
    if (prefix === LOOPBACK) return null;
    if ((this.#perPrefix.get(prefix) ?? 0) >= CONNECTIONS.maxPerPrefix) return "ws.prefix-full";
    return this.#opens.take(prefix, this.#init.clock.nowMs()) ? null : "ws.flood";
  }

  #open(socket: WebSocket, prefix: string): void {
    this.#init.counters.count("ws.accepted");
    this.#alive.set(socket, true);
    this.#perPrefix.set(prefix, (this.#perPrefix.get(prefix) ?? 0) + 1);
    socket.on("pong", () => this.#alive.set(socket, true));
    socket.once("close", () => {
      this.#alive.delete(socket);
      const left = this.#perPrefix.get(prefix)! - 1;
      if (left === 0) this.#perPrefix.delete(prefix);
      else this.#perPrefix.set(prefix, left);
    });
    this.#init.accept(socket, prefix);
  }

  #ping(): void {
    for (const [socket, isAlive] of this.#alive) {
      if (!isAlive) {
        this.#init.counters.count("ws.vanished");
        socket.terminate();
        continue;
      }
      this.#alive.set(socket, false);
      socket.ping();
    }
  }

  terminateAll(): void {
    this.#stopPings();
    for (const socket of this.#alive.keys()) socket.terminate();
  }
}
