/**
 * A transport of libp2p that only listens, over WebSockets that our own HTTP server accepted: the stock one cannot share
 * a port with anything else.
 */
import {
  type ComponentLogger,
  type Connection,
  type CreateListenerOptions,
  type Listener,
  type ListenerEvents,
  type Transport,
  transportSymbol,
  TypedEventEmitter,
  type Upgrader,
} from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import type { WebSocket } from "./socket.ts";
import type { Clock } from "../clock.ts";
import type { Counters } from "../counters.ts";
import { CONNECTIONS } from "../limits.ts";
import { Origins } from "../origins.ts";
import { SocketConnection } from "./connection.ts";

export class SocketTransport implements Transport {
  readonly [transportSymbol] = true as const;
  readonly [Symbol.toStringTag] = "securecomm/ws-accept";
  readonly #clock: Clock;
  readonly #counters: Counters;
  readonly #logger: ComponentLogger;
  readonly origins = new Origins();
  readonly #handshakes = new Set<AbortController>();
  /** By the one object that a socket shares with the connection that libp2p makes of it. */
  readonly #sockets = new WeakMap<object, SocketConnection>();
  #upgrader: Upgrader | null = null;

  constructor(logger: ComponentLogger, clock: Clock, counters: Counters) {
    this.#logger = logger;
    this.#clock = clock;
    this.#counters = counters;
  }

  /** Hands libp2p a socket whose HTTP upgrade is done, but not from where it comes. */
  async accept(socket: WebSocket, prefix: string): Promise<void> {
    if (this.#upgrader === null) return socket.terminate();
    const log = this.#logger.forComponent("ws");
    const connection = new SocketConnection({ socket, log, clock: this.#clock, counters: this.#counters });
    this.origins.remember(connection, prefix);
    this.#sockets.set(connection.timeline, connection);
    const handshake = new AbortController();
    const cancel = this.#clock.after(CONNECTIONS.upgradeTimeoutMs, () => {
      this.#counters.count("ws.slow-handshake");
      handshake.abort();
    });
    this.#handshakes.add(handshake);
    try {
      await this.#upgrader.upgradeInbound(connection, { signal: handshake.signal });
      this.#counters.count("libp2p.connection");
    } catch (error) {
      this.#counters.count("ws.upgrade-failed");
      connection.abort(error instanceof Error ? error : new Error("upgrade failed"));
    } finally {
      cancel();
      this.#handshakes.delete(handshake);
    }
  }

  /** When the last bytes came from the peer of a connection that was accepted here. */
  heardAtMs({ timeline }: Pick<Connection, "timeline">): number {
    return this.#sockets.get(timeline)?.heardAtMs ?? 0;
  }

  createListener({ upgrader }: CreateListenerOptions): Listener {
    return new SocketListener(
      () => this.#upgrader = upgrader,
      () => {
        this.#upgrader = null;
        for (const handshake of this.#handshakes) handshake.abort();
      },
    );
  }

  dial(): Promise<Connection> {
    return Promise.reject(new Error("the rendezvous dials nobody"));
  }

  listenFilter(addresses: Multiaddr[]): Multiaddr[] {
    return addresses;
  }

  dialFilter(): Multiaddr[] {
    return [];
  }
}

class SocketListener extends TypedEventEmitter<ListenerEvents> implements Listener {
  readonly #open: () => void;
  readonly #shut: () => void;
  #address: Multiaddr | null = null;

  constructor(open: () => void, shut: () => void) {
    super();
    this.#open = open;
    this.#shut = shut;
  }

  listen(address: Multiaddr): Promise<void> {
    this.#address = address;
    this.#open();
    this.safeDispatchEvent("listening");
    return Promise.resolve();
  }

  getAddrs(): Multiaddr[] {
    return this.#address === null ? [] : [this.#address];
  }

  updateAnnounceAddrs(): void {}

  close(): Promise<void> {
    this.#shut();
    this.safeDispatchEvent("close");
    return Promise.resolve();
  }
}
