/**
 * Devices of one guild in one process, each with the machine and a store: what one sends waits in a queue until `run`, and
 * the test says what is lost. Every step is taken twice, from a state that cannot be changed, and has to come out the same.
 */
import assert from "node:assert/strict";
import type { Reason } from "../../core/errors.ts";
import { currentDeals, type Deals, knownDeals, NO_DEALS } from "../../core/guild/join/deals.ts";
import {
  enterGuild,
  foundGuild,
  liveDeadline,
  type LiveEffect,
  type LiveEvent,
  type LiveGuild,
  type LiveStep,
  liveStep,
  loadGuild,
} from "../../core/guild/live/index.ts";
import { contentsOf, type ShownContent } from "../../core/guild/live/view.ts";
import { type ChannelId, channelOfOp, type DeviceId, type UserId } from "../../core/ids.ts";
import type { LocalDevice } from "../../core/identity/identity.ts";
import { type LoggedOp, openLog, type OpLog } from "../../core/log/log.ts";
import type { Capability } from "../../core/wire/guildCapability.ts";
import { type Claims, NO_CLAIMS } from "../../core/wire/guildContent.ts";
import type { OpBody } from "../../core/wire/opBody.ts";
import { MemoryStore } from "../sim/memoryStore.ts";
import { Frozen } from "./frozen.ts";
import { everywhere } from "./guild.ts";
import { liveDevice } from "./liveDevice.ts";
import { envOf, must, seededRng, START_MS } from "./world.ts";

export { liveDevice };

export interface Sent {
  readonly kind: "frame" | "told";
  readonly from: string;
  readonly to: string;
  readonly bytes: Uint8Array;
}

/** What was durable, and the state that went with it. */
export interface Saved {
  readonly records: ReadonlyMap<string, Uint8Array>;
  readonly state: LiveGuild;
}

class Player {
  store = new MemoryStore();
  readonly refusals: Reason[] = [];
  readonly saved: Saved[] = [];
  /** Answers of the store that have not come yet. */
  readonly reads: LiveEvent[] = [];

  constructor(readonly name: string, readonly device: LocalDevice, public state: LiveGuild) {}
}

export interface Founding {
  /** Members besides fay, who founds the guild. */
  readonly members?: readonly string[];
  readonly everyone?: readonly Capability[];
}

const MAX_TICKS = 2_000;

export class LiveStage {
  nowMs = START_MS;
  /** All that was ever sent. */
  readonly sent: Sent[] = [];
  queue: Sent[] = [];
  loses: (sent: Sent) => boolean = () => false;
  readonly general: ChannelId;
  /** Its history is given to newcomers. */
  readonly archive: ChannelId;
  private readonly players = new Map<string, Player>();
  private readonly links = new Map<string, Set<string>>();
  private readonly frozen = new Frozen();
  private steps = 0;

  constructor({ members = [], everyone = everywhere("view", "send", "attach") }: Founding = {}) {
    const fay = liveDevice("fay");
    this.play("fay", fay, foundGuild(fay, "guild", everyone, envOf(99)));
    this.general = channelOfOp(this.act("fay", { t: "channel.create", name: "general", kind: "text" }).id);
    this.archive = channelOfOp(this.act("fay", { t: "channel.create", name: "archive", kind: "text" }).id);
    const change = { channel: this.archive, name: "archive", topic: "", position: 1, history: "archive" } as const;
    this.act("fay", { t: "channel.change", ...change });
    for (const name of members) {
      const user = this.userOf(name);
      if (!this.state("fay").ruled.guild.members.has(user)) this.act("fay", { t: "add", user });
    }
    for (const name of members) {
      this.enter(name, this.state("fay").log, this.state("fay").deals);
      this.step(name, { type: "Tick" });
      this.enter("fay", this.state(name).log, this.state("fay").deals);
    }
    const { log, deals } = this.state("fay");
    for (const name of ["fay", ...members]) this.enter(name, log, deals);
  }

  /** A device comes with a log, and with nothing of its own. */
  enter(name: string, log: OpLog, deals: Deals = NO_DEALS): void {
    const device = liveDevice(name);
    this.play(name, device, enterGuild(device, log, deals));
  }

  /** Somebody who knows the guild's name only. */
  enterAlone(name: string): void {
    const [genesis] = this.state("fay").log.ops.values();
    this.enter(name, must(openLog(genesis!.bytes)));
  }

  private play(name: string, device: LocalDevice, step: LiveStep): void {
    const player = new Player(name, device, step.state);
    this.players.set(name, player);
    for (const effect of step.effects) if (effect.type === "Persist") void player.store.write(effect.writes);
  }

  get names(): readonly string[] {
    return [...this.players.keys()];
  }

  player(name: string): Player {
    const player = this.players.get(name);
    if (player === undefined) throw new Error(`nobody here is called ${name}`);
    return player;
  }

  state(name: string): LiveGuild {
    return this.player(name).state;
  }

  userOf(name: string): UserId {
    return liveDevice(name).user;
  }

  idOf(name: string): DeviceId {
    return liveDevice(name).id;
  }

  private nameOf(device: DeviceId): string | undefined {
    return this.names.find((name) => this.idOf(name) === device);
  }

  /** One event, and its effects: what is sent waits for `run`. */
  step(name: string, event: LiveEvent): LiveStep {
    const player = this.player(name);
    const before = player.state;
    // What is worked out from the log remembers what it was asked.
    this.frozen.freeze(before, new Set([before.ruled]));
    const seed = ++this.steps;
    const take = () => liveStep(before, event, { nowMs: this.nowMs, rng: seededRng(seed) });
    const [once, twice] = [take(), take()];
    assert.deepEqual(once.effects, twice.effects, "[LIVE1] the same step comes out differently");
    assert.equal(once.refusal, twice.refusal);
    this.frozen.bytesAreTheSame();
    player.state = twice.state;
    if (twice.refusal !== null) player.refusals.push(twice.refusal);
    for (const [at, effect] of twice.effects.entries()) this.perform(player, effect, at);
    return twice;
  }

