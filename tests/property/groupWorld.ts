/**
 * For the properties of sender keys: a channel whose sender crashes and whose readers come, go and restart, on a network that loses, copies, reorders,
 * cuts and forges. A model knows which message may open for whom; everything else has to be refused and leave the
 * state byte for byte. Whoever left, and whoever came late, tries the keys that it has on everything.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { acceptDistribution } from "../../core/group/accepting.ts";
import { type ChainKey, stepChain } from "../../core/group/chain.ts";
import {
  createReceiver,
  decodeReceiver,
  encodeReceiver,
  type GroupReceiver,
  openGroup,
  openRun,
} from "../../core/group/receiver.ts";
import {
  decodeSender,
  encodeHolders,
  encodeSender,
  type GroupSender,
  type SealedGroup,
  sealGroup,
} from "../../core/group/sender.ts";
import { channelId, type DeviceId } from "../../core/ids.ts";
import { GROUP } from "../../core/limits.ts";
import type { Env } from "../../core/ports.ts";
import { distributionCodec } from "../../core/wire/distribution.ts";
import { decodeGroupEnvelope } from "../../core/wire/groupEnvelope.ts";
import { fromUtf8, utf8 } from "../../core/wire/text.ts";
import { envOf, flipBit, must, party } from "../support/world.ts";

export const CHANNEL = must(channelId(new Uint8Array(32).fill(9)));
export const alice = party(1).device;
const READERS = ["bob", "carol", "dave"] as const;
type Reader = (typeof READERS)[number];
export const DEVICE = new Map<Reader, DeviceId>(READERS.map((name, i) => [name, party(2 + i).device.id]));

/** Where the sender's process ends: the batch is not written, or is written and nothing was sent. */
const CRASHES = ["none", "none", "none", "before persist", "before send"] as const;

export type Command =
  | { readonly t: "say"; readonly count: number; readonly crash: (typeof CRASHES)[number] }
  | { readonly t: "deliver" | "copy" | "lose"; readonly to: Reader; readonly pick: number }
  | { readonly t: "forge" | "cut"; readonly to: Reader; readonly pick: number; readonly at: number }
  | { readonly t: "hand over" | "run" | "restart" | "join" | "leave"; readonly to: Reader; readonly pick: number };

const to = fc.constantFrom(...READERS);
const pick = fc.nat(20);
export const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      t: fc.constant("say"),
      count: fc.integer({ min: 1, max: 4 }),
      crash: fc.constantFrom(...CRASHES),
    }),
  },
  { weight: 10, arbitrary: fc.record({ t: fc.constant("deliver"), to, pick }) },
  { weight: 5, arbitrary: fc.record({ t: fc.constant("hand over"), to, pick }) },
  { weight: 2, arbitrary: fc.record({ t: fc.constantFrom("copy", "lose"), to, pick }) },
  { weight: 2, arbitrary: fc.record({ t: fc.constantFrom("forge", "cut"), to, pick, at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ t: fc.constantFrom("run", "restart"), to, pick }) },
  { weight: 1, arbitrary: fc.record({ t: fc.constantFrom("join", "leave"), to, pick }) },
) as fc.Arbitrary<Command>;

interface Flying {
  readonly envelope: Uint8Array;
  readonly text: string;
  readonly chain: string;
  readonly index: number;
}

/** What one reader has, and what the model says that it may read. */
class Seat {
  receiver: GroupReceiver = createReceiver(CHANNEL, alice.id);
  readonly flying: Flying[] = [];
  readonly handovers: Uint8Array[] = [];
  readonly opened = new Set<string>();
  /** First index that was handed over of each chain, in the order in which the chains came. */
  readonly starts = new Map<string, number>();
  /** States at the moments of leaving, and how many blocks had been kept then: a thief of its own past. */
  loot: { readonly receiver: GroupReceiver; readonly blockCount: number }[] = [];
  readonly openedKeys = new Set<string>();

  mayOpen({ text, chain, index }: Flying): boolean {
    const isKept = [...this.starts.keys()].slice(-GROUP.maxChains).includes(chain);
    return isKept && index >= this.starts.get(chain)! && !this.opened.has(text);
  }
}

