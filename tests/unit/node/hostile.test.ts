import assert from "node:assert/strict";
import { MESSAGE } from "../../../core/limits.ts";
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
