/** SPEC section 26, [LIVE7] and [LIVE8], with sections 23 and 25: who comes, what they are handed, and the guild's secrets. */
import assert from "node:assert/strict";
import { currentDeals, endedDeals } from "../../../../core/guild/join/deals.ts";
import { inviteBody, inviteKeys } from "../../../../core/guild/join/inviteKeys.ts";
import { sealPage } from "../../../../core/guild/join/sealedLog.ts";
import { DEAL } from "../../../../core/limits.ts";
import type { OpId } from "../../../../core/ids.ts";
import { receiveInOrder } from "../../../../core/log/log.ts";
import { signOp, signRedemption } from "../../../../core/log/signedOp.ts";
import type { OpBody } from "../../../../core/wire/opBody.ts";
import { nameOf } from "../../../support/liveSent.ts";
import { liveDevice, LiveStage } from "../../../support/liveStage.ts";
import { envOf, flipBit } from "../../../support/world.ts";

const readersIn = (stage: LiveStage, name: string) => stage.state(name).ruled.readers.get(stage.general)!;
const currentIds = (stage: LiveStage, name: string) => currentDeals(stage.state(name).deals).map(({ id }) => id);
const told = (stage: LiveStage, from = 0) => stage.sent.slice(from).filter(({ kind }) => kind === "told");

Deno.test("[LIVE7] a member's further device says whose it is, and is handed what is said from then on", () => {
  const stage = new LiveStage({ members: ["pat"] });
  stage.link("fay", "pat");
  stage.say("fay", "before", stage.archive);
  stage.say("fay", "before");
  stage.step("fay", { type: "SetProfile", profile: { name: "Fay", status: "", picture: null } });
  stage.pass(1_000);
  stage.enter("pat 2", stage.state("pat").log);
  stage.link("fay", "pat 2", true);
  stage.pass(60_000);
  assert.ok(readersIn(stage, "fay").has(stage.idOf("pat 2")));
  const ops = [...stage.state("fay").log.ops.values()].filter(({ op }) => op.device === stage.idOf("pat 2"));
  assert.deepEqual(ops.map(({ body }) => body.t), ["device"], "once");
  assert.deepEqual(stage.texts("pat 2", stage.archive), ["before"]);
  assert.deepEqual(stage.texts("pat 2"), [], "the history of that channel is nobody's who comes later");
  stage.say("fay", "after");
  stage.pass(1_000);
  assert.deepEqual(stage.texts("pat 2"), ["after"]);
  assert.deepEqual(currentIds(stage, "pat 2"), currentIds(stage, "fay"), "it is told the guild's secret");
  assert.equal(stage.state("pat 2").profiles.records.get(stage.userOf("fay"))?.name, "Fay", "and who the members are");
});

Deno.test("[LIVE7] who becomes a reader is handed our chain at once, before anything is said", () => {
  const stage = new LiveStage({ members: ["pat"] });
  stage.link("fay", "pat");
  stage.say("fay", "before");
  stage.pass(1_000);
  stage.act("fay", { t: "add", user: liveDevice("sam").user });
  stage.enter("sam", stage.state("fay").log);
  const at = stage.sent.length;
  stage.link("fay", "sam");
  stage.pass(1_000);
  const handed = told(stage, at).filter((sent) => sent.from === "fay" && sent.to === "sam").map(nameOf);
  assert.ok(handed.includes("keys chain"));
  assert.ok(stage.state("sam").channels.get(stage.general)!.receivers.has(stage.idOf("fay")));
  assert.deepEqual(told(stage, at).filter((sent) => sent.to === "pat" && nameOf(sent) === "keys chain"), []);
});

Deno.test("[LIVE7] a device of nobody's makes no op", () => {
  const stage = new LiveStage();
  stage.enterAlone("eve");
  assert.equal(stage.step("eve", { type: "Tick" }).state.log.ops.size, 1);
});

