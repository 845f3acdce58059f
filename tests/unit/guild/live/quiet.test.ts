/** SPEC section 26, [LIVE4]: what a device does that does not know whether its store was set back. */
import assert from "node:assert/strict";
import { LIVE } from "../../../../core/limits.ts";
import { distributionCodec } from "../../../../core/wire/distribution.ts";
import { everywhere } from "../../../support/guild.ts";
import { keysOf, nameOf } from "../../../support/liveSent.ts";
import { LiveStage } from "../../../support/liveStage.ts";
import { must } from "../../../support/world.ts";

const chainOf = (stage: LiveStage, name: string) => stage.state(name).channels.get(stage.general)!.sender!.id;
const rename = (name: string) => ({ t: "settings", name, icon: null }) as const;

/** The chains that pat handed to anybody. */
const handed = (stage: LiveStage) =>
  stage.sent.filter((sent) => sent.from === "pat" && sent.kind === "told" && nameOf(sent) === "keys chain").map(
    (sent) => {
      const frame = keysOf(sent);
      return must(distributionCodec.decode(frame.t === "chain" ? frame.distribution : new Uint8Array(0)));
    },
  );

Deno.test("[LIVE4] after a start nothing gets a number before a peer has shown what it has, and then at once", async () => {
  const stage = new LiveStage({ members: ["pat"] });
  stage.say("pat", "before");
  const chain = chainOf(stage, "pat");
  await stage.restart("pat");
  stage.say("pat", "meanwhile");
  stage.pass(LIVE.quietMs - 1);
  assert.equal(stage.state("pat").unsaid.size, 1);
  stage.link("pat", "fay");
  stage.run();
  assert.equal(stage.state("pat").quietUntilMs, null);
  assert.deepEqual(stage.texts("pat"), ["before", "meanwhile"]);
  assert.deepEqual(chainOf(stage, "pat"), chain, "nothing speaks against the chain");
});

Deno.test("[LIVE4] with nobody there for 20 s it goes on, in a fresh chain that says nothing of the one before", async () => {
  const stage = new LiveStage({ members: ["pat"] });
  stage.say("pat", "before");
  const chain = chainOf(stage, "pat");
  await stage.restart("pat");
  stage.step("pat", { type: "Act", body: { t: "leave" } });
  stage.say("pat", "meanwhile", stage.archive);
  const { size } = stage.state("pat").log.ops;
  stage.pass(LIVE.quietMs - 1);
  assert.equal(stage.state("pat").log.ops.size, size);
  stage.pass(1);
  assert.equal(stage.state("pat").log.ops.size, size + 1, "what was to be done is done");

  const other = new LiveStage({ members: ["pat"] });
  other.say("pat", "before");
  await other.restart("pat");
  other.say("pat", "meanwhile");
  other.pass(LIVE.quietMs);
  assert.deepEqual(other.texts("pat"), ["before", "meanwhile"]);
  assert.notDeepEqual(chainOf(other, "pat"), chain);
  assert.deepEqual(handed(other).map(({ replaces }) => replaces), [null, null]);
});

Deno.test("[LIVE4] a store that was set back does not say a number twice, nor make a second op under one", async () => {
  const stage = new LiveStage({ members: ["pat"], everyone: everywhere("view", "send", "manageChannels") });
  stage.link("pat", "fay");
  stage.pass(1_000);
  stage.say("pat", "one");
  const records = stage.player("pat").store.snapshot();
  const room = { t: "channel.create", name: "room", kind: "text" } as const;
  stage.act("pat", room);
  stage.say("pat", "two");
  stage.pass(5_000);
  await stage.restart("pat", records);
  stage.say("pat", "three");
  stage.step("pat", { type: "Act", body: { ...room, name: "another" } });
  stage.link("pat", "fay");
  stage.pass(5_000);
  for (const name of ["pat", "fay"]) {
    assert.deepEqual(stage.texts(name), ["one", "two", "three"], name);
    assert.deepEqual(stage.contents(name).map(({ content: { seq }, rule }) => [seq, rule]), [
      [1, "permitted"],
      [2, "permitted"],
      [3, "permitted"],
    ]);
    assert.equal(stage.state(name).ruled.guild.equivocators.size, 0);
  }
});

