/**
 * One simulated guild: twenty members and some who come, who write, govern and quarrel, over links and disks that fail as
 * the seed says, with a few who lie; then everything heals, and the honest must agree.
 */
import type { LiveEvent, LiveGuild } from "../../../core/guild/live/index.ts";
import { inviteBody, inviteKeys } from "../../../core/guild/join/inviteKeys.ts";
import { NO_DEALS } from "../../../core/guild/join/deals.ts";
import type { ChannelId, RoleId, UserId } from "../../../core/ids.ts";
import { openLog } from "../../../core/log/log.ts";
import { NO_CLAIMS } from "../../../core/wire/guildContent.ts";
import type { OpBody } from "../../../core/wire/opBody.ts";
import { sameBytes } from "../../../core/wire/bytes.ts";
import { everywhere } from "../../support/guild.ts";
import { must } from "../../support/world.ts";
import { BrokenInvariant } from "../invariants.ts";
import { MemoryStore } from "../memoryStore.ts";
import { Random } from "../random.ts";
import { Schedule } from "../schedule.ts";
import { GuildInvariants } from "./invariants.ts";
import { HostileNode, MALICES } from "./hostile.ts";
import { CALM, drawNetFaults, GuildNet } from "./net.ts";
import { GuildNode } from "./node.ts";
import { comeIn, type Invited } from "./newcomer.ts";
import { further, MEMBERS, NEWCOMERS, OLD_MEMBERS, people, theFounding } from "./people.ts";

export interface GuildResult {
  readonly seed: number;
  readonly steps: number;
  readonly frames: number;
  readonly ops: number;
  readonly contents: number;
  readonly removed: number;
  /** How often somebody was there who was not to open a piece of content. */
  readonly withheld: number;
}

export type Trace = (line: string) => void;

const START_MS = Date.UTC(2026, 0, 1, 12);
const CHAOS_MS = 100_000;
const HEAL_MS = 15 * 60_000;
const CHECK_EVERY_MS = 5_000;
/** Ten times what there is on the average. */
const MAX_STEPS = 100_000;
/** The founder and two with the highest role are honest: a guild whose founder lies is theirs to ruin. */
const FIRST_LIAR = 3;
const LIARS = 0.2;

export class GuildWorld {
  readonly random: Random;
  readonly schedule = new Schedule(START_MS);
  readonly net: GuildNet;
  readonly invariants: GuildInvariants;
  readonly nodes: GuildNode[];
  private isCalm = false;
  private readonly invited: Invited[] = [];
  private said = 0;
  private steps = 0;

  constructor(readonly seed: number, readonly trace: Trace = () => {}) {
    this.random = new Random(seed);
    this.net = new GuildNet(this.schedule, this.random);
    const { log, deals } = theFounding();
    const [genesis] = [...log.ops.values()];
    const alone = must(openLog(genesis!.bytes));
    const make = (at: number, Kind: typeof GuildNode = GuildNode, name = `m${at}`, device = people[at]!) =>
      new Kind(
        name,
        device,
        // Most have been there for a while; some come with nothing but the name of the guild.
        device === people[at] && at < OLD_MEMBERS ? log : alone,
        device === people[at] && at < OLD_MEMBERS ? deals : NO_DEALS,
        this.net,
        new Random(this.random.uint32()),
        (node, event, before) => this.watch(node, event, before),
      );
    const nodes: GuildNode[] = [];
    for (let at = 0; at < MEMBERS; at++) {
      const malice = at >= FIRST_LIAR && this.random.chance(LIARS) ? this.random.pick(MALICES)! : null;
      const node = make(at, malice === null ? GuildNode : HostileNode);
      node.hasLink = at >= OLD_MEMBERS;
      nodes.push(node);
      if (node instanceof HostileNode) node.malice = malice!;
      if (malice === "equivocator") nodes.push(make(at, HostileNode, `m${at} twin`));
    }
    // Some have another device, which nobody has heard of yet.
    for (const [at, device] of further) {
      const node = make(at, GuildNode, `m${at} b`, device);
      node.hasLink = true;
      nodes.push(node);
    }
    this.nodes = nodes;
    this.net.nodes.push(...nodes);
    for (const node of nodes) {
      if (node instanceof HostileNode) node.seen = () => node.random.pick(this.invariants.places);
    }
    this.invariants = new GuildInvariants(nodes.filter((node) => !(node instanceof HostileNode)), [...nodes]);
  }

