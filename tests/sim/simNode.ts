/**
 * A node with a driver in virtual time: events are taken one at a time, a `Persist` takes a while and is atomic, nothing
 * after it happens before it is durable, and a crash at any moment leaves exactly the durable batches.
 */
import { type PeerId, peerId } from "../../core/ids.ts";
import {
  deadline,
  EMPTY_STATE,
  loadNode,
  type NodeEffect,
  type NodeEvent,
  type NodeState,
  step,
} from "../../core/node/index.ts";
import type { RecordWrite } from "../../core/ports.ts";
import { MemoryStore } from "./memoryStore.ts";
import type { Network, Station } from "./network.ts";
import { isMailEffect, type PostOffice } from "./postOffice.ts";
import type { Random } from "./random.ts";
import type { VoiceBench } from "./voiceBench.ts";

export interface Watcher {
  stepped(node: SimNode, before: NodeState, event: NodeEvent): void;
  committed(node: SimNode, writes: readonly RecordWrite[]): void;
  sent(node: SimNode, frame: Uint8Array): void;
}

const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** Times in a row that a node still wants a tick after one: it does in one what it can, so more means that it is stuck. */
const MAX_OVERDUE = 300;

export class SimNode implements Station {
  state: NodeState = EMPTY_STATE;
  store = new MemoryStore();
  peer: PeerId;
  isUp = false;
  steps = 0;
  /** Raised at each crash: what was scheduled before it no longer counts. */
  #life = 0;
  #queue: NodeEvent[] = [];
  #busy = false;
  #wakesAtMs = Infinity;
  #overdue = 0;

  constructor(
    readonly place: number,
    readonly name: string,
    readonly network: Network,
    readonly random: Random,
    readonly watcher: Watcher,
    readonly voice: VoiceBench,
    /** `null` where no server keeps mail. */
    readonly office: PostOffice | null,
  ) {
    this.peer = this.#freshPeer();
  }

  async start(): Promise<void> {
    const loaded = await loadNode(this.store);
    if (!loaded.ok) throw new Error(`${this.name} cannot load its record ${loaded.key}: ${loaded.reason}`);
    this.state = loaded.value;
    this.peer = this.#freshPeer();
    this.isUp = true;
    this.network.join(this);
    this.office?.offer(this);
  }

  /** At once, in the middle of anything. */
  crash(): void {
    this.#life++;
    this.isUp = false;
    this.#queue = [];
    this.#busy = false;
    this.#wakesAtMs = Infinity;
    this.voice.gone(this);
    this.office?.gone(this);
    this.network.leave(this.peer);
  }

  /** As after a disk that lost some of its records. */
  loseSessions(): void {
    void this.store.write([{ key: "session/", value: null }]);
  }

  receive(event: NodeEvent): void {
    if (!this.isUp) return;
    this.#queue.push(event);
    this.#work();
  }

  #work(): void {
    while (!this.#busy && this.isUp) {
      const event = this.#queue.shift();
      if (event === undefined) return this.#setTimer();
      this.#take(event);
    }
  }

  #take(event: NodeEvent): void {
    const before = this.state;
    const { state, effects } = step(before, event, { nowMs: this.network.schedule.nowMs, rng: this.random });
    this.steps++;
    const [first, ...rest] = effects;
    if (first?.type !== "Persist") {
      this.state = state;
      this.watcher.stepped(this, before, event);
      return this.#run(effects);
    }
    this.#busy = true;
    const life = this.#life;
    const fails = this.random.chance(this.network.faults.writeFails);
    this.network.schedule.after(this.random.between(0, 8), () => {
      if (life !== this.#life) return;
      this.#busy = false;
      if (!fails) {
        void this.store.write(first.writes);
        this.state = state;
        this.watcher.committed(this, first.writes);
        this.watcher.stepped(this, before, event);
        this.#run(rest);
      }
      this.#work();
    });
  }

  #run(effects: readonly NodeEffect[]): void {
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: NodeEffect): void {
    switch (effect.type) {
      case "Persist":
        throw new Error("a Persist effect must be the first");
      case "SetTopics":
        return this.network.setTopics(this.peer, effect.topics);
      case "AllowDirect":
        return this.network.allowDirect(this.peer, effect.peers);
      case "OpenLink":
        if (effect.route === "direct" && !this.network.isAllowed(this.peer, effect.peer)) {
          throw new Error(`${this.name} dials a peer directly that it does not allow`);
        }
        return this.network.open(this, effect.peer, effect.route);
      case "SendFrame":
        this.watcher.sent(this, effect.frame);
        return this.network.send(this.peer, effect.link, effect.frame);
      case "CloseLink":
        return this.network.close(this.peer, effect.link);
      case "LoadEarlier": {
        const { contact, prefix, beforeKey, limit } = effect;
        void this.store.read(prefix, { before: beforeKey, limit }).then((records) =>
          this.receive({ type: "EarlierLoaded", contact, records: records.map(({ value }) => value) })
        );
        return;
      }
      default:
        return isMailEffect(effect) ? this.office?.perform(this, effect) : this.voice.perform(this, effect);
    }
  }

  #setTimer(): void {
    const atMs = deadline(this.state);
    const { schedule } = this.network;
    this.#overdue = atMs !== null && atMs <= schedule.nowMs ? this.#overdue + 1 : 0;
    if (this.#overdue > MAX_OVERDUE) throw new Error(`${this.name} ticks without end`);
    if (atMs === null || atMs >= this.#wakesAtMs) return;
    const wakesAtMs = Math.max(atMs, schedule.nowMs + 1);
    this.#wakesAtMs = wakesAtMs;
    const life = this.#life;
    schedule.after(wakesAtMs - schedule.nowMs, () => {
      if (life !== this.#life || this.#wakesAtMs !== wakesAtMs) return;
      this.#wakesAtMs = Infinity;
      this.receive({ type: "Tick" });
    });
  }

  #freshPeer(): PeerId {
    const text = `12D3Koo${Array.from(this.random.bytes(40), (byte) => ALPHABET[byte % ALPHABET.length]).join("")}`;
    const made = peerId(text);
    if (!made.ok) throw new Error("a made-up peer id has the wrong form");
    return made.value;
  }
}
