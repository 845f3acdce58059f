/** SPEC section 26, [LIVE2]: whom the log is shown to. */
import assert from "node:assert/strict";
import { logFrameOf, nameOf } from "../../../support/liveSent.ts";
import { LiveStage } from "../../../support/liveStage.ts";
import { utf8 } from "../../../../core/wire/text.ts";

const sentTo = (stage: LiveStage, to: string, from = "fay") =>
  stage.sent.filter((sent) => sent.from === from && sent.to === to).map(nameOf);

const wantAll = (stage: LiveStage) => {
  const ids = [...stage.state("fay").log.heads];
  return logFrameOf({ t: "want", number: 1, ids, have: [], strict: false });
};

Deno.test("[LIVE2] a stranger is told nothing of the log, and is refused what it asks for", () => {
  const stage = new LiveStage({ members: ["pat"] });
  stage.enterAlone("eve");
  stage.link("fay", "eve", false);
  stage.pass(1_000);
  stage.say("fay", "hello");
  stage.act("fay", { t: "settings", name: "renamed", icon: null });
  const asked = stage.step("fay", { type: "FrameReceived", device: stage.idOf("eve"), frame: wantAll(stage) });
  assert.equal(asked.refusal, "guild.not-a-member");
  assert.deepEqual(asked.effects, []);
  stage.pass(60_000);
  assert.deepEqual([...new Set(sentTo(stage, "eve"))], ["content all"]);
  assert.equal(stage.state("eve").log.ops.size, 1);
});

Deno.test("[LIVE2] an unknown device that proved to be invited is shown the log, and nothing else", () => {
  const stage = new LiveStage({ members: ["pat"] });
  stage.enterAlone("eve");
  stage.step("fay", { type: "SetProfile", profile: { name: "Fay", status: "", picture: null } });
  stage.say("fay", "hello");
  stage.link("fay", "eve", true);
  stage.pass(60_000);
  assert.equal(stage.state("eve").log.ops.size, stage.state("fay").log.ops.size);
  assert.deepEqual(stage.texts("eve"), []);
  assert.equal(stage.state("eve").profiles.records.size, 0);
  const names = new Set(sentTo(stage, "eve"));
  for (const name of ["content push", "content items", "keys chain", "deal", "deals", "profile"]) {
    assert.ok(!names.has(name), name);
  }
});

Deno.test("[LIVE2] the step that learns of a removal ends the link, and nothing more is told on it", () => {
  const stage = new LiveStage({ members: ["pat", "sam"] });
  stage.link("fay", "sam");
  stage.link("pat", "sam");
  stage.link("fay", "pat");
  stage.pass(1_000);
  const { effects } = stage.step("fay", { type: "Act", body: { t: "remove", user: stage.userOf("sam"), seen: [] } });
  assert.ok(effects.some((effect) => effect.type === "Unlink" && effect.device === stage.idOf("sam")));
  assert.ok(!stage.isLinked("fay", "sam"));
  stage.pass(1_000);
  assert.ok(!stage.isLinked("pat", "sam"), "pat has learned of it");
  const before = stage.sent.length;
  stage.say("pat", "among us");
  stage.act("fay", { t: "settings", name: "ours", icon: null });
  stage.pass(60_000);
  assert.deepEqual(stage.sent.slice(before).filter(({ to }) => to === "sam"), []);
  assert.equal(stage.state("sam").ruled.guild.name, "guild");
});

Deno.test("[LIVE2] who was a member and is none is shown nothing on a later link, whatever it proves", () => {
  const stage = new LiveStage({ members: ["pat", "sam"] });
  stage.remove("fay", "sam");
  stage.pass(1_000);
  const before = stage.sent.length;
  stage.link("fay", "sam", true);
  stage.run();
  const asked = stage.step("fay", { type: "FrameReceived", device: stage.idOf("sam"), frame: wantAll(stage) });
  assert.equal(asked.refusal, "guild.not-a-member");
  stage.say("fay", "among us");
  stage.act("fay", { t: "settings", name: "ours", icon: null });
  assert.ok(!stage.isLinked("fay", "sam"), "the next op ends this link too");
  stage.pass(60_000);
  assert.deepEqual([...new Set(stage.sent.slice(before).filter(({ to }) => to === "sam").map(nameOf))], [
    "content all",
  ]);
});

Deno.test("[LIVE2] a profile is taken of members' devices only", () => {
  const stage = new LiveStage({ members: ["pat"] });
  stage.enterAlone("eve");
  stage.link("fay", "eve", true);
  stage.link("fay", "pat");
  stage.pass(100);
  const [sent] = stage.sent.filter((one) => one.from === "pat" && nameOf(one) === "profile");
  const frame = sent!.bytes;
  const refused = stage.step("fay", { type: "FrameReceived", device: stage.idOf("eve"), frame });
  assert.equal(refused.refusal, "guild.not-a-member");
});

Deno.test("[LIVE2] nobody is heard without a link", () => {
  const stage = new LiveStage({ members: ["pat"] });
  for (const frame of [wantAll(stage), utf8("noise")]) {
    const step = stage.step("fay", { type: "FrameReceived", device: stage.idOf("pat"), frame });
    assert.equal(step.refusal, "link.unknown");
    assert.deepEqual(step.effects, []);
  }
});
