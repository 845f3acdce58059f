/** SPEC section 26, [LIVE5]: envelopes that nothing opens yet. */
import assert from "node:assert/strict";
import { guildKeys } from "../../../../core/guild/live/keys.ts";
import { holdSealed } from "../../../../core/guild/live/sealed.ts";
import { GuildTurn } from "../../../../core/guild/live/turn.ts";
import { LIVE } from "../../../../core/limits.ts";
import { indexesOf, NO_INDEXES } from "../../../../core/wire/chainIndexes.ts";
import { contentRecord } from "../../../../core/wire/guildRecords.ts";
import { decodeGroupEnvelope } from "../../../../core/wire/groupEnvelope.ts";
import { chainIdOf } from "../../../../core/guild/live/receiving.ts";
import { contentFrameOf, contentOf, nameOf } from "../../../support/liveSent.ts";
import { LiveStage, type Sent } from "../../../support/liveStage.ts";
import { envOf, flipBit, must } from "../../../support/world.ts";

const isChain = (sent: Sent) => nameOf(sent) === "keys chain";
const isKeys = (sent: Sent) => nameOf(sent).startsWith("keys ");
const isWant = (sent: Sent) => nameOf(sent) === "keys want";

Deno.test("[LIVE5] where the chain is lost the envelope waits, its key is asked for, and opens it", () => {
  const stage = new LiveStage({ members: ["pat"] });
  stage.link("fay", "pat");
  stage.pass(1_000);
  stage.loses = isKeys;
  stage.say("fay", "hello");
  stage.run();
  assert.equal(stage.sealedCount("pat"), 1);
  assert.deepEqual(stage.texts("pat"), []);
  assert.equal(stage.sent.filter(isWant).length, 1);
  stage.loses = isChain;
  stage.pass(120_000);
  assert.equal(stage.sealedCount("pat"), 0);
  assert.deepEqual(stage.texts("pat"), ["hello"]);
  assert.equal(stage.state("pat").asking.wants.size, 0);
});

Deno.test("[LIVE5] a chain that comes late opens what waits for it, in whatever order both came", () => {
  const stage = new LiveStage({ members: ["pat"] });
  stage.link("fay", "pat");
  stage.pass(1_000);
  let late: Sent | null = null;
  stage.loses = (sent) => {
    if (isChain(sent)) late ??= sent;
    return isKeys(sent);
  };
  for (const word of ["one", "two", "three"]) stage.say("fay", word);
  stage.queue.reverse();
  stage.run();
  assert.equal(stage.sealedCount("pat"), 3);
  stage.deliver(late!);
  assert.equal(stage.sealedCount("pat"), 0);
  assert.deepEqual(stage.texts("pat"), ["one", "two", "three"]);
  assert.equal(stage.state("pat").asking.wants.size, 0, "nothing is asked for any more");
});

Deno.test("[LIVE5] while the author is away its content is had of others, sealed, and opened by keys of theirs", () => {
  const stage = new LiveStage({ members: ["pat", "sam"] });
  stage.link("fay", "pat");
  stage.pass(1_000);
  stage.loses = (sent) => isChain(sent) && sent.to === "sam";
  stage.say("fay", "hello");
  stage.pass(1_000);
  stage.cut("fay", "pat");
  stage.link("pat", "sam");
  stage.pass(30_000);
  assert.deepEqual(stage.texts("sam"), ["hello"]);
  const { shelf } = stage.state("sam").channels.get(stage.general)!;
  const [kept] = shelf.get(stage.idOf("fay"))!.kept.values();
  const { channel, device, seq } = kept!.content;
  const key = guildKeys(stage.state("sam").log.guild).content(channel, device, seq, kept!.id);
  const [theirs, ours] = ["fay", "sam"].map((name) => must(contentRecord.decode(stage.player(name).store.get(key)!)));
  assert.deepEqual(ours, theirs, "all that it takes to pass it on");
});

