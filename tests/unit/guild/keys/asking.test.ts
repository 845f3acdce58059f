/** Whom a device asks for keys that it lacks, and when. */
import assert from "node:assert/strict";
import {
  askDueAtMs,
  type Asking,
  askPeers,
  askTick,
  hearPeer,
  losePeer,
  meetPeer,
  NOTHING_ASKED,
  triedKeys,
  wantKeys,
} from "../../../../core/guild/keys/asking.ts";
import type { Tried } from "../../../../core/guild/keys/trying.ts";
import type { ChainPart } from "../../../../core/guild/keys/wants.ts";
import { type ChainId, chainId, type ChannelId, channelId, type DeviceId } from "../../../../core/ids.ts";
import { GUILD_KEYS } from "../../../../core/limits.ts";
import { uintBytes } from "../../../../core/wire/bytes.ts";
import {
  countOf,
  type Indexes,
  indexesOf,
  NO_INDEXES,
  numbersOf,
  rangesOf,
} from "../../../../core/wire/chainIndexes.ts";
import { type GivenChain, guildKeysCodec, type KeysAnswer, type KeysWant } from "../../../../core/wire/guildKeys.ts";
import { deviceNamed } from "../../../support/guild.ts";
import { must } from "../../../support/world.ts";

const [ANN, PIP, PAT] = ["ann", "pip", "pat"].map(deviceNamed) as [DeviceId, DeviceId, DeviceId];
const SQUARE: ChannelId = must(channelId(new Uint8Array(32).fill(1)));
const GARDEN: ChannelId = must(channelId(new Uint8Array(32).fill(2)));
const READERS = new Map([SQUARE, GARDEN].map((channel) => [channel, new Set([ANN, PIP, PAT])]));

const chain = (number: number): ChainId => must(chainId(uintBytes(number, 16)));
const first = (count: number): Indexes => indexesOf(Array.from({ length: count }, (_, index) => index));
const part = (device: DeviceId, number: number, indexes: Indexes, channel = SQUARE): ChainPart => ({
  channel,
  device,
  chain: chain(number),
  indexes,
});

/** Asks, with the peers and wants that there are, and takes the time. */
class Asker {
  asking: Asking = NOTHING_ASKED;
  nowMs = 1_000;
  refused: string[] = [];

  meet(...devices: readonly DeviceId[]): this {
    for (const device of devices) this.asking = meetPeer(this.asking, device, this.nowMs);
    return this;
  }

  want(...parts: readonly ChainPart[]): this {
    this.asking = wantKeys(this.asking, parts);
    return this;
  }

  /** What is sent now, by device. */
  ask(): Map<DeviceId, KeysWant> {
    const step = askPeers(this.asking, READERS, this.nowMs);
    this.asking = step.asking;
    return new Map(
      step.send.map(({ to, frame }) => [to, must(guildKeysCodec.decode(guildKeysCodec.encode(frame))) as KeysWant]),
    );
  }

  hear(device: DeviceId, frame: Parameters<typeof hearPeer>[2]) {
    const step = hearPeer(this.asking, device, frame, this.nowMs);
    this.asking = step.asking;
    if (step.refused !== null) this.refused.push(step.refused);
    return step.trial;
  }

  tick(): void {
    this.nowMs = askDueAtMs(this.asking) ?? this.nowMs;
    const step = askTick(this.asking, this.nowMs);
    this.asking = step.asking;
    if (step.refused !== null) this.refused.push(step.refused);
  }

  tried(device: DeviceId, ...tried: readonly Tried[]): void {
    const step = triedKeys(this.asking, device, tried, this.nowMs);
    this.asking = step.asking;
    if (step.refused !== null) this.refused.push(step.refused);
  }
}

const KEY = new Uint8Array(32);
const given = ({ device, chain, indexes }: Pick<ChainPart, "device" | "chain" | "indexes">): GivenChain => ({
  device,
  chain,
  signer: KEY,
  ownership: new Uint8Array(64),
  keys: numbersOf(indexes).map((index) => ({ index, key: KEY })),
});
const answer = ({ number, channel }: KeysWant, ...chains: readonly GivenChain[]): KeysAnswer => ({
  t: "keys",
  number,
  channel,
  chains,
  stop: null,
});

Deno.test("[GKEY7] the author's device is asked first, others for what it did not give", () => {
  const asker = new Asker().meet(PIP, ANN).want(part(ANN, 1, first(5)));
  const [[to, want]] = [...asker.ask()] as [[DeviceId, KeysWant]];
  assert.deepEqual([to, want.chains[0]!.indexes], [ANN, first(5)]);
  assert.equal(asker.ask().size, 0, "one request is under way");
  const trial = asker.hear(ANN, answer(want, given(part(ANN, 1, first(2)))));
  assert.equal(trial!.chains[0]!.keys.length, 2);
  assert.deepEqual(asker.ask().get(PIP)!.chains[0]!.indexes, first(5) & ~first(2));
  asker.tried(ANN, { ...part(ANN, 1, first(2)), wrong: NO_INDEXES });
  assert.deepEqual([...asker.asking.wants.values()].map(({ indexes }) => indexes), [first(5) & ~first(2)]);
});

