/**
 * Keeps us connected to a server: connect, make of the connection what it is held for, and when it is lost all of it again,
 * also when the server came back as another peer. libp2p does none of that by itself.
 */
import type { Connection } from "@libp2p/interface";
import { NET } from "../limits.ts";
import { backoffMs } from "./backoff.ts";
import { cutOff } from "./cutOff.ts";

export type LoopState = "connecting" | "online" | "offline";

export interface LoopPorts {
  /** Connects to the server and learns who it is. */
  dial(signal: AbortSignal): Promise<Connection>;
  /** Makes of a new connection what it is held for. One for which that fails is given up. */
  settle(connection: Connection): Promise<void>;
  isAlive(connection: Connection): Promise<boolean>;
  onState(state: LoopState): void;
  /** Uniform in [0, 1). */
  random(): number;
  /** How long the server asked us to stay away. */
  leastPauseMs?(): number;
}

export class ConnectionLoop {
  /** The connection, while it is what it should be. */
  current: Connection | null = null;
  #isStopped = false;
  #wake = () => {};

  constructor(private readonly ports: LoopPorts) {}

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
      const delayMs = backoffMs(failures++, this.ports.random());
      await this.#pause(Math.max(delayMs, this.ports.leastPauseMs?.() ?? 0));
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
    const connection = await this.ports.dial(AbortSignal.timeout(NET.dialTimeoutMs));
    try {
      await this.ports.settle(connection);
      if (this.#isStopped || connection.status !== "open") throw new Error("the connection is of no use any more");
    } catch (error) {
      cutOff(connection, "it cannot be made what it is for");
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
      if (!await this.ports.isAlive(connection)) cutOff(connection, "the server does not answer");
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