Deno.test("[GKEY6] two messages under one number of a chain open at whoever has the key of one, their author too", async () => {
  const stage = new LiveStage({ members: ["pat", "sam", "joe"] });
  stage.link("fay", "pat");
  stage.pass(1_000);
  stage.say("pat", "one");
  stage.pass(1_000);
  const records = stage.player("pat").store.snapshot();
  stage.say("pat", "two");
  stage.pass(1_000);
  await stage.restart("pat", records);
  // Sam knows of the first only, and cannot say that the chain went on.
  stage.link("pat", "sam");
  stage.pass(1_000);
  stage.say("pat", "not two again");
  stage.pass(1_000);
  const [, ...both] = [stage.contents("fay")[1], stage.contents("sam")[1]].map((one) => `${one!.chain}/${one!.index}`);
  assert.equal(new Set(both).size, 1);
  stage.loses = isChain;
  stage.link("sam", "joe");
  stage.pass(10_000);
  stage.link("fay", "pat");
  stage.link("fay", "joe");
  stage.pass(60_000);
  for (const name of ["fay", "pat", "joe"]) {
    assert.deepEqual(stage.texts(name).toSorted(), ["not two again", "one", "two"], name);
  }
});

Deno.test("[GKEY7] who may not read the channel any more is still asked for the keys of what it wrote there", () => {
  const stage = new LiveStage({ members: ["pat", "sam"] });
  stage.link("fay", "pat");
  stage.pass(1_000);
  stage.loses = (sent) => sent.kind === "told";
  stage.say("pat", "my last word");
  stage.run();
  const subject = { t: "member", user: stage.userOf("pat") } as const;
  stage.act("fay", { t: "channel.override", channel: stage.general, subject, allow: [], deny: ["view"] });
  stage.pass(1_000);
  stage.loses = () => false;
  stage.pass(120_000);
  assert.deepEqual(stage.contents("fay").map(({ text, rule }) => [text, rule]), [["my last word", "revoked-since"]]);
});

/** Pat passes on what fay said while sam was not there; each of its answers comes as `bend` says. */
function passedOn(bend: (items: Extract<ReturnType<typeof contentOf>, { t: "items" }>) => Uint8Array): LiveStage {
  const stage = new LiveStage({ members: ["pat", "sam"] });
  stage.link("fay", "pat");
  stage.pass(1_000);
  stage.loses = (sent) => sent.to === "sam" && sent.kind === "told";
  stage.say("fay", "hello");
  stage.pass(1_000);
  stage.link("pat", "sam");
  stage.loses = (sent) => {
    if (sent.to !== "sam" || nameOf(sent) !== "content items") return sent.to === "sam" && sent.kind === "told";
    const inner = contentOf(sent);
    if (inner.t === "items") {
      const frame = bend(inner);
      stage.step("sam", { type: "FrameReceived", device: stage.idOf("pat"), frame });
    }
    return true;
  };
  stage.pass(1_000);
  return stage;
}

Deno.test("[LIVE5] an envelope that is not shown to be its device's is not kept, and its number stays wanted", () => {
  const bends: Parameters<typeof passedOn>[0][] = [
    (frame) => contentFrameOf({ ...frame, chains: [] }),
    (frame) =>
      contentFrameOf({ ...frame, items: frame.items.map((one) => ({ ...one, envelope: bentChain(one.envelope) })) }),
    (frame) =>
      contentFrameOf({
        ...frame,
        items: frame.items.map((one) => ({ ...one, envelope: flipBit(one.envelope, 8 * one.envelope.length - 1) })),
      }),
    (frame) =>
      contentFrameOf({
        ...frame,
        chains: frame.chains.map((one) => ({ ...one, ownership: flipBit(one.ownership, 3) })),
      }),
    (frame) =>
      contentFrameOf({ ...frame, chains: frame.chains.map((one) => ({ ...one, signer: new Uint8Array(32) })) }),
  ];
  for (const [at, bend] of bends.entries()) {
    const stage = passedOn(bend);
    assert.equal(stage.sealedCount("sam"), 0, `bend ${at}`);
    assert.equal(stage.state("sam").asking.wants.size, 0);
    assert.ok(stage.player("sam").refusals.length > 0, `bend ${at}`);
    stage.loses = () => false;
    stage.link("fay", "sam");
    stage.pass(120_000);
    assert.deepEqual(stage.texts("sam"), ["hello"], `bend ${at}`);
  }
  assert.equal(passedOn((frame) => contentFrameOf(frame)).sealedCount("sam"), 1, "an honest one is kept");
});

