/** What a peer is given that asks for keys. */
import assert from "node:assert/strict";
import { Hindsight } from "../../../../core/guild/hindsight.ts";
import {
  type Answering,
  answerTick,
  answerWant,
  gained,
  openAnswering,
  takeWant,
} from "../../../../core/guild/keys/answering.ts";
import type { FoundChain } from "../../../../core/guild/keys/giving.ts";
import { stateOf } from "../../../../core/guild/state.ts";
import { chainId, channelId, channelOfOp, type OpId } from "../../../../core/ids.ts";
import { GUILD_KEYS } from "../../../../core/limits.ts";
import type { LoggedOp } from "../../../../core/log/log.ts";
import { uintBytes } from "../../../../core/wire/bytes.ts";
import { type Indexes, indexesOf } from "../../../../core/wire/chainIndexes.ts";
import { guildKeysCodec, type KeysAnswer, type KeysWant } from "../../../../core/wire/guildKeys.ts";
import { deviceNamed, everywhere, userNamed } from "../../../support/guild.ts";
import { must } from "../../../support/world.ts";
import { town } from "../town.ts";

const [ANN, PIP] = [deviceNamed("ann"), deviceNamed("pip")];
const KEY = new Uint8Array(32);
const chain = (number: number) => must(chainId(uintBytes(number, 16)));
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

function square(history: "none" | "archive" = "none") {
  const { stage } = town(everywhere("view", "send"));
  const channel = channelOfOp(stage.make("fay", { t: "channel.create", name: "square", kind: "text" }).id);
  stage.make("fay", { t: "channel.change", channel, name: "square", topic: "", position: 0, history });
  const hindsight = () => {
    const rulings = stage.resolve();
    return new Hindsight(rulings, stateOf(rulings));
  };
  const want = (indexes: Indexes, ...chains: readonly number[]): KeysWant => ({
    t: "want",
    number: 1,
    channel,
    chains: (chains.length > 0 ? chains : [1]).map((one) => ({ device: ANN, chain: chain(one), indexes })),
  });
  return { stage, channel, hindsight, want };
}

/** `headsOf` of each message. */
const found = (number: number, count: number, headsOf: (index: number) => readonly LoggedOp[]): FoundChain => ({
  device: ANN,
  chain: chain(number),
  signer: KEY,
  ownership: new Uint8Array(64),
  contents: numbers(count).map((index) => ({ index, key: KEY, heads: headsOf(index).map(({ id }): OpId => id) })),
});

const given = (answer: KeysAnswer) => answer.chains.map(({ keys }) => keys.map(({ index }) => index));

Deno.test("[GKEY11] one request of a peer is answered at a time", () => {
  const { hindsight, want, stage } = square();
  const then = stage.heads();
  const asked = takeWant(openAnswering(0), hindsight(), PIP, want(indexesOf([0, 2])), null, 0);
  assert.deepEqual(asked.read?.chains, want(indexesOf([0, 2])).chains);
  assert.equal(takeWant(asked.answering, hindsight(), PIP, want(1n), null, 0).send?.t, "busy");
  const done = answerWant(asked.answering, hindsight(), PIP, [found(1, 3, () => then)], 0);
  assert.deepEqual(given(done.send as KeysAnswer), [[0, 2]]);
  assert.equal(done.answering.owed.size, 0);
  assert.ok(takeWant(done.answering, hindsight(), PIP, want(1n), null, 0).read !== null);
});

Deno.test("[GKEY11] a peer that asks without end is given so much in a time", () => {
  const { hindsight, want, stage } = square("archive");
  const [then, sees] = [stage.heads(), hindsight()];
  let [answering, answers]: [Answering, number] = [openAnswering(0), 0];
  const [lastMs, all] = [60_000, indexesOf(numbers(1_000))];
  for (let nowMs = 0; nowMs < lastMs; nowMs += 50) {
    const asked = takeWant(answering, sees, PIP, want(all, 1, 2, 3), null, nowMs);
    const done = asked.read === null ? asked : answerWant(
      asked.answering,
      sees,
      PIP,
      [1, 2, 3].map((number) => found(number, 1_000, () => then)),
      nowMs,
    );
    answering = done.answering;
    assert.ok(guildKeysCodec.encode(done.send!).length <= GUILD_KEYS.maxFrameBytes);
    if (done.send?.t === "keys") answers++;
  }
  const most = (GUILD_KEYS.servedBurstBytes + GUILD_KEYS.servedBytesPerS * lastMs / 1_000) / (2 * 7_000);
  assert.ok(answers > 100 && answers < most, `${answers} of ${most}`);
});