Deno.test("[JOIN7] whoever removes deals anew at once, and tells those who are members by then, and nobody else", () => {
  const stage = new LiveStage({ members: ["pat", "sam", "joe"] });
  stage.link("fay", "pat");
  stage.link("fay", "sam");
  stage.pass(1_000);
  const before = currentIds(stage, "fay");
  const at = stage.sent.length;
  stage.remove("fay", "sam");
  const deals = told(stage, at).filter((sent) => nameOf(sent) === "deal");
  assert.deepEqual(deals.map(({ to }) => to).sort(), ["joe", "pat"]);
  stage.pass(1_000);
  const now = currentIds(stage, "fay");
  assert.equal(now.length, 1);
  assert.notDeepEqual(now, before);
  for (const name of ["pat", "joe"]) {
    assert.ok(stage.state(name).deals.kept.has(now[0]!) || stage.state(name).deals.waiting.has(now[0]!), name);
  }
  assert.deepEqual(currentIds(stage, "pat"), now);
  const { kept, waiting } = stage.state("sam").deals;
  assert.ok(!kept.has(now[0]!) && !waiting.has(now[0]!));
  assert.deepEqual(endedDeals(stage.state("fay").deals).map(({ id }) => id), before);
});

Deno.test("[JOIN7] if who removed is gone another deals, in turn, and once", () => {
  const stage = new LiveStage({ members: ["pat", "sam", "joe"] });
  stage.link("fay", "pat");
  stage.link("pat", "joe");
  stage.pass(1_000);
  stage.loses = (sent) => sent.kind === "told" && sent.from === "fay";
  stage.remove("fay", "sam");
  stage.pass(200);
  stage.cutOff("fay");
  const at = stage.sent.length;
  stage.pass(DEAL.maxPoliteMs);
  const dealers = new Set(told(stage, at).filter((sent) => nameOf(sent) === "deal").map(({ from }) => from));
  assert.equal(dealers.size, 1);
  assert.deepEqual(currentIds(stage, "pat"), currentIds(stage, "joe"));
  assert.equal(currentIds(stage, "pat").length, 1);
});

Deno.test("[JOIN3] who lacks a deal is told it on a link, over a restart too", async () => {
  const stage = new LiveStage({ members: ["pat", "sam", "joe"] });
  stage.loses = (sent) => sent.kind === "told";
  stage.remove("fay", "sam");
  stage.run();
  stage.loses = () => false;
  await stage.restart("fay");
  stage.link("fay", "joe");
  stage.pass(1_000);
  assert.deepEqual(currentIds(stage, "joe"), currentIds(stage, "fay"));
  await stage.restart("joe");
  stage.cutOff("fay");
  stage.link("joe", "pat");
  stage.pass(30_000);
  assert.deepEqual(currentIds(stage, "pat"), currentIds(stage, "fay"));
});

Deno.test("[JOIN7] a new secret whose telling was lost is made up for on the same link", () => {
  const stage = new LiveStage({ members: ["pat", "sam"] });
  stage.link("fay", "pat");
  stage.pass(1_000);
  stage.loses = (sent) => sent.kind === "told";
  stage.remove("fay", "sam");
  stage.run();
  stage.loses = () => false;
  stage.pass(10_000);
  assert.deepEqual(currentIds(stage, "pat"), currentIds(stage, "fay"));
});

Deno.test("[PROF3] names reach all members, and go with who goes", async () => {
  const stage = new LiveStage({ members: ["pat", "sam"] });
  stage.link("fay", "pat");
  stage.link("pat", "sam");
  stage.pass(1_000);
  stage.step("fay", { type: "SetProfile", profile: { name: "Fay", status: "here", picture: null } });
  stage.step("sam", { type: "SetProfile", profile: { name: "Sam", status: "", picture: null } });
  stage.pass(60_000);
  const nameIn = (name: string, of: string) => stage.state(name).profiles.records.get(stage.userOf(of))?.name;
  assert.equal(nameIn("sam", "fay"), "Fay");
  assert.equal(nameIn("fay", "sam"), "Sam");
  stage.remove("fay", "sam");
  stage.pass(1_000);
  assert.equal(nameIn("pat", "sam"), undefined);
  await stage.restart("pat");
  assert.equal(nameIn("pat", "sam"), undefined);
  assert.equal(nameIn("pat", "fay"), "Fay");
});

