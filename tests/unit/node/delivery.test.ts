import assert from "node:assert/strict";
import { MESSAGE } from "../../../core/limits.ts";
import { loadNode } from "../../../core/node/index.ts";
import { peerFrameCodec } from "../../../core/wire/peerFrame.ts";
import { Stage } from "./stage.ts";

function friends() {
  const stage = new Stage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  stage.meet(alice, bob);
  const says = (who: typeof alice, text: string) =>
    who.do({ type: "SendText", contact: who === alice ? bob.user : alice.user, text });
  return { stage, alice, bob, says };
}

Deno.test("[MSG3] a text is shown to both, and delivered once the receipt is there", () => {
  const { stage, alice, bob, says } = friends();
  stage.holding = true;
  says(alice, "hello");
  assert.deepEqual(alice.deliveries(bob), ["sending"]);
  stage.holding = false;
  for (const { to, link, frame } of stage.held) to.do({ type: "FrameReceived", link, frame });
  assert.deepEqual(bob.texts(alice), ["hello"]);
  assert.deepEqual(alice.deliveries(bob), ["delivered"]);
});

Deno.test("[MSG2] what is sent is durable first: text, outbox and ratchet in one write before the frame", () => {
  const { alice, says } = friends();
  const { effects } = says(alice, "hello");
  assert.equal(effects[0]?.type, "Persist");
  const kinds = effects[0]?.type === "Persist" ? effects[0].writes.map(({ key }) => key.split("/")[0]).sort() : [];
  assert.deepEqual(kinds, ["contact", "message", "outbox", "session"]);
  assert.ok(effects.findIndex(({ type }) => type === "SendFrame") > 0);
});

Deno.test("[MSG2] a receipt leaves only after the text it acknowledges is durable", () => {
  const { bob, alice, says } = friends();
  bob.effects.length = 0;
  says(alice, "hello");
  const order = bob.effects.map(({ type }) => type);
  assert.deepEqual(order, ["Persist", "SendFrame"]);
});

Deno.test("[MSG4] a message without a receipt is sent again on the same link, and shown once", () => {
  const { stage, alice, bob, says } = friends();
  stage.holding = true;
  says(alice, "hello");
  stage.held = [];
  stage.holding = false;
  stage.pass(MESSAGE.resendAfterMs - 1);
  assert.deepEqual(bob.texts(alice), []);
  stage.pass(1);
  assert.deepEqual(bob.texts(alice), ["hello"]);
  assert.deepEqual(alice.deliveries(bob), ["delivered"]);
});

Deno.test("[MSG5] a text whose receipt was lost is acknowledged again and not shown again", () => {
  const { stage, alice, bob, says } = friends();
  const send = stage.perform.bind(stage);
  stage.perform = (actor, effect) => actor === bob && effect.type === "SendFrame" ? undefined : send(actor, effect);
  says(alice, "hello");
  assert.deepEqual(alice.deliveries(bob), ["sending"]);
  stage.perform = send;
  stage.pass(MESSAGE.resendAfterMs);
  assert.deepEqual(bob.texts(alice), ["hello"]);
  assert.deepEqual(alice.deliveries(bob), ["delivered"]);
  assert.equal(bob.state.refusals["message.duplicate"], 1);
});

Deno.test("[MSG4] what is written while there is no link waits, and is sent in order when there is one", () => {
  const { stage, alice, bob, says } = friends();
  for (const actor of [alice, bob]) actor.do({ type: "RendezvousChanged", state: "offline" });
  stage.cutAll();
  for (let i = 0; i < 100; i++) says(alice, `text ${i}`);
  assert.deepEqual(new Set(alice.deliveries(bob)), new Set(["waiting"]));
  for (const actor of [alice, bob]) actor.do({ type: "RendezvousChanged", state: "online" });
  stage.discover();
  for (let i = 0; i < 5; i++) stage.pass(1_000);
  assert.deepEqual(bob.texts(alice), Array.from({ length: 100 }, (_, i) => `text ${i}`));
  assert.deepEqual(new Set(alice.deliveries(bob)), new Set(["delivered"]));
});

Deno.test("[MSG6] both sides show crossing messages in one order", () => {
  const { stage, alice, bob, says } = friends();
  stage.holding = true;
  for (let i = 0; i < 5; i++) {
    says(alice, `a${i}`);
    says(bob, `b${i}`);
  }
  stage.holding = false;
  const held = stage.held;
  for (const { to, link, frame } of held) to.do({ type: "FrameReceived", link, frame });
  assert.deepEqual(alice.texts(bob), bob.texts(alice));
  says(alice, "an answer");
  assert.equal(bob.texts(alice).at(-1), "an answer");
});