export class World {
  readonly env: Env;
  readonly seats = new Map<Reader, Seat>(READERS.map((name) => [name, new Seat()]));
  readonly keysOf = new Map<string, string>();
  readonly pairs = new Set<string>();
  #entitled = new Set<DeviceId>([alice.id, DEVICE.get("bob")!, DEVICE.get("carol")!]);
  #sender: GroupSender | null = null;
  #stored: { readonly sender: Uint8Array; readonly holders: Uint8Array } | null = null;
  #count = 0;
  #blockCount = 0;

  constructor(seed: number) {
    this.env = envOf(seed);
  }

  run(command: Command): void {
    if (command.t === "say") return this.#say(command.count, command.crash);
    const seat = this.seats.get(command.to)!;
    switch (command.t) {
      case "join":
      case "leave":
        return this.#move(command.to, command.t === "join");
      case "hand over":
        return this.#handOver(seat, command.pick);
      case "restart":
        seat.receiver = must(decodeReceiver(encodeReceiver(seat.receiver)));
        return;
      case "run":
        return this.#openRun(seat);
    }
    const flying = seat.flying[command.pick % seat.flying.length];
    if (flying === undefined) return;
    if (command.t === "lose" || command.t === "deliver") seat.flying.splice(seat.flying.indexOf(flying), 1);
    if (command.t === "deliver" || command.t === "copy") return this.#deliver(seat, flying);
    const { length } = flying.envelope;
    if (command.t === "forge") this.#isHarmless(seat, flipBit(flying.envelope, command.at % (8 * length)), flying.text);
    if (command.t === "cut") this.#isHarmless(seat, flying.envelope.subarray(0, command.at % length), flying.text);
  }

  #say(count: number, crash: (typeof CRASHES)[number]): void {
    const texts = Array.from({ length: count }, () => `${this.#count++}`);
    const before = this.#sender;
    const sealed = sealGroup(before, CHANNEL, alice, new Set(this.#entitled), texts.map(utf8), this.env);
    this.#watchKeys(before, sealed, texts);
    if (crash === "before persist") return this.#restartSender();
    this.#stored = { sender: encodeSender(sealed.state), holders: encodeHolders(sealed.state) };
    this.#sender = sealed.state;
    this.#blockCount++;
    // What is handed over is in the same batch, as pairwise messages that are sent until they are acknowledged.
    for (const [name, seat] of this.seats) {
      const isHanded = sealed.handover?.devices.includes(DEVICE.get(name)!) ?? false;
      if (isHanded) seat.handovers.push(sealed.handover!.message);
    }
    if (crash === "before send") return this.#restartSender();
    sealed.envelopes.forEach((envelope, i) => this.#publish(envelope, texts[i]!));
  }

  /** Ciphertext is everybody's, whoever is entitled: it lies in a log. */
  #publish(envelope: Uint8Array, text: string): void {
    const { chain, first, position } = must(decodeGroupEnvelope(envelope));
    for (const seat of this.seats.values()) {
      seat.flying.push({ envelope, text, chain: chain.join(), index: first + position });
      for (const loot of seat.loot) assert.ok(!openGroup(loot.receiver, envelope).ok, "who left reads on");
    }
  }

  #restartSender(): void {
    const stored = this.#stored;
    this.#sender = stored === null ? null : must(decodeSender(stored.sender, stored.holders));
  }

