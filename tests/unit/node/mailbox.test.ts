import assert from "node:assert/strict";
import { MAILBOX, PREKEYS } from "../../../core/limits.ts";
import { deadline } from "../../../core/node/index.ts";
import type { MailEffect } from "../../sim/postOffice.ts";
import { contactOf, MailStage, says, userOf } from "./mailStage.ts";

function town() {
  const stage = new MailStage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  stage.friends(alice, bob);
  return { stage, alice, bob };
}

const kindOf = (effect: MailEffect) => effect.type === "AskMailbox" ? effect.request.t : effect.type;

Deno.test("[MAIL1] [MAIL10] a device makes a space, registers a key for each contact, and leaves bundles", () => {
  const { stage, alice, bob } = town();
  const space = stage.spaceOf(alice);
  const ours = contactOf(alice, bob).mail.ours!;
  const grant = space.grants.get(ours.depositor)!;
  assert.deepEqual([grant.maxWaiting, grant.maxBundles, grant.expiresAtMs], [500, 10, null]);
  assert.equal(space.oneTime.length, MAILBOX.stockCount);
  assert.notEqual(space.lastResort, null);
  assert.equal(alice.view().mailbox, "ready");
  assert.notEqual(alice.state.space!.keys.id, bob.state.space!.keys.id);
});

Deno.test("[MAIL1] the key of a removed contact, and of the invite it came by, is revoked", () => {
  const { stage, alice, bob } = town();
  const { depositor } = contactOf(alice, bob).mail.ours!;
  const [invite] = alice.state.invites.values();
  const { grants } = stage.spaceOf(alice);
  assert.ok(grants.has(depositor) && grants.has(invite!.mail!.depositor));
  alice.do({ type: "RemoveContact", contact: userOf(bob) });
  assert.deepEqual([grants.has(depositor), grants.has(invite!.mail!.depositor)], [false, false]);
  assert.deepEqual(alice.state.space!.revoking, []);
});

Deno.test("[MAIL1] the key of a revoked invite is revoked, and so is one that the server could not be told of", async () => {
  const { stage, alice } = town();
  for (const isReached of [true, false]) {
    alice.token();
    const invite = [...alice.state.invites.values()].at(-1)!;
    const { depositor } = invite.mail!;
    assert.ok(stage.spaceOf(alice).grants.has(depositor));
    if (!isReached) stage.disconnect(alice);
    alice.do({ type: "RevokeInvite", invite: invite.id });
    if (!isReached) {
      assert.ok(stage.spaceOf(alice).grants.has(depositor));
      stage.leaves(alice);
      await stage.comes(alice);
    }
    assert.ok(!stage.spaceOf(alice).grants.has(depositor), isReached ? "at once" : "in the next run");
  }
});

Deno.test("[MAIL1] a server that has lost everything is given it anew, and mail comes as before", async () => {
  const { stage, alice, bob } = town();
  says(alice, bob, "before");
  stage.leaves(bob);
  const { depositor } = contactOf(bob, alice).mail.ours!;
  stage.server.spaces.clear();
  await stage.comes(bob);
  stage.lasts(5_000);
  assert.ok(stage.spaceOf(bob).grants.has(depositor), "the key that Alice has is good again");
  assert.equal(stage.spaceOf(bob).oneTime.length, MAILBOX.stockCount);
  stage.leaves(bob);
  says(alice, bob, "after");
  stage.lasts(MAILBOX.patienceMs);
  await stage.comes(bob);
  stage.lasts(5_000);
  assert.deepEqual(bob.texts(alice), ["before", "after"]);
});

Deno.test("[MAIL1] a server that loses everything while we are connected is noticed with the next request", () => {
  const { stage, alice, bob } = town();
  const { depositor } = contactOf(alice, bob).mail.ours!;
  // Serials begin anew with the new space: those of the old one must not hide its mail.
  alice.state = { ...alice.state, mail: { ...alice.state.mail, after: 1_000 } };
  stage.server.spaces.clear();
  alice.effects.length = 0;
  alice.token();
  stage.lasts(5_000);
  assert.ok(stage.spaceOf(alice).grants.has(depositor));
  assert.equal(stage.spaceOf(alice).oneTime.length, MAILBOX.stockCount);
  const fetches = alice.of("AskMailbox").flatMap(({ request }) => request.t === "fetch" ? [request.after] : []);
  assert.deepEqual(fetches, [0]);
  stage.cutAll();
  for (const actor of [alice, bob]) actor.do({ type: "RendezvousChanged", state: "connecting" });
  stage.perform = ((perform) => (actor, effect) => effect.type === "OpenLink" ? undefined : perform(actor, effect))(
    stage.perform.bind(stage),
  );
  for (const actor of [alice, bob]) actor.do({ type: "RendezvousChanged", state: "online" });
  says(bob, alice, "by mail");
  stage.lasts(10_000);
  assert.deepEqual(alice.texts(bob), ["by mail"]);
  assert.deepEqual(stage.waitingFor(alice), []);
});

