/** The one port: HTTP requests to the routes, WebSockets on `/` to libp2p. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createSecureServer, Server as SecureServer } from "node:https";
import type { Duplex } from "node:stream";
import type { Socket } from "node:net";
import { CONNECTIONS, HALF_OPEN, HTTP } from "../limits.ts";
import { type LoadProbe, type WatchedLoad, watchLoad } from "../load.ts";
import { addressPrefix, clientAddress, isNearby, LOOPBACK } from "../prefix.ts";
import type { Service } from "../service.ts";
import type { WebSocket } from "../ws/socket.ts";
import { Sockets } from "../ws/sockets.ts";
import { HalfOpen } from "./halfOpen.ts";
import type { routes } from "./routes.ts";

export interface ListenerInit extends Service {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** PEM; without it plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly isBehindProxy: boolean;
  readonly answer: ReturnType<typeof routes>;
  /** Settles when the handshake on it is done or has failed. `prefix` is that of the client's address. */
  readonly accept: (socket: WebSocket, prefix: string) => Promise<void>;
  /** The process itself unless a test says otherwise. */
  readonly load?: LoadProbe;
}

export interface HttpListener {
  readonly port: number;
  /** Another certificate (PEM), for connections from then on. */
  renew(tls: { readonly cert: string; readonly key: string }): void;
  /** Takes no new clients any more; those that are there are served on. */
  refuse(): void;
  /** Sends all clients away with when to return, and stops listening. */
  stop(): Promise<void>;
}

/** Rejects with the system's error, `EADDRINUSE` for one, when it cannot listen. */
export async function listen(init: ListenerInit): Promise<HttpListener> {
  const server = makeServer(init);
  const watched: WatchedLoad | null = init.load === undefined ? watchLoad(init.clock) : null;
  const sockets = new Sockets({ ...init, load: init.load ?? watched! });
  const halfOpen = new HalfOpen(init, (address) => addressOfProxy(init, address) ?? addressPrefix(address));
  server.maxConnections = CONNECTIONS.max + HALF_OPEN.max;
  server.on(init.tls === null ? "connection" : "secureConnection", (socket: Socket) => halfOpen.add(socket));
  server.on("request", (request, response) => {
    halfOpen.answering(request.socket);
    response.once("close", () => halfOpen.answered(request.socket));
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Uint8Array) => {
    halfOpen.release(request.socket);
    socket.on("error", () => socket.destroy());
    sockets.upgrade(request, socket, head, clientPrefix(init, request));
  });
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
  return {
    port: address.port,
    renew(tls) {
      if (server instanceof SecureServer) server.setSecureContext(tls);
    },
    refuse: () => sockets.refuse(),
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      watched?.stop();
      await sockets.stop();
      server.closeAllConnections();
      await closed;
    },
  };
}

function makeServer(init: ListenerInit): Server {
  const options = {
    maxHeaderSize: HTTP.maxHeaderBytes,
    headersTimeout: HTTP.headersTimeoutMs,
    requestTimeout: HTTP.requestTimeoutMs,
  };
  if (init.tls === null) return createServer(options, init.answer);
  return createSecureServer({ ...options, ...init.tls, handshakeTimeout: HALF_OPEN.tlsHandshakeMs }, init.answer);
}

function clientPrefix({ isBehindProxy }: ListenerInit, request: IncomingMessage): string {
  const forwardedFor = request.headers["x-forwarded-for"]?.toString();
  return addressPrefix(clientAddress(request.socket.remoteAddress ?? "", forwardedFor, isBehindProxy));
}

/** All of a proxy's connections come from one address, so those are not counted by it. */
const addressOfProxy = ({ isBehindProxy }: ListenerInit, address: string): string | null =>
  isBehindProxy && isNearby(address) ? LOOPBACK : null;
