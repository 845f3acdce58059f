/** Members who write, lose keys, and give each other what the log allows. */
import assert from "node:assert/strict";
import { type ChannelId, channelOfOp } from "../../../../core/ids.ts";
import { GUILD_KEYS } from "../../../../core/limits.ts";
import { everywhere, userNamed } from "../../../support/guild.ts";
import { chainIdOf, deviceFor, KeyNet, type Posted } from "../../../support/keyNet.ts";
import { removal, town } from "../town.ts";

const NAMES = ["fay", "ann", "pip", "pat", "zoe"] as const;
for (const name of [...NAMES, "abe", "max", "mia", "hal"]) deviceFor(name);

function square(history: "none" | "archive" = "none", ...names: readonly string[]) {
  const { stage } = town(everywhere("view", "send"));
  const channel = channelOfOp(stage.make("fay", { t: "channel.create", name: "square", kind: "text" }).id);
  stage.make("fay", { t: "channel.change", channel, name: "square", topic: "", position: 0, history });
  const net = new KeyNet(stage);
  for (const name of names.length > 0 ? names : ["fay", "ann", "pip", "pat"]) net.add(name).learn(stage.heads());
  net.linkAll();
  return { stage, channel, net };
}

const has = (net: KeyNet, name: string, ...posted: readonly Posted[]) =>
  posted.map(({ id }) => net.get(name).kept.has(id));
const says = (net: KeyNet, name: string, channel: ChannelId) => net.get(name).say(channel)!;

Deno.test("[GKEY2] a chain that is handed over opens what comes, and nobody asks for anything", () => {
  const { net, channel } = square();
  const first = says(net, "ann", channel);
  net.deliver();
  const second = says(net, "ann", channel);
  net.frames = 0;
  net.settle();
  for (const name of ["fay", "pip", "pat"]) assert.deepEqual(has(net, name, first, second), [true, true], name);
  assert.equal(net.frames, 0);
});

Deno.test("[GKEY8] a lost handover heals by asking the author, who hands its chain over again", () => {
  const { net, channel } = square();
  const first = says(net, "ann", channel);
  net.drop();
  net.settle();
  for (const name of ["fay", "pip", "pat"]) assert.deepEqual(has(net, name, first), [true], name);
  const second = says(net, "ann", channel);
  net.frames = 0;
  net.settle();
  assert.deepEqual(has(net, "pip", second), [true]);
  assert.equal(net.frames, 0, "the chain itself is back");
});

Deno.test("[GKEY7] where the author is away, others give what they opened", () => {
  const { net, channel } = square();
  const posted = says(net, "ann", channel);
  const handed = net.get("pat");
  net.deliver();
  handed.find(posted);
  net.get("pip").receivers.clear();
  for (const name of ["fay", "pip", "pat"]) net.get(name).lose(net.get("ann").id);
  net.settle();
  assert.deepEqual(has(net, "pip", posted), [true]);
});

Deno.test("[GKEY4] a newcomer has the archive from whoever is there, or what is written from now on", () => {
  for (const history of ["none", "archive"] as const) {
    const { net, stage, channel } = square(history, "fay", "ann", "pip");
    const before = [says(net, "ann", channel), says(net, "pip", channel), says(net, "ann", channel)];
    net.settle();
    stage.make("fay", { t: "add", user: userNamed("zoe") });
    stage.introduce("zoe");
    const zoe = net.add("zoe");
    for (const name of ["fay", "ann", "pip", "zoe"]) net.get(name).learn(stage.heads());
    // Only one who wrote none of it is there.
    net.link(zoe, net.get("fay"));
    const after = says(net, "ann", channel);
    net.settle();
    assert.deepEqual(has(net, "zoe", ...before), Array(3).fill(history === "archive"), history);
    assert.deepEqual(has(net, "zoe", after), [true]);
  }
});

Deno.test("[SK3] who comes is handed the chain at once, before the next message", () => {
  const { net, stage, channel } = square("none", "fay", "ann");
  says(net, "ann", channel);
  net.settle();
  stage.make("fay", { t: "add", user: userNamed("zoe") });
  stage.introduce("zoe");
  const zoe = net.add("zoe");
  for (const name of ["fay", "ann", "zoe"]) net.get(name).learn(stage.heads());
  net.deliver();
  assert.ok(zoe.receivers.has(`${channel} ${net.get("ann").id}`));
});

