import assert from "node:assert/strict";
import { inviteBody, inviteKeys } from "../../../../core/guild/join/inviteKeys.ts";
import { makeDeal } from "../../../../core/guild/join/deal.ts";
import { currentDeals, endedDeals } from "../../../../core/guild/join/deals.ts";
import { sha256 } from "../../../../core/crypto/kdf.ts";
import { holdSealed, releaseSealed } from "../../../../core/guild/live/sealed.ts";
import type { Sealed } from "../../../../core/guild/live/shelf.ts";
import { GuildTurn } from "../../../../core/guild/live/turn.ts";
import { utf8 } from "../../../../core/wire/text.ts";
import { chainId, type ChannelId, channelOfOp, roleOfOp } from "../../../../core/ids.ts";
import { CONTENT, DEAL, GUILD_KEYS, LOG } from "../../../../core/limits.ts";
import { indexBit } from "../../../../core/wire/chainIndexes.ts";
import { sealPage } from "../../../../core/guild/join/sealedLog.ts";
import { signOp, signRedemption } from "../../../../core/log/signedOp.ts";
import { receiveInOrder } from "../../../../core/log/log.ts";
import { everywhere } from "../../../support/guild.ts";
import { dealToldOf, keysOf, keysToldOf, nameOf } from "../../../support/liveSent.ts";
import { liveDevice, LiveStage } from "../../../support/liveStage.ts";
import { envOf, must } from "../../../support/world.ts";

Deno.test("[LIVE12] a time that leaves no later one keeps nobody from writing", () => {
  const stage = new LiveStage({ members: ["mia", "pip"] });
  stage.link("mia", "pip");
  stage.link("fay", "pip");
  stage.run();
  const pip = stage.player("pip");
  stage.say("pip", "begin");
  const channels = new Map(pip.state.channels);
  channels.set(stage.general, { ...channels.get(stage.general)!, lamport: CONTENT.maxLamport - 1 });
  pip.state = { ...pip.state, channels };
  stage.say("pip", "the last word");
  stage.run();
  assert.deepEqual(stage.texts("mia"), ["begin", "the last word"]);
  stage.pass(1_000);
  stage.say("mia", "not so");
  stage.pass(1_000);
  stage.say("pip", "indeed");
  stage.pass(5_000);
  for (const name of ["fay", "mia", "pip"]) {
    assert.deepEqual(stage.texts(name), ["begin", "the last word", "not so", "indeed"], name);
  }
});

Deno.test("[GKEY3] a request on a link that was made anew is not answered by what was read for another channel", () => {
  const stage = new LiveStage({ members: ["mia", "pip"] });
  for (const [a, b] of [["fay", "mia"], ["mia", "pip"]] as const) stage.link(a, b);
  stage.say("fay", "to all");
  stage.pass(5_000);
  // Mia has what is said next, and has not heard that Pip may not read it.
  const subject = { t: "member", user: stage.userOf("pip") } as const;
  stage.loses = (sent) => sent.to === "mia" && nameOf(sent) === "log heads";
  stage.act("fay", { t: "channel.override", channel: stage.general, subject, allow: [], deny: ["view"] });
  stage.run();
  stage.say("fay", "not for pip");
  stage.run();
  const secret = stage.contents("mia").find(({ text }) => text === "not for pip")!;
  const want = (channel: ChannelId, number: number) => {
    const chains = [{ device: secret.content.device, chain: secret.chain, indexes: indexBit(secret.index) }];
    const message = keysToldOf({ t: "want", number, channel, chains });
    stage.step("mia", { type: "ToldBy", device: stage.idOf("pip"), message });
  };
  want(stage.general, 1);
  const reads = stage.player("mia").reads.splice(0);
  stage.loses = () => false;
  stage.cut("fay", "mia");
  stage.link("fay", "mia");
  stage.run();
  assert.ok(!stage.state("mia").ruled.readers.get(stage.general)!.has(stage.idOf("pip")));
  stage.cut("mia", "pip");
  stage.link("mia", "pip");
  want(stage.archive, 1);
  stage.player("mia").reads.unshift(...reads);
  stage.run();
  const given = stage.sent.filter((sent) => sent.to === "pip" && nameOf(sent) === "keys keys").map(keysOf);
  assert.ok(given.length > 0);
  for (const frame of given) assert.deepEqual(frame.t === "keys" && frame.chains, []);
});

