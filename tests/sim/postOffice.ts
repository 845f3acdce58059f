/**
 * The server of a world that keeps mail, and the roads to it: streams that end, requests and answers that are lost, a
 * disk that is lost as a whole. What it has answered it has kept. Everything else is the model in `support`.
 */
import { depositorEntry, ownerEntry, type SpaceKeys } from "../../core/mailbox/space.ts";
import type { AskOutcome, NodeEffect, NodeEvent } from "../../core/node/index.ts";
import type { MailAddress } from "../../core/wire/mailAddress.ts";
import type { SpaceAnswer } from "../../core/wire/spaceAnswer.ts";
import { MAILBOX_PROTOCOL, PREKEYS_PROTOCOL, type SpaceProtocol } from "../../core/wire/spaceEntry.ts";
import { requestBytes, type ServerStream, type SpaceRequest, SpaceServer } from "../support/spaceServer.ts";
import type { Network, Station } from "./network.ts";
import type { Random } from "./random.ts";

export const ORIGIN = "https://rendezvous.example";

export type MailEffect = Extract<
  NodeEffect,
  { readonly type: "ServeMailbox" | "AskMailbox" | "DepositMail" | "TakeBundle" }
>;

const TYPES: readonly NodeEffect["type"][] = ["ServeMailbox", "AskMailbox", "DepositMail", "TakeBundle"];
export const isMailEffect = (effect: NodeEffect): effect is MailEffect => TYPES.includes(effect.type);

/** A node's own connection, for as long as it runs. */
interface Home {
  readonly keys: SpaceKeys;
  streams: { readonly mailbox: ServerStream; readonly prekeys: ServerStream } | null;
  /** A stream keeps the order of what it carries: when the last word of each direction arrives. */
  lastInMs: number;
  lastOutMs: number;
}

const RECONNECT_MS = [200, 4_000] as const;

export class PostOffice {
  readonly server: SpaceServer;
  isUp = true;
  deposits = 0;
  #homes = new Map<Station, Home>();

  constructor(readonly network: Network, readonly random: Random) {
    this.server = new SpaceServer("12D3KooWServer", random);
  }

  /** To a node that has just started. */
  offer(station: Station): void {
    station.receive({ type: "MailOffered", server: ORIGIN });
  }

  gone(station: Station): void {
    this.#cut(this.#homes.get(station));
    this.#homes.delete(station);
  }

