/**
 * One simulated history: people who meet by invites, write and call each other, over a network and disks that fail as the
 * seed says; then everything heals, and they must converge.
 */
import type { NodeEvent } from "../../core/node/index.ts";
import { viewOf } from "../../core/node/index.ts";
import { CALM, drawFaults } from "./faults.ts";
import { BrokenInvariant, Invariants } from "./invariants.ts";
import { Network } from "./network.ts";
import { PostOffice } from "./postOffice.ts";
import { Random } from "./random.ts";
import { Schedule } from "./schedule.ts";
import { SimNode } from "./simNode.ts";
import { VoiceBench } from "./voiceBench.ts";

export interface WorldResult {
  readonly seed: number;
  readonly nodes: number;
  readonly steps: number;
  readonly frames: number;
  readonly messages: number;
  readonly rekeys: number;
  readonly deposits: number;
}

export type Trace = (line: string) => void;

const START_MS = Date.UTC(2026, 0, 1, 21);
const CHAOS_MS = 4 * 60_000;
const HEAL_MS = 20 * 60_000;

export class World {
  readonly random: Random;
  readonly schedule: Schedule;
  readonly network: Network;
  readonly invariants = new Invariants();
  readonly voice: VoiceBench;
  readonly office: PostOffice | null;
  readonly nodes: readonly SimNode[];
  #calm = false;
  #wrote = 0;

  /** In two worlds of three a server keeps mail, unless it is said. */
  constructor(readonly seed: number, readonly trace: Trace = () => {}, hasMail = seed % 3 !== 0) {
    this.random = new Random(seed);
    this.schedule = new Schedule(START_MS + this.random.below(6 * 3_600_000));
    this.network = new Network(this.schedule, this.random);
    this.voice = new VoiceBench(this.schedule);
    this.office = hasMail ? new PostOffice(this.network, new Random(seed + 0x10000)) : null;
    const count = 2 + this.random.below(2);
    this.nodes = Array.from({ length: count }, (_, place) => {
      const rng = new Random(this.random.uint32());
      return new SimNode(place, `node ${place}`, this.network, rng, this.#watcher(), this.voice, this.office);
    });
  }

  #watcher() {
    const { invariants } = this;
    return {
      stepped: (node: SimNode, before: SimNode["state"], event: NodeEvent) => {
        this.trace(`${this.#time()} ${node.name} ${event.type}`);
        invariants.stepped(node, before, event);
      },
      committed: invariants.committed.bind(invariants),
      sent: invariants.sent.bind(invariants),
    };
  }

  #time = () => `${((this.schedule.nowMs - START_MS) / 1000).toFixed(3)} s`;

  async run(): Promise<WorldResult> {
    for (const node of this.nodes) {
      await node.start();
      node.receive({ type: "CreateIdentity", name: node.name });
    }
    await this.schedule.runUntil(this.schedule.nowMs + 100);
    this.network.faults = drawFaults(this.random);
    this.#every(() => this.random.between(100, 4_000), () => this.#act());
    this.#every(() => 15_000, () => this.network.poll());
    await this.schedule.runUntil(this.schedule.nowMs + CHAOS_MS);
    await this.#heal();
    await this.#talk();
    return {
      seed: this.seed,
      nodes: this.nodes.length,
      steps: this.nodes.reduce((sum, { steps }) => sum + steps, 0),
      frames: this.network.framesCarried,
      messages: this.invariants.said.size,
      rekeys: this.voice.rekeys,
      deposits: this.office?.deposits ?? 0,
    };
  }

