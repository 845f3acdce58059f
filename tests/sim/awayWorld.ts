/**
 * A simulated history of people who are never there at once: one is up at a time, meets the others by their links, writes
 * and leaves. All that brings them together is the server that keeps mail; connections to it fail, and devices crash.
 */
import { viewOf } from "../../core/node/index.ts";
import { CALM, type Faults } from "./faults.ts";
import { Invariants } from "./invariants.ts";
import { Network } from "./network.ts";
import { PostOffice } from "./postOffice.ts";
import { Random } from "./random.ts";
import { Schedule } from "./schedule.ts";
import { SimNode } from "./simNode.ts";
import { VoiceBench } from "./voiceBench.ts";
import type { Trace, WorldResult } from "./world.ts";

const START_MS = Date.UTC(2026, 0, 1, 21);
const CHAOS_VISITS = 12;
/** Rounds in which everybody comes once: an introduction, a welcome, texts, receipts, and what a fault undid. */
const CALM_ROUNDS = 8;

export class AwayWorld {
  readonly random: Random;
  readonly schedule: Schedule;
  readonly network: Network;
  readonly office: PostOffice;
  readonly invariants = new Invariants();
  readonly nodes: readonly SimNode[];
  #wrote = 0;
  /** Links that lie where the others will find them. */
  readonly #handed = new Set<string>();
  #links: readonly { readonly by: SimNode; readonly token: string }[] = [];

  constructor(readonly seed: number, readonly trace: Trace = () => {}) {
    this.random = new Random(seed);
    this.schedule = new Schedule(START_MS + this.random.below(6 * 3_600_000));
    this.network = new Network(this.schedule, this.random);
    this.office = new PostOffice(this.network, new Random(seed + 0x10000));
    const voice = new VoiceBench(this.schedule);
    const { invariants } = this;
    const watcher = {
      stepped: (...[node, before, event]: Parameters<Invariants["stepped"]>) => {
        this.trace(`${((this.schedule.nowMs - START_MS) / 1000).toFixed(3)} s ${node.name} ${event.type}`);
        invariants.stepped(node, before, event);
      },
      committed: invariants.committed.bind(invariants),
      sent: invariants.sent.bind(invariants),
    };
    this.nodes = Array.from({ length: 2 + this.random.below(2) }, (_, place) => {
      const rng = new Random(this.random.uint32());
      return new SimNode(place, `node ${place}`, this.network, rng, watcher, voice, this.office);
    });
  }

  async run(): Promise<WorldResult> {
    for (const node of this.nodes) {
      await node.start();
      node.receive({ type: "CreateIdentity", name: node.name });
      await this.schedule.runUntil(this.schedule.nowMs + 10_000);
      node.crash();
    }
    this.network.faults = drawAwayFaults(this.random);
    for (let visit = 0; visit < CHAOS_VISITS; visit++) await this.#visit(this.random.pick(this.nodes)!, true);
    this.network.faults = CALM;
    for (let round = 0; round < CALM_ROUNDS; round++) for (const node of this.nodes) await this.#visit(node, false);
    this.invariants.converged(this.nodes);
    return {
      seed: this.seed,
      nodes: this.nodes.length,
      steps: this.nodes.reduce((sum, { steps }) => sum + steps, 0),
      frames: 0,
      messages: this.invariants.said.size,
      rekeys: 0,
      deposits: this.office.deposits,
    };
  }

  /** One comes, does a few things, perhaps loses power in the middle of it and comes again, and leaves. */
  async #visit(node: SimNode, isBusy: boolean): Promise<void> {
    await this.schedule.runUntil(this.schedule.nowMs + this.random.between(1_000, 3_600_000));
    await node.start();
    await this.schedule.runUntil(this.schedule.nowMs + this.random.between(100, 20_000));
    for (let acts = isBusy ? 1 + this.random.below(4) : 0; acts > 0; acts--) {
      await this.#act(node);
      await this.schedule.runUntil(this.schedule.nowMs + this.random.between(0, 10_000));
    }
    await this.schedule.runUntil(this.schedule.nowMs + (isBusy ? this.random.between(0, 60_000) : 60_000));
    node.crash();
  }

  async #act(node: SimNode): Promise<void> {
    const dice = this.random.fraction();
    if (dice < 0.15) {
      node.crash();
      if (this.random.chance(0.3)) node.loseSessions();
      await this.schedule.runUntil(this.schedule.nowMs + this.random.between(10, 5_000));
      return await node.start();
    }
    if (dice < 0.3) return this.#leaveLink(node);
    const link = this.random.pick(this.#links.filter(({ by }) => by !== node));
    const known = link === undefined ? undefined : node.state.contacts.get(link.by.state.self!.identity.device.user);
    if (dice < 0.55 && link !== undefined && known === undefined) {
      this.#links = this.#links.filter((other) => other !== link);
      return node.receive({ type: "AcceptInvite", token: link.token });
    }
    const contact = this.random.pick([...node.state.contacts.values()]);
    if (contact === undefined) return this.#leaveLink(node);
    for (let i = this.random.below(6); i >= 0; i--) {
      node.receive({ type: "SendText", contact: contact.id, text: `message ${this.#wrote++} of ${node.name}` });
    }
  }

  /** An invite whose link says where to leave mail; each is for one. */
  #leaveLink(node: SimNode): void {
    if (node.state.space?.isOpen !== true || this.#links.some(({ by }) => by === node)) return;
    node.receive({ type: "CreateInvite" });
    this.schedule.after(1_000, () => {
      const open = viewOf(node.state, this.schedule.nowMs).invites.filter(({ state }) => state === "open").at(-1);
      if (open === undefined || this.#handed.has(open.id)) return;
      this.#handed.add(open.id);
      this.#links = [...this.#links, { by: node, token: open.token }];
    });
  }
}

/** Nothing is lost for good here but requests and answers: without a link a lost server would be a lost message. */
function drawAwayFaults(random: Random): Faults {
  const upTo = (most: number) => (random.chance(0.6) ? random.fraction() * most : 0);
  return {
    ...CALM,
    delayMs: [5, random.between(20, 500)],
    loseFrame: upTo(0.3),
    dropLink: upTo(0.1),
    writeFails: upTo(0.03),
  };
}
