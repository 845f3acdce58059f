import assert from "node:assert/strict";
import type { NodeEvent } from "../../../core/node/index.ts";
import { peerFrameCodec } from "../../../core/wire/peerFrame.ts";
import { contactOf, MailStage, says, userOf } from "./mailStage.ts";
import type { Actor } from "./stage.ts";

function town() {
  const stage = new MailStage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  stage.friends(alice, bob);
  says(alice, bob, "before");
  return { stage, alice, bob };
}

/** As after a disk that lost some of its records. */
const loseSessions = (actor: Actor): Promise<void> => actor.store.write([{ key: "session/", value: null }]);

async function visits(stage: MailStage, actor: Actor): Promise<void> {
  await stage.comes(actor);
  stage.lasts(30_000);
  stage.leaves(actor);
}

Deno.test("[MAIL9] who lost its sessions gets by mail, in a new one, whatever was said meanwhile", async () => {
  const { stage, alice, bob } = town();
  stage.leaves(bob);
  await loseSessions(bob);
  says(alice, bob, "one");
  says(alice, bob, "two");
  stage.lasts(10_000);
  assert.deepEqual(alice.deliveries(bob), ["delivered", "sent", "sent"]);
  stage.leaves(alice);
  await visits(stage, bob);
  assert.deepEqual(bob.texts(alice), ["before"], "they could not be opened, and were asked for again");
  await visits(stage, alice);
  await visits(stage, bob);
  assert.deepEqual(bob.texts(alice), ["before", "one", "two"]);
  await stage.comes(alice);
  assert.deepEqual(alice.deliveries(bob), ["delivered", "delivered", "delivered"]);
});

Deno.test("[MAIL9] who lost its sessions writes by mail in a new one, and hears what the other had said in the old", async () => {
  const { stage, alice, bob } = town();
  stage.leaves(bob);
  says(alice, bob, "in the old session");
  stage.lasts(10_000);
  stage.leaves(alice);
  await loseSessions(alice);
  stage.spaceOf(bob).waiting = [];
  await stage.comes(alice);
  says(alice, bob, "in the new session");
  stage.lasts(10_000);
  stage.leaves(alice);
  for (const actor of [bob, alice, bob, alice]) await visits(stage, actor);
  assert.deepEqual(bob.texts(alice), ["before", "in the old session", "in the new session"]);
  assert.ok(alice.deliveries(bob).every((delivery) => delivery === "delivered"));
});

Deno.test("[MAIL9] [REN3] when both lost their sessions, all that was said arrives", async () => {
  const { stage, alice, bob } = town();
  stage.leaves(bob);
  says(alice, bob, "from Alice");
  stage.lasts(10_000);
  stage.leaves(alice);
  await stage.comes(bob);
  stage.leaves(bob);
  for (const actor of [alice, bob]) await loseSessions(actor);
  await stage.comes(bob);
  says(bob, alice, "from Bob");
  stage.lasts(30_000);
  stage.leaves(bob);
  await stage.comes(alice);
  says(alice, bob, "later");
  stage.lasts(30_000);
  stage.leaves(alice);
  for (let round = 0; round < 4; round++) for (const actor of [bob, alice]) await visits(stage, actor);
  assert.deepEqual(new Set(bob.texts(alice)), new Set(["before", "from Alice", "from Bob", "later"]));
  assert.deepEqual(alice.texts(bob), bob.texts(alice));
  for (const [one, other] of [[alice, bob], [bob, alice]] as const) {
    assert.ok(one.deliveries(other).every((delivery) => delivery === null || delivery === "delivered"));
  }
});

Deno.test("[MAIL9] that all has to be left again is durable, whatever comes between", async () => {
  const { stage, alice, bob } = town();
  stage.leaves(bob);
  says(alice, bob, "read me");
  stage.lasts(10_000);
  stage.leaves(alice);
  await loseSessions(bob);
  await visits(stage, bob);
  // Alice hears of the new session, and is gone before she has left anything in it.
  stage.meddle = (_, { type }) => type === "DepositMail" ? { t: "lost" } : null;
  await stage.comes(alice);
  assert.deepEqual(alice.deliveries(bob), ["delivered", "waiting"]);
  stage.leaves(alice);
  stage.meddle = () => null;
  await visits(stage, alice);
  await visits(stage, bob);
  assert.deepEqual(bob.texts(alice), ["before", "read me"]);
});

Deno.test("[MAIL9] what was on its way in a session that is lost does not count as sent", () => {
  const { stage, alice, bob } = town();
  // Both are there, and no link comes about.
  const perform = stage.perform.bind(stage);
  stage.perform = (actor, effect) => effect.type === "OpenLink" ? undefined : perform(actor, effect);
  stage.cutAll();
  bob.state = {
    ...bob.state,
    contacts: new Map(bob.state.contacts).set(userOf(alice), { ...contactOf(bob, alice), sessions: [] }),
  };
  const late: NodeEvent[] = [];
  const hear = stage.hear.bind(stage);
  stage.hear = (actor, event) => {
    if (actor === alice && event?.type === "DepositAnswered" && late.length === 0) late.push(event);
    else hear(actor, event);
  };
  says(alice, bob, "one");
  stage.lasts(8_000);
  assert.equal(late.length, 1);
  assert.equal(contactOf(alice, bob).sessions[0]!.id, contactOf(bob, alice).sessions[0]!.id, "Bob has begun anew");
  assert.equal(contactOf(alice, bob).pending.length, 1);
  // Only now Alice hears that the server has what Bob could not open.
  alice.do(late[0]!);
  stage.lasts(60_000);
  assert.deepEqual([bob.texts(alice), alice.deliveries(bob)], [["before", "one"], ["delivered", "delivered"]]);
});

Deno.test("[MAIL9] a link on which no session serves is no reason to tick without end for what was mailed", async () => {
  const { stage, alice, bob } = town();
  stage.leaves(bob);
  says(alice, bob, "by mail");
  stage.lasts(10_000);
  stage.leaves(alice);
  await loseSessions(alice);
  // Bob proves his device, and answers no request for a session.
  const perform = stage.perform.bind(stage);
  stage.perform = (actor, effect) => {
    const frame = effect.type === "SendFrame" ? peerFrameCodec.decode(effect.frame) : null;
    if (actor !== bob || frame?.ok !== true || frame.value.t !== "envelope") perform(actor, effect);
  };
  stage.isServerUp = false;
  await stage.comes(bob);
  await stage.comes(alice);
  stage.lasts(30_000);
  assert.equal([...alice.state.network.links.values()][0]?.phase.t, "proven");
  assert.deepEqual(alice.deliveries(bob), ["delivered", "sent"]);
});