  #every(nextMs: () => number, run: () => void): void {
    this.schedule.after(nextMs(), () => {
      run();
      this.#every(nextMs, run);
    });
  }

  /** Something that a person, a disk, a network or a power cut does. */
  #act(): void {
    if (this.#calm) return;
    const node = this.random.pick(this.nodes)!;
    const dice = this.random.fraction();
    if (dice < 0.6) return this.#write(node);
    if (dice < 0.75) return this.#meet(node);
    if (dice < 0.82) return this.#crash(node);
    if (dice < 0.88) return this.#cutRendezvous();
    if (dice < 0.93) return this.#partition();
    this.#phone(node);
  }

  #write(node: SimNode): void {
    const contact = this.random.pick([...node.state.contacts.values()]);
    if (contact === undefined) return;
    for (let i = this.random.below(4); i >= 0; i--) {
      node.receive({ type: "SendText", contact: contact.id, text: `message ${this.#wrote++} of ${node.name}` });
    }
  }

  /** `node` makes an invite and hands it to another, sometimes to two. */
  #meet(node: SimNode): void {
    const others = this.nodes.filter((other) => other !== node);
    node.receive({ type: "CreateInvite" });
    this.schedule.after(50, () => {
      const open = viewOf(node.state, this.schedule.nowMs).invites.filter(({ state }) => state === "open").at(-1);
      if (open === undefined) return;
      const guests = this.random.chance(0.2) ? others : [this.random.pick(others)!];
      for (const guest of guests) {
        const known = guest.state.contacts.get(node.state.self!.identity.device.user);
        if (known === undefined || known.standing.t === "refused") {
          guest.receive({ type: "AcceptInvite", token: open.token });
        }
      }
    });
  }

  #crash(node: SimNode): void {
    if (!node.isUp) return;
    this.trace(`${this.#time()} ${node.name} crashes`);
    node.crash();
    if (this.random.chance(0.15)) node.loseSessions();
    this.schedule.after(this.random.between(10, 20_000), () => node.start());
  }

  #cutRendezvous(): void {
    if (!this.network.rendezvousUp) return;
    this.#setRendezvous(false);
    if (this.office?.random.chance(0.05)) this.office.loseAll();
    this.schedule.after(this.random.between(100, 30_000), () => this.#setRendezvous(true));
  }

  #setRendezvous(up: boolean): void {
    this.network.setRendezvous(up);
    this.office?.setUp(up);
  }

  #partition(): void {
    const a = this.random.below(this.nodes.length);
    const b = (a + 1) % this.nodes.length;
    this.network.splitPlaces(a, b);
    this.schedule.after(this.random.between(100, 40_000), () => this.network.split.clear());
  }

  #phone(node: SimNode): void {
    const { call } = node.state;
    if (call.type === "incoming") return node.receive({ type: this.random.chance(0.8) ? "AnswerCall" : "DeclineCall" });
    if (call.type !== "idle" && call.type !== "ended") return node.receive({ type: "LeaveCall" });
    const contact = this.random.pick([...node.state.contacts.values()]);
    if (contact !== undefined) node.receive({ type: "StartCall", contact: contact.id });
  }

  /** No more faults: everybody who has somebody to wait for is given a fresh invite if the old one cannot work. */
  async #heal(): Promise<void> {
    this.#calm = true;
    this.network.faults = CALM;
    this.network.split.clear();
    if (!this.network.rendezvousUp) this.#setRendezvous(true);
    await this.schedule.runUntil(this.schedule.nowMs + 60_000);
    for (const node of this.nodes) if (!node.isUp) await node.start();
    for (let round = 0; round < 5 && this.#unsettled().length > 0; round++) {
      for (const { node, contact } of this.#unsettled()) this.#reinvite(node, contact);
      await this.schedule.runUntil(this.schedule.nowMs + HEAL_MS / 5, () => this.#isSettled());
    }
    await this.schedule.runUntil(this.schedule.nowMs + HEAL_MS, () => this.#isSettled());
    this.invariants.converged(this.nodes);
  }

  #unsettled() {
    return this.nodes.flatMap((node) =>
      [...node.state.contacts.values()].filter(({ standing }) => standing.t !== "established").map((contact) => ({
        node,
        contact,
      }))
    );
  }

  #isSettled = (): boolean =>
    this.#unsettled().length === 0 &&
    this.nodes.every(({ state }) => [...state.contacts.values()].every(({ pending }) => pending.length === 0));

  /** What people do when a link no longer works: ask for another. */
  #reinvite(node: SimNode, { id }: { readonly id: string }): void {
    const inviter = this.nodes.find(({ state }) => state.self!.identity.device.user === id)!;
    const standing = node.state.contacts.get(inviter.state.self!.identity.device.user)?.standing;
    if (standing?.t !== "refused") return;
    inviter.receive({ type: "CreateInvite" });
    this.schedule.after(100, () => {
      const open = viewOf(inviter.state, this.schedule.nowMs).invites.filter(({ state }) => state === "open").at(-1);
      if (open !== undefined) node.receive({ type: "AcceptInvite", token: open.token });
    });
  }

  /** Two who know each other talk across two rekeys, and hear each other all the time. */
  async #talk(): Promise<void> {
    const caller = this.nodes.find(({ state }) => state.contacts.size > 0);
    if (caller === undefined) return;
    for (const node of this.nodes) node.receive({ type: "LeaveCall" });
    await this.schedule.runUntil(this.schedule.nowMs + 5_000);
    const contact = [...caller.state.contacts.keys()][0]!;
    const callee = this.nodes.find(({ state }) => state.self!.identity.device.user === contact)!;
    const { heard, silent, rekeys } = this.voice;
    caller.receive({ type: "StartCall", contact });
    await this.schedule.runUntil(this.schedule.nowMs + 2_000);
    callee.receive({ type: "AnswerCall" });
    await this.schedule.runUntil(this.schedule.nowMs + 70_000);
    const voice = this.voice;
    if (voice.silent > silent || voice.heard - heard < 60 || voice.rekeys - rekeys < 4) {
      throw new BrokenInvariant(
        `a calm call was not heard throughout: ${voice.heard - heard} heard, ${voice.silent - silent} silent, ` +
          `${voice.rekeys - rekeys} rekeys, ${caller.state.call.type} / ${callee.state.call.type}`,
      );
    }
  }
}
