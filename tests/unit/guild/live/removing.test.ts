/** SPEC section 26, [LIVE6]; sections 21 and 22 where the machine joins them: what a removal lists, and what it ends. */
import assert from "node:assert/strict";
import type { BodyOf } from "../../../../core/wire/opBody.ts";
import { distributionCodec } from "../../../../core/wire/distribution.ts";
import type { LoggedOp } from "../../../../core/log/log.ts";
import { keysOf, keysToldOf, nameOf } from "../../../support/liveSent.ts";
import { LiveStage, type Sent } from "../../../support/liveStage.ts";
import { must } from "../../../support/world.ts";

const seenIn = ({ body }: LoggedOp) => (body as BodyOf<"remove">).seen;
const isChain = (sent: Sent) => sent.kind === "told" && nameOf(sent) === "keys chain";

Deno.test("[LIVE6] a removal lists the newest content of each of the person's devices in each channel", () => {
  const stage = new LiveStage({ members: ["pat", "sam", "sam 2"] });
  for (const name of ["pat", "sam", "sam 2"]) stage.link("fay", name);
  stage.pass(1_000);
  stage.say("sam", "one");
  stage.say("sam", "two");
  stage.say("sam 2", "from the other", stage.archive);
  stage.say("pat", "pat's");
  stage.pass(1_000);
  const own = { channel: stage.general, device: stage.idOf("sam 2"), seq: 9, id: stage.contents("fay")[0]!.id };
  const body = { t: "ban", user: stage.userOf("sam"), seen: [own] } as const;
  const listed = seenIn(stage.act("fay", body)).map(({ channel, device, seq, id }) => [channel, device, seq, id]);
  const newestOf = (name: string, channel = stage.general) => {
    const { content, id } = stage.contents("fay", channel).filter((one) => one.content.device === stage.idOf(name)).at(
      -1,
    )!;
    return [content.channel, content.device, content.seq, id];
  };
  assert.deepEqual(listed, [newestOf("sam"), newestOf("sam 2", stage.archive)], "whatever the caller says");
});

Deno.test("[LIVE6] what a removal lists stays shown to who gets it later; what comes to light after it does not", () => {
  const stage = new LiveStage({ members: ["pat", "sam", "joe"] });
  stage.link("fay", "sam");
  stage.link("joe", "sam");
  stage.pass(1_000);
  stage.say("sam", "known");
  stage.pass(1_000);
  stage.cut("fay", "sam");
  stage.say("sam", "unknown");
  stage.pass(1_000);
  assert.deepEqual(stage.texts("joe"), ["known", "unknown"]);
  stage.remove("fay", "sam");
  stage.link("fay", "joe");
  stage.link("fay", "pat");
  stage.pass(60_000);
  const rules = (name: string) => stage.contents(name).map(({ text, rule }) => [text, rule]);
  assert.deepEqual(rules("pat"), [["known", "permitted"], ["unknown", "removed-meanwhile"]]);
  assert.deepEqual(rules("fay"), rules("pat"));
});

Deno.test("[GKEY5] who is removed holds no chain of what is said after it, nor is handed one", () => {
  const stage = new LiveStage({ members: ["pat", "sam"] });
  for (const name of ["pat", "sam"]) stage.link("fay", name);
  stage.link("pat", "sam");
  stage.pass(1_000);
  stage.say("fay", "to all");
  stage.say("pat", "to all too");
  stage.pass(1_000);
  assert.equal(stage.texts("sam").length, 2);
  stage.remove("fay", "sam");
  stage.pass(1_000);
  const at = stage.sent.length;
  stage.say("fay", "among us");
  stage.say("pat", "among us too");
  stage.pass(1_000);
  const chains = stage.sent.slice(at).filter(isChain);
  assert.deepEqual(chains.map(({ from, to }) => [from, to]), [["fay", "pat"], ["pat", "fay"]]);
  const { receivers } = stage.state("sam").channels.get(stage.general)!;
  for (const { from, to, ...sent } of chains) {
    const frame = keysOf({ ...sent });
    const { chain } = must(distributionCodec.decode(frame.t === "chain" ? frame.distribution : new Uint8Array(0)));
    const held = receivers.get(stage.idOf(from))!.chains.map(({ id }) => id);
    assert.ok(!held.some((id) => id.every((byte, i) => byte === chain[i])), `${from} goes on in a chain of ${to}'s`);
  }
});

