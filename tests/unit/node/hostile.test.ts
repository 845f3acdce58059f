import assert from "node:assert/strict";
import { linkId, type PeerId } from "../../../core/ids.ts";
import { LINK, MESSAGE, RECONNECT } from "../../../core/limits.ts";
import { loadNode } from "../../../core/node/index.ts";
import { seal } from "../../../core/session/session.ts";
import { encode } from "../../../core/wire/cbor.ts";
import { contentCodec } from "../../../core/wire/content.ts";
import { peerFrameCodec } from "../../../core/wire/peerFrame.ts";
import { type Actor, Stage } from "./stage.ts";

function friends() {
  const stage = new Stage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  stage.meet(alice, bob);
  return { stage, alice, bob };
}

/** An envelope frame of `from`, who is a contact of `to`, with any bytes inside. */
function sealed(from: Actor, to: Actor, content: Uint8Array): Uint8Array {
  const contact = from.state.contacts.get(to.user)!;
  const { session, envelope } = seal(contact.sessions[0]!, content, { nowMs: 0, rng: from.random });
  const contacts = new Map(from.state.contacts).set(to.user, { ...contact, sessions: [session] });
  from.state = { ...from.state, contacts };
  return peerFrameCodec.encode({ t: "envelope", body: envelope });
}

const linkTo = (of: Actor, other: Actor) =>
  [...of.state.network.links.values()].find(({ peer }) => peer === other.peer)!.id;

const hear = (of: Actor, other: Actor, content: Uint8Array) =>
  of.do({ type: "FrameReceived", link: linkTo(of, other), frame: sealed(other, of, content) });

const text = { t: "text", id: new Uint8Array(16), seq: 1, lamport: 1, sentAtMs: 1, text: "hi" };

Deno.test("[MSG7] [DISK3] no greeting makes a record that cannot be read again", async () => {
  for (const [from, next] of [[0, 0], [0, 1], [2 ** 53 - 1, 1], [1, 2 ** 53 - 1], [2 ** 53 - 1, 2 ** 53 - 1]]) {
    const { alice, bob } = friends();
    for (const t of ["introduce", "welcome"]) hear(alice, bob, encode({ t, name: "Bob", from, next }));
    const loaded = await loadNode(alice.store);
    assert.ok(loaded.ok, `${from}, ${next}: ${loaded.ok ? "" : `${loaded.key} ${loaded.reason}`}`);
  }
});

Deno.test("[MSG7] a greeting that was overtaken by texts does not count them as missing again", () => {
  const { alice, bob } = friends();
  const late = sealed(bob, alice, contentCodec.encode({ t: "introduce", name: "Bob", from: 1, next: 1 }));
  for (let i = 0; i < 3; i++) bob.do({ type: "SendText", contact: alice.user, text: `${i}` });
  alice.do({ type: "FrameReceived", link: linkTo(alice, bob), frame: late });
  bob.do({ type: "SendText", contact: alice.user, text: "after" });
  assert.deepEqual(alice.state.contacts.get(bob.user)!.progress.received, { upTo: 4, also: [] });
});

Deno.test("[MSG6] a text that would move the clock too far is not taken, and what we say stays at the end", () => {
  const { alice, bob } = friends();
  const { refusal } = hear(alice, bob, encode({ ...text, lamport: MESSAGE.maxLamportStep + 1 }));
  assert.equal(refusal, "message.too-far-ahead");
  assert.deepEqual(alice.texts(bob), []);
});

Deno.test("[MSG1] a text of a time that no calendar shows is refused, and none from the future moves its author up", () => {
  const { alice, bob, stage } = friends();
  assert.equal(hear(alice, bob, encode({ ...text, sentAtMs: 8.64e15 + 1 })).refusal, "wire.wrong-shape");
  assert.equal(hear(alice, bob, encode({ ...text, sentAtMs: stage.nowMs + 1e10 })).refusal, null);
  assert.equal(alice.view().contacts[0]!.lastAtMs, stage.nowMs);
});

Deno.test("[RAT3] [REN1] the second envelope that does not open ends its link, so that trying is not for free", () => {
  const { alice, bob, stage } = friends();
  stage.holding = true;
  const link = linkTo(alice, bob);
  const frame = sealed(bob, alice, encode(text));
  const forged = frame.with(-1, frame.at(-1)! ^ 1);
  const first = alice.do({ type: "FrameReceived", link, frame: forged });
  assert.ok(!first.effects.some(({ type }) => type === "CloseLink"));
  const { effects } = alice.do({ type: "FrameReceived", link, frame: forged });
  assert.ok(effects.some((effect) => effect.type === "CloseLink" && effect.reason === "ratchet.not-authentic"));
});

