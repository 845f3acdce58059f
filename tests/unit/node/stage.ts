/** Nodes on a stage: links deliver at once unless they are held, and time moves when told. For tests that read as a play. */
import assert from "node:assert/strict";
import { type LinkId, linkId, type PeerId, peerId, type UserId } from "../../../core/ids.ts";
import {
  conversationOf,
  EMPTY_STATE,
  type LinkRoute,
  type NodeEffect,
  type NodeEvent,
  type NodeState,
  type Step,
  step,
  viewOf,
} from "../../../core/node/index.ts";
import type { RecordWrite } from "../../../core/ports.ts";
import { MemoryStore } from "../../sim/memoryStore.ts";
import { Random } from "../../sim/random.ts";

export type Of<T extends NodeEffect["type"]> = Extract<NodeEffect, { readonly type: T }>;

export class Actor {
  state: NodeState = EMPTY_STATE;
  readonly store = new MemoryStore();
  readonly effects: NodeEffect[] = [];
  readonly peer: PeerId;
  readonly random: Random;
  /** Hears nothing and does nothing; what it knows lies in its store. */
  isAway = false;

  constructor(readonly stage: Stage, readonly name: string, seed: number, letter: string) {
    this.random = new Random(seed);
    const made = peerId(`12D3KooW${letter.repeat(44)}`);
    assert.ok(made.ok);
    this.peer = made.value;
  }

  get user(): UserId {
    return this.state.self!.identity.device.user;
  }

  do(event: NodeEvent): Step {
    assert.ok(!this.isAway, `${this.name} is away`);
    const result = step(this.state, event, { nowMs: this.stage.nowMs, rng: this.random });
    this.state = result.state;
    for (const effect of result.effects) {
      this.effects.push(effect);
      if (effect.type === "Persist") this.stage.persisted(this, effect.writes);
      else this.stage.perform(this, effect);
    }
    return result;
  }

  of<T extends NodeEffect["type"]>(type: T): readonly Of<T>[] {
    return this.effects.filter((effect): effect is Of<T> => effect.type === type);
  }

  texts(of: Actor): readonly string[] {
    return conversationOf(this.state, of.user)!.messages.map(({ text }) => text);
  }

  deliveries(of: Actor): readonly (string | null)[] {
    return conversationOf(this.state, of.user)!.messages.map(({ delivery }) => delivery);
  }

  view() {
    return viewOf(this.state, this.stage.nowMs);
  }

  token(): string {
    this.do({ type: "CreateInvite" });
    return this.view().invites.at(-1)!.token;
  }
}

export class Stage {
  nowMs = Date.UTC(2026, 10, 24, 12);
  readonly actors: Actor[] = [];
  /** While true, frames are kept in `held` instead of delivered. */
  holding = false;
  held: { readonly to: Actor; readonly link: LinkId; readonly frame: Uint8Array }[] = [];
  #links = new Map<LinkId, readonly [Actor, Actor]>();
  #queue: (() => void)[] = [];
  #isPumping = false;

  actor(name: string): Actor {
    const letter = "ABCDEFGH"[this.actors.length]!;
    const actor = new Actor(this, name, this.actors.length + 1, letter);
    this.actors.push(actor);
    actor.do({ type: "CreateIdentity", name });
    actor.do({ type: "TransportReady", peer: actor.peer });
    actor.do({ type: "RendezvousChanged", state: "online" });
    return actor;
  }

  get present(): readonly Actor[] {
    return this.actors.filter(({ isAway }) => !isAway);
  }

  persisted(actor: Actor, writes: readonly RecordWrite[]): void {
    void actor.store.write(writes);
  }

  /** Ends links that lead to somebody who has left. */
  cutOff(actor: Actor): void {
    for (const [link, ends] of [...this.#links]) {
      if (!ends.includes(actor)) continue;
      this.#links.delete(link);
      for (const end of ends) if (!end.isAway) end.do({ type: "LinkClosed", link });
    }
    this.#pump();
  }

  perform(actor: Actor, effect: NodeEffect): void {
    if (effect.type === "SendFrame") this.#send(actor, effect.link, effect.frame);
    else if (effect.type === "CloseLink") this.later(() => this.cut(effect.link));
    else if (effect.type === "OpenLink") this.later(() => this.#open(actor, effect.peer, effect.route));
  }

  #send(from: Actor, link: LinkId, frame: Uint8Array): void {
    const ends = this.#links.get(link);
    const to = ends?.find((end) => end !== from);
    if (to === undefined) return;
    if (this.holding) this.held.push({ to, link, frame });
    else this.later(() => this.#links.has(link) && to.do({ type: "FrameReceived", link, frame }));
  }

  #open(from: Actor, peer: PeerId, route: LinkRoute): void {
    const to = this.present.find((actor) => actor.peer === peer);
    if (to === undefined) return void from.do({ type: "LinkFailed", peer, route });
    this.connect(from, to, route);
  }

  connect(from: Actor, to: Actor, route: LinkRoute): LinkId {
    const link = linkId(`${from.name}-${to.name}-${this.#links.size}`);
    this.#links.set(link, [from, to]);
    from.do({ type: "LinkOpened", link, peer: to.peer, role: "initiator", route });
    to.do({ type: "LinkOpened", link, peer: from.peer, role: "responder", route });
    this.#pump();
    return link;
  }

  cut(link: LinkId): void {
    const ends = this.#links.get(link);
    this.#links.delete(link);
    for (const end of ends ?? []) end.do({ type: "LinkClosed", link });
  }

  cutAll(): void {
    for (const link of [...this.#links.keys()]) this.cut(link);
    this.#pump();
  }

  /** After what is going on, and before anything that is yet to come. */
  protected later(run: () => void): void {
    this.#queue.push(run);
    this.#pump();
  }

  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    for (let run = this.#queue.shift(); run !== undefined; run = this.#queue.shift()) run();
    this.#isPumping = false;
  }

  /** Everybody who watches a topic that another registered hears of them. */
  discover(): void {
    for (const a of this.present) {
      for (const b of this.present) {
        if (a === b) continue;
        const offered = new Set(b.state.network.topics.filter(({ register }) => register).map(({ topic }) => topic));
        for (const { topic, discover } of a.state.network.topics) {
          if (discover && offered.has(topic)) this.later(() => void a.do({ type: "PeerFound", topic, peer: b.peer }));
        }
      }
    }
  }

  pass(ms: number): void {
    this.nowMs += ms;
    for (const actor of this.present) actor.do({ type: "Tick" });
  }

  /** Two people who have met by an invite. */
  meet(host: Actor, visitor: Actor): void {
    visitor.do({ type: "AcceptInvite", token: host.token() });
    this.discover();
    this.pass(0);
  }
}
