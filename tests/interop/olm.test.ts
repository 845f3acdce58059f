/** Our ratchet with Olm's suite against libolm, live, over a network that reorders, loses and copies. */
import assert from "node:assert/strict";
import { Random } from "../sim/random.ts";
import { flipBit } from "../support/world.ts";
import { libolmInitiates, type OlmEnvelope, type OlmParty, type Talk, weInitiate } from "./olmParties.ts";

const MESSAGES = 1_000;
/** libolm keeps 5 receiving chains: what waits longer than this is delivered next. */
const MAX_WAIT_STEPS = 10;

interface Flying {
  readonly envelope: OlmEnvelope;
  readonly text: string;
  readonly sentAt: number;
}

interface Counts {
  delivered: number;
  lost: number;
  copies: number;
  reordered: number;
  turns: number;
  forged: number;
}

class Network {
  readonly counts: Counts = { delivered: 0, lost: 0, copies: 0, reordered: 0, turns: 0, forged: 0 };
  readonly #queues: readonly [Flying[], Flying[]] = [[], []];
  sent = 0;
  #lastSpeaker = -1;

  constructor(readonly parties: readonly [OlmParty, OlmParty], readonly random: Random) {}

  /** Sends `MESSAGES` in bursts of either side, and delivers them as badly as the bounds of both allow. */
  run(): void {
    for (let at = 0; this.sent < MESSAGES; at++) {
      const from = this.random.below(2);
      for (let burst = 1 + this.random.below(3); burst > 0; burst--) this.#send(from, at);
      for (const to of [0, 1]) while (this.#isDue(to, at) || this.random.chance(0.5)) if (!this.#deliver(to)) break;
    }
    for (const to of [0, 1]) while (this.#deliver(to));
  }

  #send(from: number, at: number): void {
    const text = `${this.sent++} ${"x".repeat(this.random.below(300))} ❤`;
    const envelope = this.parties[from]!.send(text);
    if (from !== this.#lastSpeaker) this.counts.turns++;
    this.#lastSpeaker = from;
    if (this.random.chance(0.06)) this.counts.lost++;
    else this.#queues[1 - from]!.push({ envelope, text, sentAt: at });
  }

  #isDue(to: number, at: number): boolean {
    const oldest = this.#queues[to]![0];
    return oldest !== undefined && at - oldest.sentAt >= MAX_WAIT_STEPS;
  }

  /** One of the first few waiting ones, at times forged before and copied after; false where none waits. */
  #deliver(to: number): boolean {
    const queue = this.#queues[to]!;
    if (queue.length === 0) return false;
    const place = this.random.chance(0.5) ? 0 : this.random.below(Math.min(queue.length, 5));
    if (place > 0) this.counts.reordered++;
    const [{ envelope, text }] = queue.splice(place, 1) as [Flying];
    const party = this.parties[to]!;
    if (this.random.chance(0.05)) {
      this.counts.forged++;
      const body = flipBit(envelope.body, 8 * envelope.body.length - 1 - this.random.below(64));
      assert.equal(party.receive({ ...envelope, body }), null, "a forged message is refused");
    }
    assert.equal(party.receive(envelope), text);
    this.counts.delivered++;
    if (this.random.chance(0.06)) {
      this.counts.copies++;
      assert.equal(party.receive(envelope), null, "a copy is refused");
    }
    return true;
  }
}

const openings: readonly (readonly [string, (random: Random, text: string) => Talk])[] = [
  ["we initiate", weInitiate],
  ["libolm initiates", libolmInitiates],
];

for (const [title, open] of openings) {
  for (const seed of [1, 2, 3]) {
    Deno.test(`[RAT3] [RAT4] [RAT6] our ratchet as Olm, with libolm live: ${title}, seed ${seed}`, () => {
      const random = new Random(seed);
      const { own, libolm } = open(random, "the first");
      const network = new Network([own, libolm], random);
      network.run();
      const { delivered, lost, copies, reordered, turns, forged } = network.counts;
      console.log(
        `${title}, seed ${seed}: ${delivered} delivered, ${lost} lost, ${copies} copied, ${reordered} reordered, ` +
          `${forged} forged, ${turns} turns`,
      );
      assert.ok(network.sent >= MESSAGES);
      assert.equal(delivered + lost, network.sent, "every message that was not lost was read, once");
      assert.ok(turns > 200 && lost > 20 && copies > 20 && reordered > 100 && forged > 20);
    });
  }
}
