/** A stage with a server that keeps mail. It answers at once; people come and go, and time goes from one deadline to the next. */
import assert from "node:assert/strict";
import type { UserId } from "../../../core/ids.ts";
import { depositorEntry, ownerEntry, type SpaceKeys } from "../../../core/mailbox/space.ts";
import { type AskOutcome, deadline, loadNode, type NodeEffect, type NodeEvent } from "../../../core/node/index.ts";
import type { MailAddress } from "../../../core/wire/mailAddress.ts";
import type { SpaceAnswer, WaitingMail } from "../../../core/wire/spaceAnswer.ts";
import { MAILBOX_PROTOCOL, PREKEYS_PROTOCOL, type SpaceProtocol } from "../../../core/wire/spaceEntry.ts";
import { eventOf, isMailEffect, type MailEffect, ORIGIN, outcomeOf } from "../../sim/postOffice.ts";
import { Random } from "../../sim/random.ts";
import { requestBytes, type ServerStream, type SpaceRequest, SpaceServer } from "../../support/spaceServer.ts";
import { type Actor, Stage } from "./stage.ts";

interface Home {
  readonly keys: SpaceKeys;
  streams: { readonly mailbox: ServerStream; readonly prekeys: ServerStream } | null;
}

export interface Deposit {
  readonly by: Actor;
  readonly envelopes: readonly Uint8Array[];
}

/** Steps without time in between, above which somebody runs in a circle. */
const MAX_STEPS_AT_ONCE = 200;

export class MailStage extends Stage {
  readonly server = new SpaceServer("12D3KooWServer", new Random(900));
  /** What the server was asked to keep by depositors, and kept. */
  deposits: Deposit[] = [];
  takes = 0;
  /** What becomes of a request in the server's place: an outcome, or the server's own answer that gets lost. */
  meddle: (actor: Actor, effect: MailEffect) => AskOutcome | "answer lost" | null = () => null;
  isServerUp = true;
  readonly #homes = new Map<Actor, Home>();

  override actor(name: string): Actor {
    const actor = super.actor(name);
    actor.do({ type: "MailOffered", server: ORIGIN });
    return actor;
  }

  override perform(actor: Actor, effect: NodeEffect): void {
    if (!isMailEffect(effect)) return super.perform(actor, effect);
    switch (effect.type) {
      case "ServeMailbox":
        this.#homes.set(actor, { keys: effect.keys, streams: null });
        return this.later(() => this.reconnect(actor));
      case "AskMailbox":
        return this.#ask(actor, effect);
      case "DepositMail":
        return this.#visit(actor, effect, MAILBOX_PROTOCOL, { t: "deposit", envelopes: effect.envelopes });
      case "TakeBundle":
        return this.#visit(actor, effect, PREKEYS_PROTOCOL, { t: "take" });
    }
  }

  hear(actor: Actor, event: NodeEvent | null): void {
    this.later(() => {
      if (event !== null && !actor.isAway) actor.do(event);
    });
  }

  /** Our own server is reached again. */
  reconnect(actor: Actor): void {
    const home = this.#homes.get(actor);
    if (home === undefined || home.streams !== null || !this.isServerUp || actor.isAway) return;
    const mailbox = this.server.connect(
      MAILBOX_PROTOCOL,
      actor.peer,
      (answer) => this.hear(actor, home.streams === null ? null : eventOf(0, answer)),
    );
    const prekeys = this.server.connect(PREKEYS_PROTOCOL, actor.peer);
    home.streams = { mailbox, prekeys };
    const entered = this.server.enter(mailbox, ownerEntry(home.keys, mailbox));
    this.server.enter(prekeys, ownerEntry(home.keys, prekeys));
    if (entered.t === "entered") this.hear(actor, { type: "MailboxOpened", exists: entered.exists });
  }

  disconnect(actor: Actor): void {
    const streams = this.#homes.get(actor)?.streams ?? null;
    if (streams === null) return;
    this.server.disconnect(streams.mailbox);
    this.#homes.get(actor)!.streams = null;
    this.hear(actor, { type: "MailboxClosed" });
  }