Deno.test("[LIVE3] what is too long is refused", () => {
  const stage = new LiveStage({ members: [] });
  assert.notEqual(stage.say("fay", "x".repeat(20_000)).refusal, null);
});

Deno.test("[JOIN7] with more heads than a deal names nobody deals without end, and in the end there is one", () => {
  const names = Array.from({ length: 18 }, (_, at) => `p${at}`);
  const stage = new LiveStage({ members: [...names, "mia"] });
  const ops = names.map((name) => stage.act(name, { t: "device.revoke", device: stage.idOf(name) }));
  for (const name of ["fay", "mia"]) {
    const { log, deals } = stage.state(name);
    stage.enter(name, receiveInOrder(log, ops.slice(1).map(({ bytes }) => bytes)).log, deals);
  }
  stage.link("fay", "mia");
  stage.link("fay", "p0");
  stage.run();
  assert.equal(stage.state("fay").log.heads.size, 18);
  stage.pass(120_000);
  const told = stage.sent.filter((sent) => nameOf(sent) === "deal").length;
  assert.ok(told < 10, `${told} deals were told`);
  assert.ok(currentDeals(stage.state("fay").deals).length > 0);
  assert.ok(currentDeals(stage.state("mia").deals).length > 0);
});

Deno.test("[CNT10] what a removal vouches for, a third under its number, is there after a start too", async () => {
  const stage = new LiveStage({ members: ["mia", "pip"] });
  // Of the three that follow, what counts has the greatest id: it is read last.
  const young = stage.player("pip").store.snapshot();
  const speak = async (to: string, ...texts: readonly string[]) => {
    await stage.restart("pip", young);
    stage.pass(30_000);
    for (const text of texts) stage.say("pip", text);
    stage.link(to, "pip");
    stage.pass(10_000);
    stage.cutOff("pip");
  };
  await speak("mia", "a2 x");
  await speak("mia", "another thing");
  await speak("fay", "true a2");
  stage.remove("fay", "pip");
  stage.link("fay", "mia");
  stage.pass(60_000);
  const shown = () => stage.contents("mia").filter(({ rule }) => rule === "permitted").map(({ text }) => text);
  assert.deepEqual(shown(), ["true a2"]);
  await stage.restart("mia");
  assert.deepEqual(shown(), ["true a2"]);
});

Deno.test("[LIVE2] a friend of the removed, who proved by what these knew, is shown nothing after it", () => {
  const stage = new LiveStage({ members: ["mia", "pip"] });
  const { log, deals } = stage.state("pip");
  stage.enter("eve", log, deals);
  stage.link("eve", "fay");
  stage.link("fay", "mia");
  stage.say("fay", "hello");
  stage.pass(1_000);
  stage.remove("fay", "pip");
  stage.act("fay", { t: "channel.create", name: "after", kind: "text" });
  stage.pass(30_000);
  assert.equal(stage.state("eve").log.ops.size, log.ops.size);
  assert.ok(!stage.isLinked("eve", "fay"));
  assert.ok(stage.isLinked("fay", "mia"));
  assert.equal(stage.state("mia").log.ops.size, log.ops.size + 2);
});

Deno.test("[LIVE2] nor is who proved by an invite that is revoked", () => {
  const stage = new LiveStage({ members: ["mia"] });
  const invite = stage.act("fay", inviteBody(inviteKeys(new Uint8Array(32)), { maxUses: null, expiresAtMs: null }));
  stage.enterAlone("eve");
  stage.link("eve", "fay", true);
  stage.run();
  assert.equal(stage.state("eve").log.ops.size, stage.state("fay").log.ops.size);
  stage.act("fay", { t: "invite.revoke", invite: invite.id });
  stage.pass(1_000);
  assert.ok(!stage.isLinked("eve", "fay"));
  assert.ok(!stage.state("eve").log.ops.has([...stage.state("fay").log.heads][0]!));
});