  private watch(node: GuildNode, event: LiveEvent, before: LiveGuild): void {
    this.trace(`${((this.schedule.nowMs - START_MS) / 1000).toFixed(3)} s ${node.name} ${event.type}`);
    this.invariants.stepped(node, event, before);
    if (++this.steps > MAX_STEPS) throw new BrokenInvariant("the guild talks without end");
  }

  async run(): Promise<GuildResult> {
    for (const node of this.nodes) node.begin();
    this.net.keepDialing();
    await this.schedule.runUntil(this.schedule.nowMs + 5_000);
    this.net.faults = drawNetFaults(this.random);
    this.every(() => this.random.between(300, 4_000), () => this.happen());
    await this.schedule.runUntil(this.schedule.nowMs + CHAOS_MS);
    await this.heal();
    const [first] = this.invariants.members();
    return {
      seed: this.seed,
      steps: this.steps,
      frames: this.net.frames,
      ops: first!.state.log.ops.size,
      contents: this.invariants.saidCount,
      removed: this.invariants.removedCount(),
      withheld: this.invariants.withheldCount,
    };
  }

  private every(nextMs: () => number, run: () => void): void {
    this.schedule.after(nextMs(), () => {
      run();
      this.every(nextMs, run);
    });
  }

  private happen(): void {
    if (this.isCalm) return;
    const luck = this.random.fraction();
    const node = this.random.pick(this.nodes.filter(({ isUp }) => isUp));
    if (node === undefined) return;
    if (luck < 0.58) return this.speak(node);
    if (luck < 0.62) return this.rename(node);
    if (luck < 0.82) return this.govern();
    if (luck < 0.88) return this.crash(node);
    if (luck < 0.9) return this.welcome();
    if (luck < 0.95) return this.split();
    if (luck < 0.965) return this.part(node);
    const backdater = this.random.pick(this.nodes.filter((one) => one instanceof HostileNode));
    if (backdater?.malice === "backdater") backdater.isFrozen = true;
  }

  private speak(node: GuildNode): void {
    const channel = this.random.pick([...node.state.ruled.guild.channels.keys()]);
    if (channel === undefined) return;
    for (let i = this.random.below(3); i >= 0; i--) {
      node.receive({ type: "Say", channel, text: `${this.said++} by ${node.name}`, claims: NO_CLAIMS });
    }
  }

  private rename(node: GuildNode): void {
    const picture = this.random.chance(0.3) ? this.random.bytes(20) : null;
    node.receive({
      type: "SetProfile",
      profile: { name: `${node.name} ${this.random.below(99)}`, status: "", picture },
    });
  }

  private govern(): void {
    const node = this.random.pick(this.nodes.slice(0, 7).filter(({ isUp }) => isUp));
    if (node !== undefined) node.receive({ type: "Act", body: this.whim(node.state) });
  }

  /** Somebody gives up a device, or all of it. */
  private part(node: GuildNode): void {
    const { device: { user, id }, state: { ruled: { guild } } } = node;
    const devices = [...guild.members.get(user)?.devices ?? [id]];
    const isLeaving = this.random.chance(0.3);
    node.receive({
      type: "Act",
      body: isLeaving ? { t: "leave" } : { t: "device.revoke", device: this.random.pick(devices)! },
    });
  }

  private someone(): UserId {
    return this.random.pick(people.slice(1, MEMBERS))!.user;
  }

  private whim(state: LiveGuild): OpBody {
    const { random } = this;
    const { roles, channels } = theFounding();
    const [user, role, channel] = [this.someone(), random.pick(roles)!, random.pick(channels)!];
    const luck = random.fraction();
    if (luck < 0.15) return { t: "remove", user, seen: [] };
    if (luck < 0.25) return { t: "ban", user, seen: [] };
    if (luck < 0.35) return { t: "add", user };
    if (luck < 0.5) return { t: "role.grant", role, user };
    if (luck < 0.6) return { t: "role.revoke", role, user };
    if (luck < 0.7) {
      return { t: "channel.override", channel, subject: { t: "member", user }, allow: [], deny: ["view"] };
    }
    if (luck < 0.8) {
      return { t: "channel.override", channel, subject: { t: "member", user }, allow: ["view"], deny: [] };
    }
    if (luck < 0.85) return { t: "unban", user };
    if (luck < 0.9) return { t: "channel.create", name: `room ${random.below(9)}`, kind: "text" };
    if (luck < 0.97) return { t: "settings", name: `name ${random.below(99)}`, icon: null };
    return this.rareWhim(role, random.pick([...state.ruled.guild.channels.keys()]) ?? channel, state);
  }