  /** The message keys of a block, and that none of them, with its nonce, has sealed before. */
  #watchKeys(before: GroupSender | null, { state, envelopes, handover }: SealedGroup, texts: readonly string[]): void {
    const isReused = before !== null && before.id.join() === state.id.join();
    let chain: ChainKey | null = isReused ? before.chain : null;
    if (chain === null && handover !== null) chain = must(distributionCodec.decode(handover.message));
    if (chain === null) return;
    const stored = encodeSender(state).join();
    envelopes.forEach((envelope, i) => {
      const { messageKey, next } = stepChain(chain!);
      const pair = `${messageKey.join()} ${must(decodeGroupEnvelope(envelope)).nonce.join()}`;
      assert.ok(!this.pairs.has(pair), "a key and a nonce seal twice");
      this.pairs.add(pair);
      this.keysOf.set(texts[i]!, messageKey.join());
      assert.ok(!stored.includes(messageKey.join()) && !stored.includes(chain!.key.join()), "a used key is stored");
      chain = next;
    });
  }

  #move(name: Reader, isJoining: boolean): void {
    const [device, seat] = [DEVICE.get(name)!, this.seats.get(name)!];
    if (isJoining) {
      this.#entitled.add(device);
      // Back before anything was said: then it never was away.
      seat.loot = seat.loot.filter(({ blockCount }) => blockCount < this.#blockCount);
    } else if (this.#entitled.delete(device)) {
      // What was on its way to it still arrives: it was entitled when that was sent.
      while (seat.handovers.length > 0) this.#handOver(seat, 0);
      seat.loot.push({ receiver: seat.receiver, blockCount: this.#blockCount });
    }
  }

  #handOver(seat: Seat, pick: number): void {
    const message = seat.handovers[pick % seat.handovers.length];
    if (message === undefined) return;
    seat.handovers.splice(seat.handovers.indexOf(message), 1);
    const { chain, index } = must(distributionCodec.decode(message));
    seat.receiver = must(acceptDistribution(seat.receiver, message));
    seat.starts.set(chain.join(), Math.min(index, seat.starts.get(chain.join()) ?? index));
    assert.equal(must(acceptDistribution(seat.receiver, message)), seat.receiver);
    this.#cannotReadBefore(seat, message);
  }

  /** Neither by the rules nor by all the keys that follow from what was handed over. */
  #cannotReadBefore({ flying, receiver, starts }: Seat, message: Uint8Array): void {
    const { chain, index, key } = must(distributionCodec.decode(message));
    const derived = new Set<string>();
    for (let at: ChainKey = { key, index }; at.index < index + 40;) {
      const { messageKey, next } = stepChain(at);
      derived.add(messageKey.join());
      at = next;
    }
    for (const each of flying) {
      if (each.chain !== chain.join() || each.index >= starts.get(each.chain)!) continue;
      assert.ok(!openGroup(receiver, each.envelope).ok);
      assert.ok(!derived.has(this.keysOf.get(each.text)!), "a late joiner has the key of an earlier message");
    }
  }

  #deliver(seat: Seat, flying: Flying): void {
    if (!seat.mayOpen(flying)) return this.#refuses(seat, flying.envelope);
    const opened = openGroup(seat.receiver, flying.envelope);
    assert.ok(opened.ok, "a message that may open does");
    assert.equal(fromUtf8(opened.value.plaintext), flying.text);
    this.#commit(seat, opened.value.receiver, [flying]);
  }

  #openRun(seat: Seat): void {
    const run = seat.flying.splice(0);
    const expected = run.map((flying) => seat.mayOpen(flying));
    const { receiver, results } = openRun(seat.receiver, run.map(({ envelope }) => envelope));
    assert.deepEqual(results.map((each) => each.ok), expected);
    results.forEach((each, i) => each.ok && assert.equal(fromUtf8(each.value.plaintext), run[i]!.text));
    this.#commit(seat, receiver, run.filter((_, i) => expected[i]));
  }

  #commit(seat: Seat, receiver: GroupReceiver, opened: readonly Flying[]): void {
    seat.receiver = receiver;
    for (const { text } of opened) {
      seat.opened.add(text);
      seat.openedKeys.add(this.keysOf.get(text)!);
    }
    const stored = encodeReceiver(receiver).join();
    for (const key of seat.openedKeys) assert.ok(!stored.includes(key), "a used message key is stored");
  }

  #refuses(seat: Seat, envelope: Uint8Array): void {
    const before = encodeReceiver(seat.receiver);
    assert.ok(!openGroup(seat.receiver, envelope).ok);
    assert.deepEqual(encodeReceiver(seat.receiver), before);
  }

  /** A changed envelope is refused, or was changed only where nobody needs to look any more ([SK10]). */
  #isHarmless(seat: Seat, envelope: Uint8Array, text: string): void {
    const before = encodeReceiver(seat.receiver);
    const opened = openGroup(seat.receiver, envelope);
    if (opened.ok) assert.equal(fromUtf8(opened.value.plaintext), text);
    assert.deepEqual(encodeReceiver(seat.receiver), before);
  }
}