Deno.test("[LIVE3] what was typed on a device that is suspended by then waits until it is reinstated, and is shown to all", async () => {
  const stage = new LiveStage({ members: ["mia", "pip"], everyone: everywhere("view", "send", "invite") });
  const young = stage.player("pip").store.snapshot();
  const away = stage.act("pip", inviteBody(inviteKeys(new Uint8Array(32)), { maxUses: null, expiresAtMs: null }));
  stage.link("pip", "fay");
  stage.pass(1_000);
  await stage.restart("pip", young);
  stage.pass(30_000);
  const again = stage.act(
    "pip",
    inviteBody(inviteKeys(new Uint8Array(32).fill(1)), { maxUses: null, expiresAtMs: null }),
  );
  assert.equal(again.op.seq, away.op.seq);
  await stage.restart("pip");
  stage.say("pip", "is anybody there?");
  stage.link("pip", "fay");
  stage.link("mia", "fay");
  stage.pass(5_000);
  assert.equal(stage.say("pip", "hello?").refusal, "guild.suspended");
  assert.deepEqual([...stage.state("pip").unsaid.values()].map(({ text }) => text), ["is anybody there?"]);
  stage.act("fay", { t: "device.reinstate", device: stage.idOf("pip"), seq: again.op.seq });
  stage.pass(5_000);
  for (const name of ["pip", "fay", "mia"]) {
    assert.deepEqual(stage.contents(name).map(({ text, rule }) => [text, rule]), [["is anybody there?", "permitted"]]);
  }
});

Deno.test("[JOIN6] deals that had ended when they came drive out none that others still find the way by", () => {
  const stage = new LiveStage({ members: ["mia", "pip", "ann", "bob"] });
  const old = stage.state("pip").log;
  const [first] = currentDeals(stage.state("fay").deals);
  stage.remove("fay", "pip");
  stage.run();
  assert.ok(endedDeals(stage.state("fay").deals).some(({ id }) => id === first!.id));
  for (let at = 0; at < 2 * DEAL.maxKept; at++) {
    stage.nowMs += 1_000;
    const { bytes } = makeDeal(old.guild, [...old.heads], liveDevice("pip"), envOf(500 + at));
    stage.step("fay", { type: "ToldBy", device: stage.idOf("pip"), message: dealToldOf(bytes) });
  }
  // And those that end later do not do it together with these.
  for (const name of ["ann", "bob"]) {
    stage.nowMs += 1_000;
    stage.remove("fay", name);
  }
  const { deals } = stage.state("fay");
  assert.ok(endedDeals(deals).some(({ id }) => id === first!.id));
  assert.equal(currentDeals(deals).length, 1);
});

Deno.test("[GKEY9] keys for which there was no room are wanted when there is", () => {
  const stage = new LiveStage({ members: ["mia"] });
  const turn = new GuildTurn(stage.state("mia"), envOf(1));
  const channels = Array.from(
    { length: 3 },
    (_, at) => channelOfOp(stage.act("fay", { t: "settings", name: `guild ${at}`, icon: null }).id),
  );
  const all = Array.from({ length: GUILD_KEYS.maxWantedChains + 100 }, (_, at): Sealed => ({
    channel: channels[at % channels.length]!,
    device: stage.idOf("fay"),
    seq: at + 1,
    envelope: new Uint8Array(1),
    chain: must(chainId(sha256(utf8(`chain ${at}`)).subarray(0, 16))),
    index: 0,
    untilMs: 0,
  }));
  for (const one of all) holdSealed(turn, one);
  assert.equal(turn.state.asking.wants.size, GUILD_KEYS.maxWantedChains);
  for (const one of all.slice(0, 150)) releaseSealed(turn, one.channel, [one]);
  assert.equal(turn.state.asking.wants.size, all.length - 150);
});