Deno.test("[MSG8] empty, too long and too many texts are refused by name, and nothing is sent", () => {
  const { alice, says } = friends();
  assert.equal(says(alice, " \n ").refusal, "message.empty");
  assert.equal(says(alice, "é".repeat(MESSAGE.maxTextBytes / 2 + 1)).refusal, "message.too-long");
  assert.equal(says(alice, "é".repeat(MESSAGE.maxTextBytes / 2)).refusal, null);
});

Deno.test("[LINK1] [LINK2] bytes that are no frame, and frames out of place, end the link and change nothing else", () => {
  const { alice, stage } = friends();
  for (
    const [bytes, reason] of [[[0xff], "wire.malformed"], [[0xa1, 0x61, 0x74, 0x61, 0x78], "wire.wrong-shape"]] as const
  ) {
    const link = [...alice.state.network.links.keys()][0]!;
    const contacts = alice.state.contacts;
    const { effects } = alice.do({ type: "FrameReceived", link, frame: Uint8Array.from(bytes) });
    assert.ok(effects.some((effect) => effect.type === "CloseLink" && effect.reason === "link.violation"));
    assert.ok((alice.state.refusals[reason] ?? 0) > 0);
    assert.equal(alice.state.contacts, contacts);
    stage.discover();
    for (let i = 0; i < 5; i++) stage.pass(1_000);
  }
});

Deno.test("[LINK7] a flood closes the link", () => {
  const { alice, bob, stage } = friends();
  const link = [...alice.state.network.links.values()].find(({ peer }) => peer === bob.peer)!.id;
  const ping = peerFrameCodec.encode({ t: "ping" });
  stage.holding = true;
  let sent = 0;
  while (alice.state.network.links.has(link) && sent < 10_000) {
    alice.do({ type: "FrameReceived", link, frame: ping });
    sent++;
  }
  assert.ok(sent <= 2_001, `${sent} frames were taken`);
  assert.equal(alice.state.refusals["link.flood"], 1);
});

Deno.test("[DISK3] a node comes back from its store with contacts, conversation, outbox and sessions", async () => {
  const { stage, alice, bob, says } = friends();
  for (let i = 0; i < 250; i++) says(bob, `text ${i}`);
  stage.cutAll();
  says(alice, "not sent yet");
  const loaded = await loadNode(alice.store);
  assert.ok(loaded.ok);
  const [before, after] = [alice.state.contacts.get(bob.user)!, loaded.value.contacts.get(bob.user)!];
  assert.equal(after.window.length, MESSAGE.windowCount);
  assert.equal(after.hasEarlier, true);
  assert.deepEqual(after.window, before.window.slice(-MESSAGE.windowCount));
  assert.deepEqual({ ...after, window: [], hasEarlier: false }, {
    ...before,
    window: [],
    hasEarlier: false,
    pending: before.pending.map((item) => ({ ...item, sent: null })),
  });
  assert.deepEqual(loaded.value.self, alice.state.self);
  assert.deepEqual(loaded.value.invites, alice.state.invites);
});

Deno.test("[DISK3] earlier messages are read in pages, and a record that cannot be read is named", async () => {
  const { alice, bob, says } = friends();
  for (let i = 0; i < 250; i++) says(bob, `text ${i}`);
  const loaded = await loadNode(alice.store);
  assert.ok(loaded.ok);
  alice.state = loaded.value;
  const [effect] = alice.do({ type: "ReadEarlier", contact: bob.user }).effects;
  assert.ok(effect?.type === "LoadEarlier");
  const records = await alice.store.read(effect.prefix, { before: effect.beforeKey, limit: effect.limit });
  alice.do({ type: "EarlierLoaded", contact: bob.user, records: records.map(({ value }) => value) });
  assert.deepEqual(alice.texts(bob), Array.from({ length: 250 }, (_, i) => `text ${i}`));

  await alice.store.write([{ key: `contact/${bob.user}`, value: Uint8Array.of(9, 9) }]);
  const broken = await loadNode(alice.store);
  assert.deepEqual(broken, { ok: false, reason: "wire.unknown-version", key: `contact/${bob.user}` });
});

Deno.test("a removed contact leaves no record behind", async () => {
  const { alice, bob, says } = friends();
  says(bob, "hello");
  const user = bob.user;
  alice.do({ type: "RemoveContact", contact: user });
  const left = await alice.store.read("");
  assert.deepEqual(left.filter(({ key }) => key.includes(user)), []);
  assert.deepEqual(alice.view().contacts, []);
});