Deno.test("[GKEY3] who has not heard of a removal gives the removed nothing by who had", () => {
  const stage = new LiveStage({ members: ["pat", "sam"] });
  stage.link("fay", "pat");
  stage.link("pat", "sam");
  stage.pass(1_000);
  // What of the log fay tells pat is lost: pat has the content, and not the removal.
  stage.loses = (sent) => sent.from === "fay" && sent.to === "pat" && nameOf(sent).startsWith("log");
  stage.remove("fay", "sam");
  stage.say("fay", "among us", stage.archive);
  stage.pass(2_000);
  assert.ok(stage.isLinked("pat", "sam"));
  const [kept] = stage.contents("pat", stage.archive);
  assert.deepEqual([kept!.text, kept!.rule], ["among us", "unknown-heads"]);
  const device = stage.idOf("fay");
  const chains = [{ device, chain: kept!.chain, indexes: 1n << BigInt(kept!.index) }];
  const want = keysToldOf({ t: "want", number: 77, channel: stage.archive, chains });
  stage.step("pat", { type: "ToldBy", device: stage.idOf("sam"), message: want });
  stage.pass(60_000);
  const answers = stage.sent.filter((sent) => sent.from === "pat" && sent.to === "sam" && sent.kind === "told")
    .map(keysOf).filter((frame) => frame.t === "keys");
  assert.deepEqual(answers.map(({ chains }) => chains), [[]]);
  assert.deepEqual(stage.texts("sam", stage.archive), []);
  assert.equal(stage.sealedCount("sam", stage.archive), 0, "nor is the envelope told of");
});

Deno.test("[LIVE2] keys are asked for in vain by who has no link", () => {
  const stage = new LiveStage({ members: ["pat", "sam"] });
  stage.link("fay", "sam");
  stage.pass(1_000);
  stage.say("fay", "hello");
  const [kept] = stage.contents("fay");
  stage.remove("fay", "sam");
  const chains = [{ device: stage.idOf("fay"), chain: kept!.chain, indexes: 1n }];
  const message = keysToldOf({ t: "want", number: 1, channel: stage.general, chains });
  const step = stage.step("fay", { type: "ToldBy", device: stage.idOf("sam"), message });
  assert.equal(step.refusal, "link.unknown");
  assert.deepEqual(step.effects, []);
});

Deno.test("[GKEY3] who loses the view of a channel is pushed, told and given nothing of it", () => {
  const stage = new LiveStage({ members: ["pat", "sam"] });
  for (const name of ["pat", "sam"]) stage.link("fay", name);
  stage.pass(1_000);
  stage.say("fay", "to all", stage.archive);
  stage.pass(1_000);
  const subject = { t: "member", user: stage.userOf("sam") } as const;
  stage.act("fay", { t: "channel.override", channel: stage.archive, subject, allow: [], deny: ["view"] });
  const at = stage.sent.length;
  stage.say("fay", "without sam", stage.archive);
  stage.pass(60_000);
  const told = stage.sent.slice(at).filter(({ to }) => to === "sam").map(nameOf);
  for (const name of ["content push", "content items", "keys chain", "keys keys"]) {
    assert.ok(!told.includes(name), name);
  }
  assert.deepEqual(stage.texts("sam", stage.archive), ["to all"]);
  const [, kept] = stage.contents("fay", stage.archive);
  const chains = [{ device: stage.idOf("fay"), chain: kept!.chain, indexes: 1n << BigInt(kept!.index) }];
  const message = keysToldOf({ t: "want", number: 1, channel: stage.archive, chains });
  stage.step("fay", { type: "ToldBy", device: stage.idOf("sam"), message });
  stage.run();
  const [answer] = stage.sent.slice(at).filter((sent) => sent.to === "sam" && sent.kind === "told").map(keysOf);
  assert.deepEqual(answer, { t: "keys", number: 1, channel: stage.archive, chains: [], stop: null });
});
