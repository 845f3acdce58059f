/**
 * A device's part in the guild with a driver in virtual time: events one at a time, a `Persist` takes a while and is
 * atomic, nothing after it happens before it is durable, and a crash leaves exactly the durable batches.
 */
import {
  enterGuild,
  liveDeadline,
  type LiveEffect,
  type LiveEvent,
  type LiveGuild,
  liveStep,
  loadGuild,
} from "../../../core/guild/live/index.ts";
import type { LocalDevice } from "../../../core/identity/identity.ts";
import { currentDeals, type Deals, knownDeals } from "../../../core/guild/join/deals.ts";
import type { OpLog } from "../../../core/log/log.ts";
import { MemoryStore } from "../memoryStore.ts";
import type { Random } from "../random.ts";
import type { GuildNet } from "./net.ts";

const MAX_OVERDUE = 300;

export class GuildNode {
  state: LiveGuild;
  store = new MemoryStore();
  isUp = false;
  /** Set back by us to an earlier store: what it says twice is its own misfortune. */
  wasSetBack = false;
  /** Of an invite that is good. */
  hasLink = false;
  /** Raised at each crash: what was scheduled before it no longer counts. */
  private life = 0;
  private queue: LiveEvent[] = [];
  private isBusy = false;
  private wakesAtMs = Infinity;
  private overdue = 0;

  constructor(
    readonly name: string,
    readonly device: LocalDevice,
    log: OpLog,
    deals: Deals,
    readonly net: GuildNet,
    readonly random: Random,
    private readonly watch: (node: GuildNode, event: LiveEvent, before: LiveGuild) => void,
  ) {
    const entered = enterGuild(device, log, deals);
    this.state = entered.state;
    for (const effect of entered.effects) if (effect.type === "Persist") void this.store.write(effect.writes);
  }

  get nowMs(): number {
    return this.net.schedule.nowMs;
  }

  /** Whether a link to the other makes sense, as far as this one knows. */
  welcomes(_other: GuildNode): boolean {
    return true;
  }

  /** [LIVE2] By a secret that is current to the other; who comes as a stranger has a link. */
  provesToBeInvited(to: GuildNode): boolean {
    const known = new Set(knownDeals(this.state.deals));
    return this.hasLink || currentDeals(to.state.deals).some(({ id }) => known.has(id));
  }

  begin(): void {
    this.isUp = true;
    this.receive({ type: "Tick" });
  }

  async start(): Promise<void> {
    const loaded = await loadGuild(this.store, this.state.log.guild, this.device, { nowMs: this.nowMs });
    if (!loaded.ok) throw new Error(`${this.name} cannot load its record ${loaded.key}: ${loaded.reason}`);
    this.state = loaded.value;
    this.begin();
  }

  crash(): void {
    this.life++;
    this.isUp = false;
    this.queue = [];
    this.isBusy = false;
    this.wakesAtMs = Infinity;
    this.net.gone(this);
  }

  setBack(store: MemoryStore): void {
    this.wasSetBack = true;
    this.store = store;
  }

  receive(event: LiveEvent): void {
    if (!this.isUp) return;
    this.queue.push(event);
    this.work();
  }

  protected perform(effect: LiveEffect): void {
    switch (effect.type) {
      case "Persist":
        throw new Error("a Persist effect must be the first");
      case "SendFrame":
        return this.net.send(this, effect.device, effect.frame);
      case "Tell":
        for (const device of effect.devices) this.net.tell(this, device, effect.message);
        return;
      case "Unlink": {
        const other = this.net.linkedTo(this, effect.device);
        return other === undefined ? undefined : this.net.cut(this, other);
      }
      case "ReadContents":
        return this.read(effect.ask, effect.keys);
    }
  }

  /** Without a promise: nothing in a world waits for anything but its schedule. */
  private read(ask: number, keys: readonly string[]): void {
    const { life } = this;
    this.net.schedule.after(this.random.between(0, 5), () => {
      if (life !== this.life) return;
      this.receive({ type: "ContentsRead", ask, records: keys.map((key) => this.store.get(key)) });
    });
  }

  private work(): void {
    while (!this.isBusy && this.isUp) {
      const event = this.queue.shift();
      if (event === undefined) return this.setTimer();
      this.take(event);
    }
  }

  private take(event: LiveEvent): void {
    const before = this.state;
    const { state, effects } = liveStep(before, event, { nowMs: this.nowMs, rng: this.random });
    const [first, ...rest] = effects;
    if (first?.type !== "Persist") {
      this.state = state;
      this.watch(this, event, before);
      for (const effect of effects) this.perform(effect);
      return;
    }
    this.isBusy = true;
    const { life } = this;
    const fails = this.random.chance(this.net.faults.writeFails);
    this.net.schedule.after(this.random.between(0, 8), () => {
      if (life !== this.life) return;
      this.isBusy = false;
      if (!fails) {
        void this.store.write(first.writes);
        this.state = state;
        this.watch(this, event, before);
        for (const effect of rest) this.perform(effect);
      }
      this.work();
    });
  }

  private setTimer(): void {
    const atMs = liveDeadline(this.state);
    this.overdue = atMs !== null && atMs <= this.nowMs ? this.overdue + 1 : 0;
    if (this.overdue > MAX_OVERDUE) throw new Error(`${this.name} ticks without end`);
    if (atMs === null || atMs >= this.wakesAtMs) return;
    const wakesAtMs = Math.max(atMs, this.nowMs + 1);
    this.wakesAtMs = wakesAtMs;
    const { life } = this;
    this.net.schedule.after(wakesAtMs - this.nowMs, () => {
      if (life !== this.life || this.wakesAtMs !== wakesAtMs) return;
      this.wakesAtMs = Infinity;
      this.receive({ type: "Tick" });
    });
  }
}
