import assert from "node:assert/strict";
import { CONTACT } from "../../../core/limits.ts";
import { loadNode } from "../../../core/node/index.ts";
import type { Actor } from "./stage.ts";
import { Stage } from "./stage.ts";

function friends() {
  const stage = new Stage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  stage.meet(alice, bob);
  const says = (who: Actor, text: string) =>
    who.do({ type: "SendText", contact: who === alice ? bob.user : alice.user, text });
  return { stage, alice, bob, says };
}

/** As after a disk that lost some of its records. */
function loseSessions(actor: Actor, other: Actor): void {
  const contact = actor.state.contacts.get(other.user)!;
  actor.state = {
    ...actor.state,
    contacts: new Map(actor.state.contacts).set(other.user, { ...contact, sessions: [] }),
  };
}

Deno.test("[REN1] [REN2] a peer that lost its sessions gets the message all the same, in a new one", () => {
  const { alice, bob, says } = friends();
  says(alice, "before");
  loseSessions(bob, alice);
  says(alice, "after");
  assert.deepEqual(bob.texts(alice), ["before", "after"]);
  assert.deepEqual(alice.deliveries(bob), ["delivered", "delivered"]);
  says(bob, "and back");
  assert.deepEqual(alice.texts(bob), ["before", "after", "and back"]);
  assert.equal(bob.state.contacts.get(alice.user)!.unopenedCount, 0, "the notice is gone once the message came");
});

Deno.test("[REN1] while the message has not come again, the person is told", () => {
  const { stage, alice, bob, says } = friends();
  loseSessions(bob, alice);
  const send = stage.perform.bind(stage);
  stage.perform = (actor, effect) => actor === bob && effect.type === "SendFrame" ? undefined : send(actor, effect);
  says(alice, "lost");
  assert.equal(bob.state.contacts.get(alice.user)!.unopenedCount, 1);
});

Deno.test("[REN1] [REN2] one whose own sessions are gone writes on the next link", () => {
  const { stage, alice, bob, says } = friends();
  loseSessions(alice, bob);
  says(alice, "into the void");
  assert.deepEqual(bob.texts(alice), []);
  stage.cutAll();
  for (let i = 0; i < 5; i++) stage.pass(1_000);
  assert.deepEqual(bob.texts(alice), ["into the void"]);
  assert.deepEqual(alice.deliveries(bob), ["delivered"]);
});

Deno.test("[REN3] sessions begun by both at once settle on one, and no message is lost", () => {
  const { stage, alice, bob, says } = friends();
  loseSessions(alice, bob);
  loseSessions(bob, alice);
  // Each hears of an envelope that it cannot open: an old one, of a session that neither has any more.
  const other = friends();
  other.stage.holding = true;
  other.says(other.alice, "of another world");
  const { frame } = other.stage.held[0]!;
  stage.holding = true;
  for (const actor of [alice, bob]) {
    const link = [...actor.state.network.links.keys()][0]!;
    actor.do({ type: "FrameReceived", link, frame });
  }
  const deliverHeld = () => {
    const crossing = stage.held;
    stage.held = [];
    for (const { to, link, frame } of crossing) to.do({ type: "FrameReceived", link, frame });
  };
  says(alice, "from Alice");
  says(bob, "from Bob");
  // Both requests arrive before either answer does: each begins a session of its own.
  deliverHeld();
  for (const [one, other] of [[alice, bob], [bob, alice]] as const) {
    assert.equal(one.state.contacts.get(other.user)!.sessions.length, 1);
  }
  stage.holding = false;
  deliverHeld();
  stage.pass(CONTACT.renewEveryMs);
  assert.deepEqual(new Set(alice.texts(bob)), new Set(["from Alice", "from Bob"]));
  assert.deepEqual(alice.texts(bob), bob.texts(alice));
  const heads = [alice.state.contacts.get(bob.user)!, bob.state.contacts.get(alice.user)!].map(({ sessions }) =>
    sessions[0]!.id
  );
  assert.equal(heads[0], heads[1]);
});

Deno.test("[REN1] [REN2] asking and beginning are bounded in time", () => {
  const { alice, bob, says, stage } = friends();
  loseSessions(bob, alice);
  bob.effects.length = 0;
  stage.holding = true;
  for (let i = 0; i < 20; i++) says(alice, `text ${i}`);
  const held = stage.held;
  stage.held = [];
  for (const { to, link, frame } of held) to.do({ type: "FrameReceived", link, frame });
  assert.equal(stage.held.filter(({ to }) => to === alice).length, 1, "one request for twenty envelopes");
  const [request] = stage.held;
  stage.held = [];
  alice.do({ type: "FrameReceived", link: request!.link, frame: request!.frame });
  assert.equal(
    alice.do({ type: "FrameReceived", link: request!.link, frame: request!.frame }).refusal,
    "session.renewed-lately",
  );
});

Deno.test("[REN5] a session record that cannot be read costs one renewal and nothing else", async () => {
  const { stage, alice, bob, says } = friends();
  says(alice, "before");
  const [session] = await bob.store.read("session/");
  await bob.store.write([{ key: session!.key, value: Uint8Array.of(200, 1, 2, 3) }]);
  const loaded = await loadNode(bob.store);
  assert.ok(loaded.ok);
  bob.state = { ...loaded.value, network: bob.state.network };
  says(alice, "after");
  stage.pass(CONTACT.renewEveryMs);
  assert.deepEqual(bob.texts(alice), ["before", "after"]);
});

Deno.test("[REN1] a request for a session that was lost is made again", () => {
  const { stage, alice, bob, says } = friends();
  loseSessions(alice, bob);
  says(alice, "into the void");
  const send = stage.perform.bind(stage);
  let lost = 0;
  stage.perform = (actor, effect) =>
    actor === bob && effect.type === "SendFrame" && lost++ < 2 ? undefined : send(actor, effect);
  stage.pass(1_000);
  for (let i = 0; i < 4; i++) stage.pass(CONTACT.renewEveryMs);
  assert.ok(lost > 0, "nothing was lost on the way");
  assert.deepEqual(bob.texts(alice), ["into the void"]);
});