Deno.test("[GKEY7] each is asked for something else, of one channel, the newest first", () => {
  const asker = new Asker().meet(PIP, PAT).want(part(ANN, 1, first(900)), part(ANN, 2, first(3), GARDEN));
  const wants = asker.ask();
  const [pip, pat] = [wants.get(PIP)!, wants.get(PAT)!];
  assert.deepEqual(rangesOf(pip.chains[0]!.indexes), [{ from: 700, to: 899 }]);
  assert.deepEqual(rangesOf(pat.chains[0]!.indexes), [{ from: 500, to: 699 }]);
  asker.hear(PIP, answer(pip));
  asker.hear(PAT, answer(pat));
  assert.deepEqual(rangesOf(asker.ask().get(PIP)!.chains[0]!.indexes), [{ from: 500, to: 699 }]);
});

Deno.test("[GKEY7] an answer to all of a request fits a frame, and so does every request", () => {
  const scattered = indexesOf(Array.from({ length: 500 }, (_, i) => 2 * i));
  const all = Array.from({ length: 100 }, (_, at) => part(ANN, at, at % 2 === 0 ? scattered : first(9)));
  const asker = new Asker().meet(PIP, PAT).want(...all);
  for (const want of asker.ask().values()) {
    assert.ok(want.chains.length <= GUILD_KEYS.maxChains);
    assert.ok(want.chains.reduce((sum, { indexes }) => sum + countOf(indexes), 0) <= GUILD_KEYS.maxKeys);
    must(guildKeysCodec.decode(guildKeysCodec.encode(answer(want, ...want.chains.map(given)))));
  }
});

Deno.test("[GKEY7] who does not read a channel is not asked about it", () => {
  const asker = new Asker().meet(PIP).want(part(ANN, 1, first(3)));
  const step = askPeers(asker.asking, new Map([[SQUARE, new Set([ANN])]]), asker.nowMs);
  assert.deepEqual(step.send, []);
});

Deno.test("[GKEY8] only the answer that is due is read, and of it only what was asked for", () => {
  const asker = new Asker().meet(PIP).want(part(ANN, 1, first(3)), part(ANN, 2, first(1), GARDEN));
  asker.hear(PIP, { t: "keys", number: 1, channel: SQUARE, chains: [], stop: null });
  const want = asker.ask().get(PIP)!;
  asker.hear(PIP, { ...answer(want), number: 7 });
  asker.hear(PAT, answer(want));
  assert.deepEqual(asker.refused, ["keys.unasked", "keys.unasked", "keys.unasked"]);
  const foreign = given({ device: ANN, chain: chain(2), indexes: first(1) });
  const trial = asker.hear(PIP, answer(want, foreign, given({ ...want.chains[0]!, indexes: first(9) })));
  assert.deepEqual(trial!.chains.map(({ keys }) => keys.length), [3]);
});

Deno.test("[GKEY8] what a peer declines is not asked of it again, before it says so or comes anew", () => {
  const asker = new Asker().meet(PIP).want(part(ANN, 1, first(3)));
  asker.hear(PIP, answer(asker.ask().get(PIP)!));
  assert.equal(asker.ask().size, 0);
  asker.want(part(ANN, 1, indexesOf([7])));
  const want = asker.ask().get(PIP)!;
  assert.deepEqual(want.chains[0]!.indexes, indexesOf([7]), "new ones are");
  asker.hear(PIP, answer(want));
  asker.hear(PIP, { t: "again", channels: [GARDEN] });
  assert.equal(asker.ask().size, 0);
  asker.tick();
  asker.hear(PIP, { t: "again", channels: [SQUARE] });
  asker.tick();
  const again = asker.ask().get(PIP)!;
  assert.deepEqual(again.chains[0]!.indexes, first(3) | indexesOf([7]));
  asker.hear(PIP, answer(again));
  assert.equal(asker.ask().size, 0);
  asker.asking = losePeer(asker.asking, PIP);
  asker.meet(PIP);
  assert.equal(asker.ask().size, 1);
});

Deno.test("[GKEY8] again is heeded every 5 s at most, and what came too early then", () => {
  const asker = new Asker().meet(PIP).want(part(ANN, 1, first(3)));
  let asked = 0;
  const endMs = asker.nowMs + 60_000;
  while (asker.nowMs < endMs) {
    for (const want of asker.ask().values()) {
      asked++;
      asker.hear(PIP, answer(want));
    }
    asker.hear(PIP, { t: "again", channels: [SQUARE] });
    asker.nowMs += 100;
    asker.asking = askTick(asker.asking, asker.nowMs).asking;
  }
  assert.ok(asked >= 11 && asked <= 14, `${asked}`);
});