/** The same with another chain's id. */
function bentChain(envelope: Uint8Array): Uint8Array {
  const { chain } = must(decodeGroupEnvelope(envelope));
  const at = envelope.findIndex((_, place) => chain.every((byte, i) => envelope[place + i] === byte));
  return flipBit(envelope, 8 * at);
}

Deno.test("[LIVE5] of what waits in a channel the earliest goes, with its key, when there is more than the bound", () => {
  const stage = new LiveStage({ members: ["pat"] });
  stage.say("fay", "hello");
  const { id } = stage.state("fay").channels.get(stage.general)!.sender!;
  const turn = new GuildTurn(stage.state("pat"), envOf(5));
  const one = (index: number) => ({
    channel: stage.general,
    device: stage.idOf("fay"),
    seq: index + 1,
    envelope: new Uint8Array(40),
    chain: chainIdOf(id),
    index,
    untilMs: stage.nowMs,
  });
  for (let index = 0; index < LIVE.maxSealed; index++) assert.ok(holdSealed(turn, one(index)));
  assert.ok(!holdSealed(turn, one(7)), "it is here already");
  assert.ok(holdSealed(turn, one(LIVE.maxSealed)));
  const sealed = [...turn.state.channels.get(stage.general)!.sealed.values()];
  assert.equal(sealed.length, LIVE.maxSealed);
  assert.equal(sealed[0]!.index, 1);
  const [want] = turn.state.asking.wants.values();
  assert.equal(want!.indexes & indexesOf([0]), NO_INDEXES);
});

Deno.test("[LIVE5] a number that came without a key is asked for again after a while", () => {
  const stage = new LiveStage({ members: ["pat", "sam"] });
  stage.link("fay", "pat");
  stage.pass(1_000);
  stage.loses = (sent) => sent.kind === "told";
  stage.say("fay", "hello");
  stage.run();
  const wants = () => stage.sent.filter((sent) => sent.from === "pat" && nameOf(sent) === "content want").length;
  stage.pass(LIVE.sealedMs - 10_000);
  const before = wants();
  assert.equal(stage.sealedCount("pat"), 1);
  stage.cut("fay", "pat");
  stage.link("fay", "pat");
  stage.pass(5_000);
  assert.equal(wants(), before, "it is here, if sealed");
  stage.pass(10_000);
  assert.equal(wants(), before + 1, "on the link that stands");
  stage.pass(10 * LIVE.sealedMs);
  assert.equal(wants(), before + 1, "and not for ever");
});

Deno.test("[LIVE5] who passes on an envelope under another number keeps that number from nobody for long", () => {
  const stage = new LiveStage({ members: ["pat", "sam"] });
  stage.link("fay", "pat");
  stage.link("pat", "sam");
  stage.pass(1_000);
  stage.loses = (sent) => sent.to === "sam";
  for (const word of ["one", "two"]) stage.say("fay", word);
  stage.pass(1_000);
  stage.cut("pat", "sam");
  stage.loses = (sent) => {
    if (sent.to !== "sam") return false;
    if (sent.kind === "told") return true;
    const inner = nameOf(sent) === "content items" ? contentOf(sent) : null;
    if (inner?.t !== "items") return false;
    const envelope = inner.items.find(({ seq }) => seq === 1)!.envelope;
    const frame = contentFrameOf({ ...inner, items: inner.items.map((one) => ({ ...one, envelope })) });
    stage.step("sam", { type: "FrameReceived", device: stage.idOf("pat"), frame });
    return true;
  };
  stage.link("pat", "sam");
  stage.pass(1_000);
  assert.equal(stage.sealedCount("sam"), 1);
  stage.loses = () => false;
  stage.pass(2 * LIVE.sealedMs);
  assert.deepEqual(stage.texts("sam"), ["one", "two"]);
});