Deno.test("[PROF8] a picture that somebody looks at is asked of one peer after another, and of who comes later", () => {
  const stage = new LiveStage({ members: ["pat", "sam", "joe"] });
  for (const name of ["pat", "sam"]) stage.link("fay", name);
  stage.link("sam", "joe");
  stage.pass(1_000);
  const picture = new Uint8Array(100).fill(9);
  stage.step("joe", { type: "SetProfile", profile: { name: "Joe", status: "", picture } });
  stage.pass(60_000);
  const asked = (from: string) => stage.sent.filter((sent) => sent.from === from && nameOf(sent) === "profile").length;
  const [name] = stage.state("joe").profiles.pictures.keys();
  assert.equal(stage.state("fay").profiles.pictures.size, 0, "nobody has looked");
  stage.step("fay", { type: "Look", pictures: [name!] });
  stage.pass(60_000);
  assert.equal(stage.state("fay").profiles.pictures.size, 0, "neither pat nor sam has it");
  const before = asked("fay");
  stage.pass(60_000);
  assert.equal(asked("fay"), before, "they are not asked for ever");
  stage.link("fay", "joe");
  stage.pass(60_000);
  assert.deepEqual(stage.state("fay").profiles.pictures.get(name!), picture);
  assert.equal(stage.state("fay").looking.size, 0);
  stage.step("pat", { type: "Look", pictures: [name!, "00".repeat(32)] });
  stage.pass(60_000);
  assert.deepEqual(stage.state("pat").profiles.pictures.get(name!), picture);
});

/** A guild with an invite, and a page with these bodies as ops of eve's, one after another. */
function withPage(bodies: (invite: { op: OpBody; redeem: OpBody }) => readonly OpBody[]): [LiveStage, Uint8Array] {
  const stage = new LiveStage({ members: ["pat"] });
  const keys = inviteKeys(new Uint8Array(32).fill(3));
  const op = inviteBody(keys, { maxUses: null, expiresAtMs: null });
  const invite = stage.act("fay", op).id;
  const eve = liveDevice("eve");
  let { log } = stage.state("fay");
  const proof = signRedemption(keys.key, log.guild, invite, eve.user, eve.id);
  const { certificate } = eve;
  const redeem = { t: "redeem", invite, key: keys.key.publicKey, proof, certificate } as const;
  const ops: Uint8Array[] = [];
  let previous: OpId | null = null;
  for (const [at, body] of bodies({ op, redeem }).entries()) {
    const parents = [...log.heads].filter((id) => id !== previous);
    const signed = signOp(eve.signing, { guild: log.guild, device: eve.id, previous, parents, seq: at + 1 }, body);
    ops.push(signed);
    log = receiveInOrder(log, [signed]).log;
    previous = [...log.ops.keys()].at(-1)!;
  }
  const [deal] = currentDeals(stage.state("fay").deals);
  return [stage, sealPage(deal!, { kind: "redemption", ops }, envOf(77))];
}

Deno.test("[LIVE8] a good redemption in a page that was left comes into the log, and its maker is a member", () => {
  const [stage, page] = withPage(({ redeem }) => [redeem]);
  const step = stage.step("fay", { type: "PageCame", page });
  assert.equal(step.refusal, null);
  assert.ok(stage.state("fay").ruled.guild.members.has(stage.userOf("eve")));
  assert.deepEqual(stage.step("fay", { type: "PageCame", page }).effects, [], "a second time it is nothing new");
});

Deno.test("[LIVE8] of a page nothing comes into the log but redemptions that are good now", () => {
  const changed: [LiveStage, Uint8Array] = withPage(({ redeem }) => [redeem]);
  const bad = [
    withPage(() => [{ t: "device", certificate: liveDevice("eve").certificate }]),
    withPage(() => [{ t: "settings", name: "eve's", icon: null }]),
    [changed[0], flipBit(changed[1], 800)] as const,
    [changed[0], new Uint8Array(500)] as const,
  ];
  for (const [at, [stage, page]] of bad.entries()) {
    const { size } = stage.state("fay").log.ops;
    const step = stage.step("fay", { type: "PageCame", page });
    assert.notEqual(step.refusal, null, `page ${at}`);
    assert.deepEqual(step.effects, []);
    assert.equal(step.state.log.ops.size, size);
  }
  const [stage, page] = withPage(({ redeem }) => [redeem]);
  stage.act("fay", { t: "ban", user: stage.userOf("eve"), seen: [] });
  assert.notEqual(stage.step("fay", { type: "PageCame", page }).refusal, null, "not of who is banned by now");
  assert.ok(!stage.state("fay").ruled.guild.members.has(stage.userOf("eve")));
});

Deno.test("[LIVE8] what follows a redemption in a page is not taken with it", () => {
  const [stage, page] = withPage(({ redeem }) => [redeem, { t: "leave" }]);
  const { size } = stage.state("fay").log.ops;
  stage.step("fay", { type: "PageCame", page });
  assert.equal(stage.state("fay").log.ops.size, size + 1);
  assert.ok(stage.state("fay").ruled.guild.members.has(stage.userOf("eve")));
});
