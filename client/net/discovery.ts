/** Keeps what the rendezvous knows of us, and what we watch there, equal to the topics that the core wants. */
import type { Connection } from "@libp2p/interface";
import type { PeerId, Topic } from "../../core/ids.ts";
import type { TopicInterest } from "../../core/node/effect.ts";
import { DISCOVERY } from "../limits.ts";
import { Presence, type PresenceFault } from "./presence.ts";
import { updateRegistrations } from "./registration.ts";
import { sameSet, wanted, without } from "./topics.ts";

export interface DiscoveryPorts {
  /** Our signed peer record, for the addresses of now. */
  record(): Promise<Uint8Array>;
  onFound(topic: Topic, peer: PeerId): void;
  onLeft(topic: Topic, peer: PeerId): void;
  onFault(fault: PresenceFault): void;
}

export class Discovery {
  #wanted = wanted([]);
  #session: Session | null = null;

  constructor(private readonly ports: DiscoveryPorts) {}

  /** The whole set, which replaces the one before. */
  setTopics(topics: readonly TopicInterest[]): void {
    this.#wanted = wanted(topics);
    this.#session?.update();
  }

  /** A connection with a reservation stands: everything is told anew. */
  connected(connection: Connection): void {
    this.disconnected();
    this.#session = new Session(connection, this.ports, () => this.#wanted);
    this.#session.update();
  }

  disconnected(): void {
    this.#session?.end();
    this.#session = null;
  }
}

/** One connection's worth of registrations and one presence stream. */
class Session {
  #registered: ReadonlySet<Topic> = new Set();
  #watched: ReadonlySet<Topic> = new Set();
  #presence: Presence | null = null;
  #isRegistering = false;
  #isWatching = false;
  #isEnded = false;
  #renewTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly ports: DiscoveryPorts,
    private readonly goal: () => ReturnType<typeof wanted>,
  ) {}

  update(): void {
    this.#register();
    this.#watch();
  }

  end(): void {
    this.#isEnded = true;
    clearTimeout(this.#renewTimer);
    clearTimeout(this.#retryTimer);
    this.#presence?.close();
  }

  async #register(): Promise<void> {
    if (this.#isRegistering) return;
    this.#isRegistering = true;
    try {
      while (!this.#isEnded && !sameSet(this.#registered, this.goal().registered)) {
        const goal = this.goal().registered;
        const change = { add: without(goal, this.#registered), remove: without(this.#registered, goal) };
        const ttlS = await updateRegistrations(this.connection, await this.ports.record(), change);
        this.#registered = goal;
        if (change.add.length > 0) this.#renewAfter(ttlS * 500);
      }
    } catch {
      this.#retryLater();
    } finally {
      this.#isRegistering = false;
    }
  }

  #renewAfter(delayMs: number): void {
    // The first timer stands: topics that came later are renewed early with the others.
    this.#renewTimer ??= setTimeout(() => {
      this.#renewTimer = undefined;
      this.#registered = new Set();
      this.#register();
    }, delayMs);
  }

  async #watch(): Promise<void> {
    const { watched } = this.goal();
    if (this.#presence !== null) {
      if (!sameSet(watched, this.#watched)) this.#presence.watch(watched);
      this.#watched = watched;
      return;
    }
    if (this.#isWatching || this.#isEnded || watched.size === 0) return;
    this.#isWatching = true;
    try {
      this.#presence = await Presence.open(this.connection, this.ports, watched);
      this.#watched = watched;
      this.#watch();
      await this.#presence.run();
    } catch {
      // What the server broke was counted; either way the stream is gone.
    } finally {
      this.#presence?.close();
      this.#presence = null;
      this.#isWatching = false;
    }
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#isEnded || this.connection.status !== "open") return;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.update(), DISCOVERY.retryMs);
  }
}