Deno.test("[MAIL1] [MBX1] for another server a space is made of which nothing is used anywhere else", () => {
  const { stage, alice, bob } = town();
  const before = alice.state;
  const [oldKeys, oldMail] = [before.space!.keys, contactOf(alice, bob).mail.ours!];
  stage.cutAll();
  alice.do({ type: "MailOffered", server: "https://other.example" });
  stage.lasts(60_000);
  const { keys, server } = alice.state.space!;
  const ours = contactOf(alice, bob).mail.ours!;
  assert.equal(server, "https://other.example");
  assert.notDeepEqual(keys.owner.publicKey, oldKeys.owner.publicKey);
  assert.notDeepEqual(keys.secret, oldKeys.secret);
  assert.notDeepEqual(keys.sealing.publicKey, oldKeys.sealing.publicKey);
  assert.notEqual(ours.depositor, oldMail.depositor);
  assert.equal(contactOf(bob, alice).mail.theirs!.server, "https://other.example", "the contact is told");
});

Deno.test("[MAIL1] [MBX14] a server that asks for a join code: the person is told, and gives one", () => {
  const stage = new MailStage();
  let expected: string | null = "welcome";
  stage.meddle = (_, effect) =>
    effect.type === "AskMailbox" && effect.request.t === "open" && effect.request.joinCode !== expected
      ? { t: "refused", reason: "join-code", retryAfterS: 0 }
      : null;
  const alice = stage.actor("Alice");
  assert.equal(alice.view().mailbox, "needs-code");
  const opens = () => alice.of("AskMailbox").filter(({ request }) => request.t === "open").length;
  stage.lasts(3_600_000);
  assert.equal(opens(), 1, "it is not asked again before something has changed");
  assert.equal(alice.do({ type: "SetJoinCode", code: "" }).refusal, "mail.bad-join-code");
  assert.equal(alice.do({ type: "SetJoinCode", code: "x".repeat(65) }).refusal, "mail.bad-join-code");
  alice.do({ type: "SetJoinCode", code: "wrong" });
  assert.deepEqual([alice.view().mailbox, opens()], ["needs-code", 2]);
  alice.do({ type: "SetJoinCode", code: "welcome" });
  assert.equal(alice.view().mailbox, "ready");
  expected = null;
});

Deno.test("[MBX12] a space that is refused for now is asked for again when the server said, and shown once it is there", () => {
  const stage = new MailStage();
  let refusals = 1;
  stage.meddle = (_, effect) =>
    kindOf(effect) === "open" && refusals-- > 0 ? { t: "refused", reason: "too-many", retryAfterS: 600 } : null;
  const alice = stage.actor("Alice");
  assert.equal(alice.view().mailbox, "refused");
  stage.lasts(599_999);
  assert.equal(alice.view().mailbox, "refused");
  stage.lasts(1);
  assert.equal(alice.view().mailbox, "ready");
});

Deno.test("[MBX12] a space that turns out to be there is not shown as refused", () => {
  const stage = new MailStage();
  stage.meddle = (_, effect) => kindOf(effect) === "open" ? { t: "refused", reason: "too-many", retryAfterS: 0 } : null;
  const alice = stage.actor("Alice");
  assert.equal(alice.view().mailbox, "refused");
  stage.meddle = () => null;
  stage.server.spaces.set(alice.state.space!.keys.id, {
    grants: new Map(),
    waiting: [],
    serial: 0,
    oneTime: [],
    lastResort: null,
  });
  stage.disconnect(alice);
  stage.reconnect(alice);
  assert.equal(alice.view().mailbox, "ready");
});