Deno.test("[LIVE4] content of ours that comes from others ends our chain in that channel", async () => {
  const stage = new LiveStage({ members: ["pat"] });
  stage.link("pat", "fay");
  stage.pass(1_000);
  stage.say("pat", "one");
  stage.say("pat", "elsewhere", stage.archive);
  const records = stage.player("pat").store.snapshot();
  const chain = chainOf(stage, "pat");
  stage.say("pat", "two");
  stage.pass(5_000);
  await stage.restart("pat", records);
  assert.deepEqual(chainOf(stage, "pat"), chain);
  stage.link("pat", "fay");
  stage.pass(5_000);
  assert.deepEqual(stage.texts("pat"), ["one", "two"]);
  assert.equal(stage.state("pat").channels.get(stage.general)!.sender, null);
  assert.notEqual(stage.state("pat").channels.get(stage.archive)!.sender, null);
  stage.say("pat", "three");
  stage.pass(5_000);
  assert.deepEqual(stage.texts("fay"), ["one", "two", "three"]);
  assert.notDeepEqual(chainOf(stage, "pat"), chain);
});

Deno.test("[LIVE4] a link to a stranger, or to who is gone, shows nothing of what we did", async () => {
  const stage = new LiveStage({ members: ["pat", "sam"] });
  stage.enterAlone("eve");
  stage.link("pat", "fay");
  stage.remove("fay", "sam");
  stage.pass(1_000);
  await stage.restart("pat");
  stage.link("pat", "eve", true);
  stage.link("pat", "sam", true);
  stage.say("pat", "meanwhile");
  stage.pass(LIVE.quietMs - 1);
  assert.notEqual(stage.state("pat").quietUntilMs, null);
  assert.equal(stage.state("pat").unsaid.size, 1);
});

Deno.test("[LIVE4] what a person wants to be done meanwhile waits, is judged again then, and is bounded", async () => {
  const stage = new LiveStage({ members: ["pat"] });
  await stage.restart("fay");
  for (let at = 0; at < LIVE.maxUndone; at++) {
    assert.equal(stage.step("fay", { type: "Act", body: rename(`name ${at}`) }).refusal, null);
  }
  assert.equal(stage.step("fay", { type: "Act", body: rename("too much") }).refusal, "guild.catching-up");
  assert.equal(stage.state("fay").undone.length, LIVE.maxUndone);
  stage.pass(LIVE.quietMs);
  assert.equal(stage.state("fay").ruled.guild.name, `name ${LIVE.maxUndone - 1}`);
  assert.deepEqual(stage.state("fay").undone, []);

  await stage.restart("pat");
  assert.equal(stage.step("pat", { type: "Act", body: rename("pat's") }).refusal, "guild.not-allowed");
});

Deno.test("[LIVE4] a channel that comes into view with the log is compared before anything is said in it", async () => {
  const stage = new LiveStage({ members: ["pat"] });
  const subject = { t: "member", user: stage.userOf("pat") } as const;
  const view = (deny: readonly string[]) =>
    stage.act("fay", { t: "channel.override", channel: stage.archive, subject, allow: [], deny });
  stage.link("pat", "fay");
  stage.pass(1_000);
  await stage.restart("pat");
  stage.say("pat", "typed", stage.archive);
  view(["view"]);
  stage.link("pat", "fay");
  stage.pass(5_000);
  const records = stage.player("pat").store.snapshot();
  assert.equal(stage.state("pat").unsaid.size, 1);
  view([]);
  stage.pass(5_000);
  assert.deepEqual(stage.texts("fay", stage.archive), ["typed"]);
  stage.act("fay", rename("later"));
  await stage.restart("pat", records);
  stage.link("pat", "fay");
  stage.pass(5_000);
  assert.deepEqual(stage.contents("fay", stage.archive).map(({ content: { seq }, rule }) => [seq, rule]), [
    [1, "permitted"],
    [2, "permitted"],
  ]);
});