  setUp(up: boolean): void {
    this.isUp = up;
    for (const [station, home] of this.#homes) up ? this.#connectLater(station, home) : this.#drop(station, home);
  }

  /** As after an operator who lost the disk. */
  loseAll(): void {
    this.server.spaces.clear();
  }

  perform(station: Station, effect: MailEffect): void {
    switch (effect.type) {
      case "ServeMailbox":
        return this.#serve(station, effect.keys);
      case "AskMailbox":
        return this.#ask(station, effect.ask, effect.request);
      case "DepositMail": {
        const { ask, address, envelopes } = effect;
        return this.#visit(address, MAILBOX_PROTOCOL, { t: "deposit", envelopes }, (answer) => {
          station.receive({ type: "DepositAnswered", ask, outcome: outcomeOf(answer) });
        });
      }
      case "TakeBundle": {
        const { ask, address } = effect;
        return this.#visit(address, PREKEYS_PROTOCOL, { t: "take" }, (answer) => {
          const outcome = answer?.t === "bundle" ? answer : outcomeOf(answer);
          if (outcome.t !== "done") station.receive({ type: "BundleTaken", ask, outcome });
        });
      }
    }
  }

  #serve(station: Station, keys: SpaceKeys): void {
    this.#cut(this.#homes.get(station));
    const home: Home = { keys, streams: null, lastInMs: 0, lastOutMs: 0 };
    this.#homes.set(station, home);
    this.#connectLater(station, home);
  }

  #connectLater(station: Station, home: Home): void {
    this.network.schedule.after(this.random.between(...RECONNECT_MS), () => {
      if (!this.isUp || this.#homes.get(station) !== home || home.streams !== null) return;
      const hear = (answer: SpaceAnswer) => this.#deliver(station, home, eventOf(0, answer));
      const mailbox = this.server.connect(MAILBOX_PROTOCOL, station.peer, hear);
      const prekeys = this.server.connect(PREKEYS_PROTOCOL, station.peer);
      const entered = this.server.enter(mailbox, ownerEntry(home.keys, mailbox));
      this.server.enter(prekeys, ownerEntry(home.keys, prekeys));
      home.streams = { mailbox, prekeys };
      home.lastInMs = home.lastOutMs = this.network.schedule.nowMs;
      if (entered.t === "entered") station.receive({ type: "MailboxOpened", exists: entered.exists });
    });
  }

  #cut(home: Home | undefined): void {
    if (home?.streams === null || home === undefined) return;
    this.server.disconnect(home.streams.mailbox);
    home.streams = null;
  }

  #drop(station: Station, home: Home): void {
    if (home.streams === null) return;
    this.#cut(home);
    station.receive({ type: "MailboxClosed" });
    if (this.isUp) this.#connectLater(station, home);
  }

  #ask(station: Station, ask: number, request: SpaceRequest): void {
    const home = this.#homes.get(station);
    const streams = home?.streams ?? null;
    if (home === undefined || streams === null) return;
    const stream = request.t === "upload" ? streams.prekeys : streams.mailbox;
    home.lastOutMs = Math.max(home.lastOutMs, this.#arrivesMs());
    this.network.schedule.after(home.lastOutMs - this.network.schedule.nowMs, () => {
      if (home.streams !== streams) return;
      if (this.random.chance(this.network.faults.dropLink)) return this.#drop(station, home);
      this.server.nowMs = this.network.schedule.nowMs;
      const answer = this.server.ask(stream, requestBytes(stream, "owner", stream.lastNumber + 1, request));
      if (answer.t === "cut") throw new Error(`the server cut off an honest owner: ${answer.reason}`);
      if (this.random.chance(this.network.faults.dropLink)) return this.#drop(station, home);
      this.#deliver(station, home, eventOf(ask, answer));
    });
  }

  #deliver(station: Station, home: Home, event: NodeEvent | null): void {
    const { streams } = home;
    home.lastInMs = Math.max(home.lastInMs, this.#arrivesMs());
    this.network.schedule.after(home.lastInMs - this.network.schedule.nowMs, () => {
      if (event !== null && streams !== null && home.streams === streams) station.receive(event);
    });
  }

  #arrivesMs(): number {
    return this.network.schedule.nowMs + this.random.between(...this.network.faults.delayMs);
  }

  /** On a connection of its own. `heard` gets `null` where the request or its answer was lost. */
  #visit(
    address: MailAddress,
    protocol: SpaceProtocol,
    request: SpaceRequest,
    heard: (answer: SpaceAnswer | null) => void,
  ): void {
    this.#later(() => {
      const { loseFrame } = this.network.faults;
      if (!this.isUp || this.random.chance(loseFrame)) return heard(null);
      this.server.nowMs = this.network.schedule.nowMs;
      const stream = this.server.connect(protocol, `visitor ${this.random.uint32()}`);
      this.server.enter(stream, depositorEntry(address, stream));
      const answer = this.server.ask(stream, requestBytes(stream, "depositor", 1, request));
      if (answer.t === "cut") throw new Error(`the server cut off an honest depositor: ${answer.reason}`);
      if (answer.t === "done") this.deposits++;
      this.#later(() => heard(this.random.chance(loseFrame) ? null : answer));
    });
  }

  #later(run: () => void): void {
    this.network.schedule.after(this.random.between(...this.network.faults.delayMs), run);
  }
}

export function outcomeOf(answer: SpaceAnswer | null): AskOutcome {
  if (answer === null) return { t: "lost" };
  if (answer.t === "done") return { t: "done" };
  if (answer.t !== "refused") throw new Error(`an answer that nobody asked for: ${answer.t}`);
  return { t: "refused", reason: answer.reason, retryAfterS: answer.retryAfterS };
}

/** What an owner's node hears of an answer. */
export function eventOf(ask: number, answer: SpaceAnswer): NodeEvent | null {
  switch (answer.t) {
    case "mail":
    case "arrived":
      return { type: "MailArrived", waiting: answer.waiting, more: answer.more };
    case "stock":
      return { type: "StockLow", left: answer.left };
    case "done":
    case "refused":
      return { type: "MailboxAnswered", ask, outcome: outcomeOf(answer) };
    default:
      return null;
  }
}
