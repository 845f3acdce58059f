/**
 * Keeps us connected to the rendezvous and reachable through it: connect, reserve, and when the connection is lost all of
 * it again, also when the server came back as another peer. libp2p does none of that by itself.
 */
import type { Connection } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import { NET } from "../limits.ts";
import { listenAddress } from "./address.ts";
import { backoffMs } from "./backoff.ts";

export type RendezvousState = "connecting" | "online" | "offline";

export interface LoopPorts {
  /** Connects to the server and learns who it is. */
  dial(server: Multiaddr, signal: AbortSignal): Promise<Connection>;
  /** Gives up what was reserved before, and reserves with this relay. */
  reserve(address: Multiaddr): Promise<void>;
  isAlive(connection: Connection): Promise<boolean>;
  onState(state: RendezvousState): void;
  /** Uniform in [0, 1). */
  random(): number;
}

export class RendezvousLoop {
  /** The connection with a reservation, while there is one. */
  current: Connection | null = null;
  #isStopped = false;
  #wake = () => {};

  constructor(readonly server: Multiaddr, private readonly ports: LoopPorts) {}

  /** Runs until `stop`. */
  async run(): Promise<void> {
    let failures = 0;
    this.ports.onState("connecting");
    while (!this.#isStopped) {
      try {
        const connection = await this.#attempt();
        failures = 0;
        await this.#untilLost(connection);
        this.current = null;
        if (this.#isStopped) return;
        this.ports.onState("connecting");
      } catch {
        this.current = null;
        this.ports.onState("offline");
      }
      await this.#pause(backoffMs(failures++, this.ports.random()));
    }
  }

  /** The network is back, or the page: try at once, and see whether what we hold is still alive. */
  retryNow(): void {
    this.#wake();
  }

  stop(): void {
    this.#isStopped = true;
    this.current = null;
    this.#wake();
  }

  async #attempt(): Promise<Connection> {
    const connection = await this.ports.dial(this.server, AbortSignal.timeout(NET.dialTimeoutMs));
    try {
      await this.ports.reserve(listenAddress(this.server, connection.remotePeer.toString()));
      if (connection.status !== "open") throw new Error("the server closed the connection");
    } catch (error) {
      connection.abort(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
    this.current = connection;
    this.ports.onState("online");
    return connection;
  }

  async #untilLost(connection: Connection): Promise<void> {
    const lost = closed(connection);
    while (connection.status === "open") {
      await Promise.race([lost, this.#pause(NET.pingIntervalMs)]);
      this.#wake();
      if (this.#isStopped || connection.status !== "open") return;
      if (!await this.ports.isAlive(connection)) connection.abort(new Error("the server does not answer"));
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function closed(connection: Connection): Promise<void> {
  return new Promise((resolve) => {
    if (connection.status !== "open") return resolve();
    connection.addEventListener("close", () => resolve(), { once: true });
  });
}