  private rareWhim(role: RoleId, channel: ChannelId, { ruled: { guild } }: LiveGuild): OpBody {
    const { random } = this;
    const luck = random.below(5);
    const [invite] = guild.invites.keys();
    if (luck === 0) {
      const history = random.chance(0.5) ? "archive" : "none";
      return { t: "channel.change", channel, name: `room ${random.below(9)}`, topic: "", position: 1, history };
    }
    if (luck === 1) return { t: "channel.delete", channel };
    if (luck === 2) return { t: "role.delete", role };
    if (luck === 3 && invite !== undefined) return { t: "invite.revoke", invite };
    const capabilities = everywhere("view", "send", random.chance(0.5) ? "invite" : "attach");
    return { t: "role.change", role, name: "fewer", rank: 6, capabilities };
  }

  private crash(node: GuildNode): void {
    this.trace(`${node.name} crashes`);
    const older = this.random.chance(0.2) ? new MemoryStore(node.store.snapshot()) : null;
    if (older !== null) {
      // What is written from now on will have been lost.
      this.schedule.after(this.random.between(5_000, 40_000), () => {
        if (this.isCalm) return;
        node.crash();
        node.setBack(older);
        this.schedule.after(this.random.between(10, 20_000), () => node.isUp ? undefined : node.start());
      });
      return;
    }
    node.crash();
    this.schedule.after(this.random.between(10, 20_000), () => node.isUp ? undefined : node.start());
  }

  /** Somebody opens a link that was made before, or a link is made. */
  private welcome(): void {
    const at = this.nodes.filter(({ name }) => name.startsWith("n")).length;
    const invited = this.random.pick(this.invited);
    const by = this.random.pick(this.invariants.members());
    if (by === undefined) return;
    if (invited === undefined || at === NEWCOMERS) return this.invite(by);
    const device = people[MEMBERS + at]!;
    const env = { nowMs: this.schedule.nowMs, rng: this.random };
    const came = comeIn(device, invited, by, env);
    if (came === null) return;
    const node = new GuildNode(
      `n${at}`,
      device,
      came.log,
      came.deals,
      this.net,
      new Random(this.random.uint32()),
      (...step) => this.watch(...step),
    );
    for (const list of [this.nodes, this.net.nodes, this.invariants.nodes, this.invariants.all]) list.push(node);
    node.begin();
    // The keeper gives the page to whoever looks.
    for (const other of this.nodes) {
      this.schedule.after(this.random.between(100, 60_000), () => other.receive({ type: "PageCame", page: came.page }));
    }
  }

  private invite(by: GuildNode): void {
    const secret = this.random.bytes(32);
    const body = inviteBody(inviteKeys(secret), { maxUses: null, expiresAtMs: null });
    by.receive({ type: "Act", body });
    this.schedule.after(1_000, () => {
      const made = [...by.state.log.ops.values()].find((op) =>
        op.body.t === "invite" && sameBytes(op.body.key, body.key)
      );
      if (made !== undefined) this.invited.push({ invite: made.id, secret });
    });
  }

  private split(): void {
    this.net.split(2 + this.random.below(3));
    this.schedule.after(this.random.between(1_000, 60_000), () => this.net.heal());
  }

  private async heal(): Promise<void> {
    this.isCalm = true;
    this.net.faults = CALM;
    this.net.heal();
    await this.schedule.runUntil(this.schedule.nowMs + 60_000);
    for (const node of this.nodes) if (!node.isUp) await node.start();
    const untilMs = this.schedule.nowMs + HEAL_MS;
    let differing = "never looked";
    while (this.schedule.nowMs < untilMs) {
      await this.schedule.runUntil(this.schedule.nowMs + CHECK_EVERY_MS);
      // Few read some channels: in the end each of them has to meet another.
      this.net.degree = Math.min(this.nodes.length, this.net.degree + 3);
      differing = this.invariants.difference() ?? "";
      if (differing === "") return this.invariants.converged();
    }
    throw new BrokenInvariant(`the guild did not settle: ${differing}`);
  }
}