Deno.test("[GKEY3] a removed member gets nothing of who knew, from nobody: they may ask whom they like", () => {
  for (const history of ["none", "archive"] as const) {
    const { net, stage, channel } = square(history);
    const before = says(net, "ann", channel);
    net.deliver();
    stage.make("ann", removal("pip"));
    for (const name of ["ann", "fay"]) net.get(name).learn(stage.heads());
    const [byAnn, byFay, byPat] = [says(net, "ann", channel), says(net, "fay", channel), says(net, "pat", channel)];
    net.settle();
    assert.deepEqual(has(net, "pip", byAnn, byFay), [false, false], history);
    // Who has not heard of it goes on as before.
    assert.deepEqual(has(net, "pip", before, byPat), [true, true], history);
    assert.deepEqual(
      has(net, "pat", byAnn, byFay),
      [true, true],
      "who has not heard of it opens all, and gives on none",
    );
    net.get("pat").learn(stage.heads());
    net.settle();
    assert.deepEqual(has(net, "pip", byAnn, byFay), [false, false], "now that pat knows, pat gives them nothing");
  }
});

Deno.test("[GKEY8] keys that open nothing have no effect: others are asked, and the liar less and less", () => {
  const { net, channel, stage } = square("none", "ann", "pip");
  const liar = net.add("pat", (answer) => ({
    ...answer,
    chains: answer.chains.map((one) => ({
      ...one,
      keys: one.keys.map(({ index }) => ({ index, key: new Uint8Array(32) })),
    })),
  }));
  liar.learn(stage.heads());
  net.add("fay").learn(stage.heads());
  const posted = [1, 2, 3].map(() => says(net, "ann", channel));
  net.deliver();
  for (const one of posted) for (const name of ["pat", "fay"]) net.get(name).find(one);
  const pip = net.get("pip");
  pip.receivers.clear();
  net.cut();
  net.link(pip, liar);
  net.settle();
  assert.deepEqual(has(net, "pip", ...posted), [false, false, false]);
  assert.ok(pip.refused.includes("keys.wrong"));
  assert.equal(pip.asking.peers.get(liar.id)!.failures, 1);
  net.link(pip, net.get("fay"));
  net.settle();
  assert.deepEqual(has(net, "pip", ...posted), [true, true, true]);
});

Deno.test("[GKEY8] a chain that its device did not sign for opens nothing", () => {
  const { net, channel, stage } = square("none", "ann", "pip");
  const liar = net.add("pat", (answer) => ({
    ...answer,
    chains: answer.chains.map((one) => ({ ...one, signer: net.get("pat").device.signing.publicKey })),
  }));
  liar.learn(stage.heads());
  const posted = says(net, "ann", channel);
  net.deliver();
  liar.find(posted);
  const pip = net.get("pip");
  pip.receivers.clear();
  net.cut();
  net.link(pip, liar);
  net.settle();
  assert.deepEqual(has(net, "pip", posted), [false]);
  assert.ok(pip.refused.includes("keys.wrong"));
});

Deno.test("[GKEY8] who could not give at first says so when it can", () => {
  const { net, channel } = square("none", "ann", "pip", "pat");
  const posted = says(net, "ann", channel);
  net.drop();
  net.cut();
  net.link(net.get("pip"), net.get("pat"));
  net.settle(4);
  assert.deepEqual(has(net, "pip", posted), [false]);
  net.link(net.get("pat"), net.get("ann"));
  net.settle(6);
  assert.deepEqual(has(net, "pip", posted), [true], "pat got it of ann, and said so to pip");
});

Deno.test("[GKEY12] the same peer is handed a chain again once a minute at most", () => {
  const { net, channel } = square("none", "ann", "pip");
  const posted = says(net, "ann", channel);
  net.drop();
  const [ann, pip] = [net.get("ann"), net.get("pip")];
  let handed = 0;
  const want = { t: "want", number: 1, channel, chains: [{ ...chainIdOf(posted), indexes: 1n }] } as const;
  const tell = net.tell.bind(net);
  net.tell = (from, to, frame) => {
    if (frame.t === "chain") handed++;
    tell(from, to, frame);
  };
  for (let i = 0; i < 5; i++) ann.hear(pip.id, want);
  assert.equal(handed, 1);
  net.nowMs += GUILD_KEYS.handAgainMs;
  ann.hear(pip.id, want);
  assert.equal(handed, 2);
});
