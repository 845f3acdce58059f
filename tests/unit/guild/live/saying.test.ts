/** SPEC section 26, [LIVE3]: what a person types is stored first, and goes when it may. */
import assert from "node:assert/strict";
import { GROUP, LIVE } from "../../../../core/limits.ts";
import { NO_CLAIMS } from "../../../../core/wire/guildContent.ts";
import { everywhere } from "../../../support/guild.ts";
import { LiveStage } from "../../../support/liveStage.ts";

Deno.test("[LIVE3] what is typed while a device catches up is on disk, and goes when it has", async () => {
  const stage = new LiveStage({ members: ["pat"] });
  await stage.restart("pat");
  const { effects } = stage.say("pat", "typed");
  assert.deepEqual(effects.map(({ type }) => type), ["Persist"]);
  await stage.restart("pat");
  assert.deepEqual([...stage.state("pat").unsaid.values()].map(({ text }) => text), ["typed"]);
  assert.deepEqual(stage.texts("pat"), []);
  stage.link("pat", "fay");
  stage.pass(1_000);
  assert.deepEqual(stage.texts("fay"), ["typed"]);
  assert.equal(stage.state("pat").unsaid.size, 0);
  await stage.restart("pat");
  assert.equal(stage.state("pat").unsaid.size, 0, "said once");
  assert.deepEqual(stage.texts("pat"), ["typed"]);
});

Deno.test("[LIVE3] what may not be said now is refused, and not kept", () => {
  const stage = new LiveStage({ members: ["pat"], everyone: everywhere("view") });
  const { refusal, effects, state } = stage.say("pat", "psst");
  assert.equal(refusal, "guild.not-allowed");
  assert.deepEqual(effects, []);
  assert.equal(state.unsaid.size, 0);
  const claiming = new LiveStage({ members: ["pat"] });
  const claims = { ...NO_CLAIMS, mentionsEveryone: true };
  assert.equal(claiming.say("pat", "everyone!", claiming.general, claims).refusal, "guild.not-allowed");
  assert.equal(claiming.say("fay", "everyone!", claiming.general, claims).refusal, null);
});

Deno.test("[LIVE3] what lost its permission before it was sealed stays, over a restart too, and goes when it may", async () => {
  const stage = new LiveStage({ members: ["pat"] });
  await stage.restart("pat");
  stage.say("pat", "typed in time");
  const subject = { t: "member", user: stage.userOf("pat") } as const;
  stage.act("fay", { t: "channel.override", channel: stage.general, subject, allow: [], deny: ["send"] });
  stage.link("pat", "fay");
  stage.pass(30_000);
  assert.equal(stage.state("pat").quietUntilMs, null);
  assert.deepEqual(stage.texts("fay"), []);
  assert.equal(stage.state("pat").unsaid.size, 1);
  assert.equal(stage.say("pat", "too late").refusal, "guild.not-allowed");
  await stage.restart("pat");
  stage.act("fay", { t: "channel.override", channel: stage.general, subject, allow: [], deny: [] });
  stage.link("pat", "fay");
  stage.pass(30_000);
  assert.deepEqual(stage.texts("fay"), ["typed in time"]);
  assert.equal(stage.state("pat").unsaid.size, 0);
});

Deno.test("[LIVE3] much that waits is sealed in blocks, in the order in which it was typed", async () => {
  const stage = new LiveStage({ members: ["pat"] });
  await stage.restart("pat");
  const words = Array.from({ length: GROUP.maxBlock + 3 }, (_, at) => `word ${at}`);
  for (const word of words) stage.say("pat", word);
  stage.say("pat", "elsewhere", stage.archive);
  stage.link("pat", "fay");
  stage.pass(30_000);
  assert.deepEqual(stage.texts("fay"), words);
  assert.deepEqual(stage.texts("fay", stage.archive), ["elsewhere"]);
  const seqs = stage.contents("fay").map(({ content }) => content.seq);
  assert.deepEqual(seqs, words.map((_, at) => at + 1));
});

Deno.test("[LIVE3] more than the bound is refused, and what waits already is not lost", async () => {
  const stage = new LiveStage({ members: ["pat"] });
  await stage.restart("pat");
  const one = { channel: stage.general, claims: NO_CLAIMS, text: "x", saidAtMs: stage.nowMs };
  const unsaid = new Map(Array.from({ length: LIVE.maxUnsaid }, (_, at) => [at + 1, one] as const));
  stage.player("pat").state = { ...stage.state("pat"), unsaid };
  assert.equal(stage.say("pat", "one more").refusal, "outbox.full");
  assert.equal(stage.state("pat").unsaid, unsaid);
});