Deno.test("[GKEY8] what was not looked for is asked again, and an answer that looks at nothing is a failure", () => {
  const asker = new Asker().meet(PIP).want(part(ANN, 1, first(10)), part(ANN, 2, first(10)));
  const want = asker.ask().get(PIP)!;
  asker.hear(PIP, { ...answer(want), stop: { at: 1, index: 6 } });
  const next = asker.ask().get(PIP)!;
  assert.deepEqual(next.chains.map(({ chain, indexes }) => [chain, indexes]), [[chain(2), first(7)]]);
  asker.hear(PIP, { ...answer(next), stop: { at: 0, index: 999 } });
  assert.equal(asker.asking.peers.get(PIP)!.failures, 1);
  assert.equal(asker.ask().size, 0);
  asker.tick();
  assert.deepEqual(asker.ask().get(PIP)!.chains.map(({ indexes }) => indexes), [first(7)]);
});

Deno.test("[GKEY8] keys that open nothing are counted, and not taken of that peer again", () => {
  const asker = new Asker().meet(PIP, PAT).want(part(ANN, 1, first(3)));
  const want = asker.ask().get(PIP)!;
  asker.hear(PIP, answer(want, given(part(ANN, 1, first(3)))));
  assert.equal(asker.ask().size, 0, "they are being tried");
  asker.tried(PIP, { ...part(ANN, 1, first(3)), wrong: first(3) });
  assert.deepEqual(asker.refused, ["keys.wrong"]);
  assert.deepEqual([...asker.ask().keys()], [PAT]);
  asker.asking = losePeer(asker.asking, PAT);
  asker.tick();
  assert.equal(asker.ask().size, 0);
});

Deno.test("[GKEY9] keys of so many chains are wanted, and of others when these have come", () => {
  const all = Array.from({ length: GUILD_KEYS.maxWantedChains + 5 }, (_, at) => part(ANN, at, first(1)));
  const asker = new Asker().meet(PIP).want(...all);
  assert.equal(asker.asking.wants.size, GUILD_KEYS.maxWantedChains);
  asker.want(part(ANN, 0, first(2)));
  assert.equal(asker.asking.wants.values().next().value!.indexes, first(2), "of a known one more is taken");
});

Deno.test("[GKEY10] silence: others are asked at once, and the silent one after pauses that grow", () => {
  const asker = new Asker().meet(ANN).want(part(ANN, 1, first(3)));
  const waits: number[] = [];
  for (let i = 0; i < 12; i++) {
    assert.equal(asker.ask().size, 1);
    asker.tick();
    const silentMs = asker.nowMs;
    if (i === 0) {
      asker.meet(PIP);
      const want = asker.ask().get(PIP)!;
      asker.hear(PIP, answer(want));
      asker.asking = losePeer(asker.asking, PIP);
    }
    asker.tick();
    waits.push(asker.nowMs - silentMs);
  }
  assert.deepEqual(waits.slice(0, 4), [2_000, 4_000, 8_000, 16_000]);
  assert.equal(waits.at(-1), GUILD_KEYS.maxPauseMs);
  assert.ok(asker.refused.every((reason) => reason === "keys.silent"));
});

Deno.test("[GKEY10] who leaves after failures is not trusted anew for coming again", () => {
  const asker = new Asker().meet(PIP).want(part(ANN, 1, first(3)));
  const want = asker.ask().get(PIP)!;
  asker.hear(PIP, answer(want, given(part(ANN, 1, first(3)))));
  asker.tried(PIP, { ...part(ANN, 1, first(3)), wrong: first(3) });
  asker.asking = losePeer(asker.asking, PIP);
  asker.meet(PIP);
  assert.equal(asker.ask().size, 0);
  asker.tick();
  assert.equal(asker.ask().size, 1);
  assert.equal(asker.asking.peers.get(PIP)!.failures, 1);
});

Deno.test("[GKEY10] a peer that never has anything is asked less and less", () => {
  const asker = new Asker().meet(PIP).want(...Array.from({ length: 60 }, (_, at) => part(ANN, at, first(1_000))));
  let asked = 0;
  for (let want = asker.ask().get(PIP); want !== undefined; want = asker.ask().get(PIP)) {
    asked++;
    asker.hear(PIP, answer(want));
  }
  assert.equal(asked, GUILD_KEYS.maxFruitless + 1);
});

Deno.test("[GKEY10] busy: asked again when it says, and not before", () => {
  const asker = new Asker().meet(PIP).want(part(ANN, 1, first(3)));
  const want = asker.ask().get(PIP)!;
  asker.hear(PIP, { t: "busy", number: want.number, retryAfterMs: 30_000 });
  const beforeMs = asker.nowMs;
  asker.tick();
  assert.equal(asker.nowMs - beforeMs, 30_000);
  assert.equal(asker.ask().size, 1);
});