  #ask(actor: Actor, effect: Extract<MailEffect, { readonly type: "AskMailbox" }>): void {
    const { ask, request } = effect;
    const instead = this.meddle(actor, effect);
    const streams = this.#homes.get(actor)?.streams ?? null;
    if (streams === null) return;
    if (instead !== null && instead !== "answer lost") {
      if (instead.t === "lost") return this.disconnect(actor);
      return this.hear(actor, { type: "MailboxAnswered", ask, outcome: instead });
    }
    const stream = request.t === "upload" ? streams.prekeys : streams.mailbox;
    const answer = this.#answer(stream, "owner", request);
    if (instead === "answer lost") return this.disconnect(actor);
    this.hear(actor, eventOf(ask, answer));
  }

  #visit(
    actor: Actor,
    effect: Extract<MailEffect, { readonly type: "DepositMail" | "TakeBundle" }>,
    protocol: SpaceProtocol,
    request: SpaceRequest,
  ): void {
    const type = effect.type === "DepositMail" ? "DepositAnswered" : "BundleTaken";
    const hear = (outcome: AskOutcome | Extract<SpaceAnswer, { readonly t: "bundle" }>) =>
      this.hear(actor, { type, ask: effect.ask, outcome } as NodeEvent);
    const instead = this.isServerUp ? this.meddle(actor, effect) : { t: "lost" } as const;
    if (instead !== null && instead !== "answer lost") return hear(instead);
    const answer = this.visit(effect.address, protocol, request);
    if (answer.t === "done" && request.t === "deposit") this.deposits.push({ by: actor, envelopes: request.envelopes });
    if (answer.t === "bundle") this.takes++;
    hear(instead === "answer lost" ? { t: "lost" } : answer.t === "bundle" ? answer : outcomeOf(answer));
  }

  /** As somebody who holds the address, whoever it is. */
  visit(address: MailAddress, protocol: SpaceProtocol, request: SpaceRequest): SpaceAnswer {
    const stream = this.server.connect(protocol, "visitor");
    this.server.enter(stream, depositorEntry(address, stream));
    return this.#answer(stream, "depositor", request);
  }

  #answer(stream: ServerStream, role: "owner" | "depositor", request: SpaceRequest): SpaceAnswer {
    this.server.nowMs = this.nowMs;
    const answer = this.server.ask(stream, requestBytes(stream, role, stream.lastNumber + 1, request));
    assert.ok(answer.t !== "cut", "the server cut somebody off");
    return answer;
  }

  spaceOf(actor: Actor) {
    return this.server.spaces.get(actor.state.space!.keys.id)!;
  }

  waitingFor(actor: Actor): readonly WaitingMail[] {
    return this.spaceOf(actor).waiting;
  }

  /** Closes the page. */
  leaves(actor: Actor): void {
    this.disconnect(actor);
    actor.isAway = true;
    this.#homes.delete(actor);
    this.cutOff(actor);
  }

  /** Opens the page: all that it knows is in its store. */
  async comes(actor: Actor): Promise<void> {
    const loaded = await loadNode(actor.store);
    assert.ok(loaded.ok, loaded.ok ? "" : `${loaded.key}: ${loaded.reason}`);
    actor.state = loaded.value;
    actor.isAway = false;
    actor.do({ type: "TransportReady", peer: actor.peer });
    actor.do({ type: "RendezvousChanged", state: "online" });
    actor.do({ type: "MailOffered", server: ORIGIN });
    this.discover();
  }

  /** Time passes as a driver sees it: everybody ticks when they want to. */
  lasts(ms: number): void {
    const endMs = this.nowMs + ms;
    for (let steps = 0;;) {
      const due = this.present.map((actor) => ({ actor, atMs: deadline(actor.state) ?? Infinity }));
      const [first] = due.sort((a, b) => a.atMs - b.atMs);
      if (first === undefined || first.atMs > endMs) break;
      const { actor, atMs } = first;
      steps = atMs <= this.nowMs ? steps + 1 : 0;
      assert.ok(steps < MAX_STEPS_AT_ONCE, `${actor.name} ticks without end`);
      this.nowMs = Math.max(this.nowMs, atMs);
      actor.do({ type: "Tick" });
    }
    this.nowMs = endMs;
  }

  /** Contacts of each other, both with a mailbox of which the other knows. */
  friends(one: Actor, other: Actor): void {
    this.meet(one, other);
    this.lasts(5_000);
    assert.ok(contactOf(one, other).mail.theirs !== null && contactOf(other, one).mail.theirs !== null);
  }
}

export const contactOf = (actor: Actor, other: Actor) => actor.state.contacts.get(userOf(other))!;

/** Of somebody who may be away. */
export const userOf = (actor: Actor): UserId => actor.state.self!.identity.device.user;

export const says = (actor: Actor, to: Actor, text: string) =>
  actor.do({ type: "SendText", contact: userOf(to), text });