Deno.test("[LINK7] strangers can use up neither our memory nor the way to our contacts", () => {
  const { alice, stage } = friends();
  alice.do({ type: "RendezvousChanged", state: "offline" });
  stage.cutAll();
  const peerOf = (i: number) => `12D3KooW${"Z".repeat(42)}${String(i).padStart(2, "1").replaceAll("0", "z")}` as PeerId;
  for (let i = 0; i < 2 * LINK.maxUnproven; i++) {
    alice.do({ type: "LinkOpened", link: linkId(`s${i}`), peer: peerOf(i), role: "responder", route: "relayed" });
  }
  assert.equal([...alice.state.network.links.values()].filter(({ role }) => role === "responder").length, 32);
  alice.do({ type: "RendezvousChanged", state: "online" });
  stage.discover();
  stage.pass(0);
  assert.ok(["relayed", "direct"].includes(alice.view().contacts[0]!.connection));
});

Deno.test("[LINK7] a visitor who proves a device and then says nothing is not waited for", () => {
  const stage = new Stage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  bob.do({ type: "AcceptInvite", token: alice.token() });
  // Bob hears nothing after the proof, so he has nothing to say.
  const perform = stage.perform.bind(stage);
  stage.perform = (actor, effect) => {
    if (actor !== alice || effect.type !== "SendFrame" || effect.frame.length < 1_500) perform(actor, effect);
  };
  stage.discover();
  stage.pass(0);
  assert.deepEqual([...alice.state.network.links.values()].map(({ phase }) => phase.t), ["proven"]);
  bob.do = () => ({ state: bob.state, effects: [], refusal: null });
  stage.pass(LINK.greetTimeoutMs);
  assert.equal(alice.state.network.links.size, 0);
});

Deno.test("[LINK4] a dial that led to a link without a proof is made again, and a peer found anew keeps the new topic", () => {
  const { alice, bob, stage } = friends();
  const topic = alice.state.network.topics[0]!.topic;
  for (const actor of [alice, bob]) stage.cutAll(), actor.do({ type: "TransportReady", peer: actor.peer });
  for (const actor of [alice, bob]) actor.do({ type: "RendezvousChanged", state: "online" });
  stage.perform = () => {};
  alice.do({ type: "PeerFound", topic, peer: bob.peer });
  const link = linkId("one");
  alice.do({ type: "LinkOpened", link, peer: bob.peer, role: "initiator", route: "relayed" });
  alice.do({ type: "LinkClosed", link });
  assert.equal(alice.state.network.peers.get(bob.peer)?.t, "found");
  const dials = alice.of("OpenLink").length;
  stage.pass(RECONNECT.maxDelayMs);
  assert.equal(alice.of("OpenLink").length, dials + 1);
});

Deno.test("[LINK5] a contact that ends each direct link at once does not make us open one after the other", () => {
  const { bob, stage } = friends();
  const dials = () => bob.of("OpenLink").filter(({ route }) => route === "direct").length;
  assert.equal(dials(), 1);
  for (let i = 0; i < 40; i++) {
    for (const { id, route } of [...bob.state.network.links.values()]) if (route === "direct") stage.cut(id);
    stage.pass(10);
  }
  assert.ok(dials() <= RECONNECT.maxUpgrades, `${dials()} direct dials`);
});

Deno.test("[INV4] who was removed does not come back by the invite that they used", () => {
  const { alice, bob, stage } = friends();
  const token = alice.view().invites[0]!.token;
  alice.do({ type: "RemoveContact", contact: bob.user });
  bob.do({ type: "RemoveContact", contact: alice.user });
  bob.do({ type: "AcceptInvite", token });
  stage.discover();
  stage.pass(2 * RECONNECT.firstDelayMs);
  assert.equal(alice.view().contacts.length, 0);
  assert.equal(bob.view().contacts[0]!.refusal, "invite.revoked");
});

Deno.test("[LINK4] a peer whose registration has ended is not dialed any more", () => {
  const { alice, bob, stage } = friends();
  for (const actor of [alice, bob]) actor.do({ type: "RendezvousChanged", state: "offline" });
  stage.cutAll();
  const [peer, known] = [...bob.state.network.peers][0]!;
  assert.equal(known.t, "found");
  bob.do({ type: "PeerLeft", topic: known.topic, peer });
  bob.do({ type: "RendezvousChanged", state: "online" });
  bob.effects.length = 0;
  stage.pass(60_000);
  assert.deepEqual(bob.of("OpenLink"), []);
});