Deno.test("[LOG10] who was admitted after all is a member to those too who had no room for it", () => {
  const stage = new LiveStage({ members: ["ann", "max", "mia"], everyone: everywhere("view", "send", "invite") });
  const meet = (a: string, b: string) => {
    stage.link(a, b, true);
    stage.pass(5_000);
    stage.cut(a, b);
  };
  const role = roleOfOp(
    stage.act("fay", { t: "role.create", name: "mod", rank: 2, capabilities: everywhere("view", "remove") }).id,
  );
  stage.act("fay", { t: "role.grant", role, user: stage.userOf("max") });
  for (const name of ["ann", "max", "mia"]) meet("fay", name);
  const keys = inviteKeys(new Uint8Array(32));
  const { id: invite } = stage.act("ann", inviteBody(keys, { maxUses: null, expiresAtMs: null }));
  for (const name of ["fay", "max", "mia"]) meet("ann", name);
  const eve = liveDevice("eve");
  stage.enter("eve", stage.state("ann").log);
  const proof = signRedemption(keys.key, stage.state("ann").log.guild, invite, eve.user, eve.id);
  stage.act("eve", { t: "redeem", invite, key: keys.key.publicKey, proof, certificate: eve.certificate });
  stage.remove("max", "ann");
  meet("max", "mia");
  meet("eve", "mia");
  assert.ok(!stage.state("mia").ruled.guild.members.has(eve.user));
  stage.remove("fay", "max");
  meet("fay", "mia");
  assert.ok(stage.state("mia").ruled.guild.members.has(stage.userOf("ann")));
  assert.ok(stage.state("mia").ruled.guild.members.has(eve.user));
});

Deno.test("[LOG10] what comes in because its author is a member again is ruled on, and on disk", async () => {
  const stage = new LiveStage({ members: ["mia", "pip"] });
  stage.act("pip", { t: "device.revoke", device: stage.idOf("pip") });
  stage.remove("fay", "pip");
  stage.link("fay", "pip");
  stage.pass(5_000);
  const { parked } = stage.state("fay").log;
  assert.equal(parked.size, 1);
  stage.act("fay", { t: "add", user: stage.userOf("pip") });
  const { log, ruled } = stage.state("fay");
  assert.equal(log.parked.size, 0);
  assert.equal(ruled.resolver.rulings.history.ops.length, log.ops.size);
  await stage.restart("fay");
  assert.equal(stage.state("fay").log.ops.size, log.ops.size);
});

Deno.test("[LOG10] what a device made itself, and lost, it takes back whatever room there is", () => {
  const stage = new LiveStage({ members: ["pip"] });
  const { log, deals } = stage.state("pip");
  const thief = liveDevice("pip 2");
  stage.enter("pip 2", log);
  stage.step("pip 2", { type: "Tick" });
  let { log: full } = stage.state("pip 2");
  let { id: previous, op: { seq } } = [...full.ops.values()].at(-1)!;
  for (let at = 0; at < LOG.maxUnranked; at++) {
    const placed = { guild: log.guild, device: thief.id, previous, parents: [], seq: ++seq };
    const bytes = signOp(thief.signing, placed, { t: "settings", name: `mine ${at}`, icon: null });
    full = receiveInOrder(full, [bytes]).log;
    previous = [...full.heads].at(-1)!;
  }
  stage.enter("pip", full, deals);
  const own = [...full.ops.values()].findLast(({ op }) => op.device === stage.idOf("pip"))!;
  const placed = { guild: log.guild, device: stage.idOf("pip"), previous: own.id, parents: [], seq: own.op.seq + 1 };
  const bytes = signOp(liveDevice("pip").signing, placed, { t: "settings", name: "lost", icon: null });
  stage.enter("fay", receiveInOrder(full, [bytes]).log, deals);
  stage.link("fay", "pip");
  stage.pass(5_000);
  assert.equal(stage.state("pip").log.ops.size, stage.state("fay").log.ops.size);
});

Deno.test("[JOIN18] one page does not admit more people than its invite has uses left", () => {
  const stage = new LiveStage();
  const keys = inviteKeys(new Uint8Array(32));
  const invite = stage.act("fay", inviteBody(keys, { maxUses: 1, expiresAtMs: null })).id;
  const { log, deals } = stage.state("fay");
  const ops = ["eve", "dan"].map((name) => {
    const device = liveDevice(name);
    const proof = signRedemption(keys.key, log.guild, invite, device.user, device.id);
    const { certificate } = device;
    const placed = { guild: log.guild, device: device.id, previous: null, parents: [...log.heads], seq: 1 };
    return signOp(device.signing, placed, { t: "redeem", invite, key: keys.key.publicKey, proof, certificate });
  });
  const page = sealPage(currentDeals(deals)[0]!, { kind: "redemption", ops }, envOf(77));
  stage.step("fay", { type: "PageCame", page });
  stage.step("fay", { type: "PageCame", page });
  assert.equal(stage.state("fay").ruled.guild.members.size, 2);
});