Deno.test("[MBX12] whatever our server refuses, once or for ever, it is not asked without end", async () => {
  for (const kind of ["open", "grant", "revoke", "upload", "fetch", "ack"] as const) {
    for (const times of [1, Infinity]) {
      const { stage, alice, bob } = town();
      stage.leaves(alice);
      if (kind === "open") stage.server.spaces.clear();
      else says(bob, alice, "hello");
      stage.lasts(MAILBOX.patienceMs);
      stage.leaves(bob);
      let refusals = 0;
      stage.meddle = (_, effect) =>
        kindOf(effect) === kind && refusals++ < times ? { t: "refused", reason: "busy", retryAfterS: 1 } : null;
      await stage.comes(alice);
      alice.token();
      alice.do({ type: "RevokeInvite", invite: [...alice.state.invites.keys()].at(-1)! });
      stage.spaceOf(alice)?.oneTime.splice(0);
      alice.do({ type: "StockLow", left: 0 });
      stage.lasts(3_600_000);
      assert.ok(refusals > 0, `${kind} was never asked`);
      assert.ok(refusals <= 61, `${kind} was asked ${refusals} times in an hour`);
      assert.ok(deadline(alice.state)! > stage.nowMs, kind);
      if (kind !== "open" && kind !== "fetch") assert.deepEqual(alice.texts(bob), ["hello"]);
    }
  }
});

Deno.test("[MAIL10] [MBX16] bundles that were taken are made up for", () => {
  const { stage, alice, bob } = town();
  const address = contactOf(bob, alice).mail.theirs!;
  const taken = new Set<string>();
  for (let i = 0; i < 10; i++) {
    const answer = stage.visit(address, "/securecomm/prekeys/1", { t: "take" });
    if (answer.t === "bundle") taken.add(answer.sealed.toHex());
    stage.spaceOf(alice).oneTime.splice(0, 1);
  }
  stage.lasts(0);
  assert.equal(taken.size, 10);
  assert.ok(stage.spaceOf(alice).oneTime.length >= MAILBOX.stockCount - MAILBOX.lowStockCount);
});

Deno.test("[MAIL10] news of a low stock that comes while the server refuses uploads is not lost", () => {
  const { stage, alice } = town();
  let refuses = true;
  stage.meddle = (_, effect) =>
    refuses && kindOf(effect) === "upload" ? { t: "refused", reason: "busy", retryAfterS: 0 } : null;
  stage.spaceOf(alice).oneTime.splice(0, 15);
  alice.do({ type: "StockLow", left: 5 });
  stage.spaceOf(alice).oneTime.splice(0, 3);
  alice.do({ type: "StockLow", left: 2 });
  refuses = false;
  stage.lasts(MAILBOX.refusedPauseMs);
  assert.ok(stage.spaceOf(alice).oneTime.length >= MAILBOX.stockCount, `${stage.spaceOf(alice).oneTime.length}`);
});

Deno.test("[MAIL10] [ID6] a new signed prekey replaces all bundles, and none is handed out twice", () => {
  const { stage, alice } = town();
  const before = new Set(stage.spaceOf(alice).oneTime.map((bundle) => bundle.toHex()));
  const lastResort = stage.spaceOf(alice).lastResort;
  const issuedBefore = new Set(issued(alice));
  stage.nowMs += PREKEYS.signedRotationMs;
  stage.lasts(60_000);
  const { oneTime } = stage.spaceOf(alice);
  assert.equal(oneTime.length, MAILBOX.stockCount);
  assert.ok(oneTime.every((bundle) => !before.has(bundle.toHex())));
  assert.notDeepEqual(stage.spaceOf(alice).lastResort, lastResort);
  const fresh = issued(alice).filter((id) => !issuedBefore.has(id));
  assert.equal(fresh.length, MAILBOX.stockCount, "each new bundle has a one-time prekey of its own");
});

const issued = (actor: ReturnType<MailStage["actor"]>) =>
  actor.state.self!.prekeys.oneTime.filter(({ issuedAtMs }) => issuedAtMs !== null).map(({ id }) => id);

Deno.test("[MAIL10] uploads whose answers are lost are made anew, with other one-time prekeys", () => {
  const stage = new MailStage();
  let losses = 2;
  stage.meddle = (_, effect) => kindOf(effect) === "upload" && losses-- > 0 ? "answer lost" : null;
  const alice = stage.actor("Alice");
  for (let i = 0; i < 3; i++) stage.reconnect(alice);
  const sent = alice.of("AskMailbox").flatMap(({ request }) => request.t === "upload" ? request.oneTime : []);
  assert.equal(new Set(sent.map((bundle) => bundle.toHex())).size, sent.length);
  assert.equal(stage.spaceOf(alice).oneTime.length, MAILBOX.stockCount);
  assert.equal(new Set(issued(alice)).size, sent.length, "a one-time prekey for each");
});