Deno.test("[GKEY11] of a request that no answer holds it says where it stopped looking", () => {
  const { hindsight, want, stage } = square("archive");
  const then = stage.heads();
  const asked = takeWant(openAnswering(0), hindsight(), PIP, want(indexesOf(numbers(150)), 1, 2, 3), null, 0);
  assert.deepEqual(asked.read!.stop, { at: 1, index: 99 });
  const chains = [1, 2, 3].map((number) => found(number, 150, () => then));
  const { send } = answerWant(asked.answering, hindsight(), PIP, chains, 0);
  assert.deepEqual(given(send as KeysAnswer), [numbers(150), numbers(150).slice(100)]);
  assert.deepEqual((send as KeysAnswer).stop, { at: 1, index: 99 });
});

Deno.test("[GKEY11] an answer looks back from few heads, and goes on there when it is asked again", () => {
  const { hindsight, want, stage } = square();
  const heads = numbers(4).map((at) => [stage.make("fay", { t: "settings", name: `${at}`, icon: null })]);
  stage.make("fay", { t: "settings", name: "now", icon: null });
  const messages = found(1, 4, (index) => heads[index]!);
  let [answering, left, sees]: [Answering, Indexes, Hindsight] = [openAnswering(0), indexesOf(numbers(4)), hindsight()];
  for (const index of [3, 2, 1, 0]) {
    const asked = takeWant(answering, sees, PIP, want(left), null, 0);
    const done = answerWant(asked.answering, sees, PIP, [messages], 0);
    assert.deepEqual(given(done.send as KeysAnswer), [[index]]);
    assert.deepEqual((done.send as KeysAnswer).stop, index === 0 ? null : { at: 0, index: index - 1 });
    [answering, left] = [done.answering, left & ~indexesOf([index])];
  }
});

Deno.test("[GKEY3] who is no reader is given nothing, and what it may not have is left out", () => {
  const { hindsight, want, stage, channel } = square();
  const before = stage.heads();
  const deny = { t: "channel.override", channel, subject: { t: "member", user: userNamed("pip") } } as const;
  stage.make("fay", { ...deny, allow: [], deny: ["view"] });
  const closed = stage.heads();
  const refused = takeWant(openAnswering(0), hindsight(), PIP, want(1n), null, 0);
  assert.deepEqual([refused.read, given(refused.send as KeysAnswer)], [null, []]);
  stage.make("fay", { ...deny, allow: ["view"], deny: [] });
  const asked = takeWant(openAnswering(0), hindsight(), PIP, want(indexesOf([0, 1])), null, 0);
  const both = found(1, 2, (index) => index === 1 ? before : closed);
  const first = answerWant(asked.answering, hindsight(), PIP, [both], 0);
  assert.deepEqual(given(first.send as KeysAnswer), [[1]]);
  const next = takeWant(first.answering, hindsight(), PIP, want(1n), null, 0);
  const second = answerWant(next.answering, hindsight(), PIP, [both], 0);
  assert.deepEqual([given(second.send as KeysAnswer), (second.send as KeysAnswer).stop], [[], null]);
});

Deno.test("[GKEY3] who is removed while the store is read is given nothing", () => {
  const { hindsight, want, stage } = square("archive");
  const then = stage.heads();
  const asked = takeWant(openAnswering(0), hindsight(), PIP, want(1n), null, 0);
  stage.make("ann", { t: "remove", user: userNamed("pip"), seen: [] });
  const done = answerWant(asked.answering, hindsight(), PIP, [found(1, 1, () => then)], 0);
  assert.deepEqual(given(done.send as KeysAnswer), []);
});

Deno.test("[GKEY8] again is said of channels in which something was not given, together and not too often", () => {
  const { hindsight, want, channel } = square();
  const asked = takeWant(openAnswering(0), hindsight(), PIP, want(1n), null, 0);
  let { answering } = answerWant(asked.answering, hindsight(), PIP, [], 10_000);
  assert.equal(answerTick(answering, 10_000).send, null);
  const other = must(channelId(new Uint8Array(32)));
  assert.equal(gained(answering, [other]), answering);
  const told = answerTick(gained(answering, [channel, other]), 10_000);
  assert.deepEqual(told.send, { t: "again", channels: [channel] });
  answering = answerWant(
    takeWant(told.answering, hindsight(), PIP, want(1n), null, 10_000).answering,
    hindsight(),
    PIP,
    [],
    10_000,
  ).answering;
  answering = gained(answering, [channel]);
  assert.equal(answerTick(answering, 10_000 + GUILD_KEYS.againEveryMs - 1).send, null);
  assert.equal(answerTick(answering, 10_000 + GUILD_KEYS.againEveryMs).send?.t, "again");
});

Deno.test("[GKEY8] channels that a peer makes up are not remembered without end", () => {
  const { hindsight, want } = square();
  const sees = hindsight();
  let answering = openAnswering(0);
  for (let at = 0; at < GUILD_KEYS.maxOwed + 50; at++) {
    const channel = must(channelId(uintBytes(at, 32)));
    answering = takeWant(answering, sees, PIP, { ...want(1n), channel }, null, at * 1_000).answering;
  }
  assert.equal(answering.owed.size, GUILD_KEYS.maxOwed);
});