  private perform(player: Player, effect: LiveEffect, at: number): void {
    const from = player.name;
    switch (effect.type) {
      case "Persist":
        assert.equal(at, 0, "[LIVE1] something happens before what it rests on is durable");
        void player.store.write(effect.writes);
        player.saved.push({ records: player.store.snapshot(), state: player.state });
        return;
      case "SendFrame":
        return this.post({ kind: "frame", from, to: this.nameOf(effect.device) ?? "nobody", bytes: effect.frame });
      case "Tell":
        for (const device of effect.devices) {
          this.post({ kind: "told", from, to: this.nameOf(device) ?? "nobody", bytes: effect.message });
        }
        return;
      case "Unlink":
        return this.cut(from, this.nameOf(effect.device)!);
      case "ReadContents": {
        const records = effect.keys.map((key) => player.store.get(key));
        player.reads.push({ type: "ContentsRead", ask: effect.ask, records });
      }
    }
  }

  private post(sent: Sent): void {
    this.sent.push(sent);
    this.queue.push(sent);
  }

  /** Until nothing is under way. */
  run(): void {
    for (;;) {
      const reader = [...this.players.values()].find(({ reads }) => reads.length > 0);
      if (reader !== undefined) {
        this.step(reader.name, reader.reads.shift()!);
        continue;
      }
      const next = this.queue.shift();
      if (next === undefined) return;
      if (!this.loses(next)) this.deliver(next);
    }
  }

  deliver({ kind, from, to, bytes }: Sent): void {
    const device = this.idOf(from);
    if (!this.players.has(to)) return;
    if (kind === "told") this.step(to, { type: "ToldBy", device, message: bytes });
    else if (this.isLinked(from, to)) this.step(to, { type: "FrameReceived", device, frame: bytes });
  }

  /** Time goes by, each device ticking when it is due, and all is delivered. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let ticks = 0; ticks < MAX_TICKS; ticks++) {
      this.run();
      const due = this.names.map((name) => [liveDeadline(this.state(name)) ?? Infinity, name] as const);
      const [atMs, name] = due.reduce((a, b) => b[0] < a[0] ? b : a);
      if (atMs > untilMs) {
        this.nowMs = untilMs;
        return;
      }
      this.nowMs = Math.max(this.nowMs, atMs);
      this.step(name, { type: "Tick" });
    }
    throw new Error("somebody ticks without end");
  }

  isLinked(a: string, b: string): boolean {
    return this.links.get(a)?.has(b) === true;
  }

  /** A link stands. By default each proves to be invited that knows a deal which is current to the other. */
  link(a: string, b: string, isInvited?: boolean): void {
    for (const [one, other] of [[a, b], [b, a]] as const) {
      this.links.set(one, new Set(this.links.get(one)).add(other));
    }
    for (const [one, other] of [[a, b], [b, a]] as const) {
      this.step(one, { type: "Linked", device: this.idOf(other), isInvited: isInvited ?? this.provesTo(one, other) });
    }
  }

  private provesTo(one: string, other: string): boolean {
    const known = new Set(knownDeals(this.state(other).deals));
    return currentDeals(this.state(one).deals).some(({ id }) => known.has(id));
  }

  cut(a: string, b: string): void {
    for (const [one, other] of [[a, b], [b, a]] as const) {
      if (this.links.get(one)?.delete(other)) this.step(one, { type: "Unlinked", device: this.idOf(other) });
    }
  }

  cutOff(name: string): void {
    for (const other of [...this.links.get(name) ?? []]) this.cut(name, other);
  }

  /** From its store, or from what that was. */
  async restart(name: string, records = this.player(name).store.snapshot()): Promise<void> {
    this.cutOff(name);
    const player = this.player(name);
    player.store = new MemoryStore(records);
    player.reads.length = 0;
    const { state, device } = player;
    const loaded = await loadGuild(player.store, state.log.guild, device, { nowMs: this.nowMs });
    if (!loaded.ok) throw new Error(`${name} cannot load ${loaded.key}: ${loaded.reason}`);
    player.state = loaded.value;
  }

  say(name: string, text: string, channel = this.general, claims: Claims = NO_CLAIMS): LiveStep {
    return this.step(name, { type: "Say", channel, text, claims });
  }

  /** The op; throws where it is refused or waits. */
  act(name: string, body: OpBody): LoggedOp {
    const { ops } = this.state(name).log;
    const { state, refusal } = this.step(name, { type: "Act", body });
    const made = [...state.log.ops.after(ops.size)][0];
    if (made === undefined) throw new Error(`${name} may not ${body.t}: ${refusal}`);
    return made;
  }

  remove(by: string, name: string): LoggedOp {
    return this.act(by, { t: "remove", user: this.userOf(name), seen: [] });
  }

  contents(name: string, channel = this.general): readonly ShownContent[] {
    return contentsOf(this.state(name), channel);
  }

  /** What is opened, whatever becomes of it, in the order of the screen. */
  texts(name: string, channel = this.general): readonly (string | null)[] {
    return this.contents(name, channel).map(({ text }) => text);
  }

  /** Whose keys are not here. */
  sealedCount(name: string, channel = this.general): number {
    return this.state(name).channels.get(channel)?.sealed.size ?? 0;
  }
}
