import assert from "node:assert/strict";
import { INVITE, MAILBOX } from "../../../core/limits.ts";
import { decodeInviteToken, encodeInviteToken } from "../../../core/wire/inviteToken.ts";
import { must } from "../../support/world.ts";
import { contactOf, MailStage, says, userOf } from "./mailStage.ts";
import type { Actor } from "./stage.ts";

const standings = (actor: Actor) => actor.view().contacts.map(({ name, standing }) => [name, standing]);

/** Alice has left a link and gone; Bob has it. */
function invited() {
  const stage = new MailStage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  const token = alice.token();
  stage.leaves(alice);
  return { stage, alice, bob, token };
}

/** The next one comes, stays for half a minute, and goes. */
async function visits(stage: MailStage, actor: Actor): Promise<void> {
  await stage.comes(actor);
  stage.lasts(30_000);
  stage.leaves(actor);
}

Deno.test("[MAIL8] [INV1] an invite is accepted, answered and talked on, by two who are never there together", async () => {
  const { stage, alice, bob, token } = invited();
  assert.equal(must(decodeInviteToken(token)).mail?.space, alice.state.space!.keys.id);
  bob.do({ type: "AcceptInvite", token });
  says(bob, alice, "hello from Bob");
  stage.lasts(30_000);
  assert.deepEqual(standings(bob), [["Alice", "invited"]]);
  assert.deepEqual(bob.deliveries(alice), ["waiting"], "texts are not left by the invite's key");
  assert.equal(stage.deposits.length, 1);
  stage.leaves(bob);

  await visits(stage, alice);
  assert.deepEqual(standings(alice), [["Bob", "established"]]);
  assert.equal(alice.view().invites[0]!.state, "used");
  await visits(stage, bob);
  assert.deepEqual(standings(bob), [["Alice", "established"]]);
  assert.deepEqual(bob.deliveries(alice), ["sent"]);
  await visits(stage, alice);
  assert.deepEqual(alice.texts(bob), ["hello from Bob"]);
  await stage.comes(bob);
  assert.deepEqual(bob.deliveries(alice), ["delivered"]);
  stage.leaves(bob);
  await stage.comes(alice);
  says(alice, bob, "welcome");
  stage.lasts(MAILBOX.patienceMs);
  stage.leaves(alice);
  await visits(stage, bob);
  assert.deepEqual(bob.texts(alice), ["hello from Bob", "welcome"]);
});

Deno.test("[MAIL8] the inviter revokes the invite's key once the visitor has left mail by its own", async () => {
  const { stage, alice, bob, token } = invited();
  const depositor = [...alice.state.invites.values()][0]!.mail!.depositor;
  bob.do({ type: "AcceptInvite", token });
  stage.lasts(30_000);
  stage.leaves(bob);
  await visits(stage, alice);
  assert.ok(stage.spaceOf(alice).grants.has(depositor), "until it has heard from us it has no other key");
  await stage.comes(bob);
  says(bob, alice, "hello");
  stage.lasts(30_000);
  stage.leaves(bob);
  await visits(stage, alice);
  assert.ok(!stage.spaceOf(alice).grants.has(depositor));
  assert.equal([...alice.state.invites.values()][0]!.mail, null);
});

Deno.test("[MAIL8] [INV4] a second visitor on the same link waits, and is told when the inviter is there", async () => {
  const { stage, alice, bob, token } = invited();
  const late = stage.actor("Late");
  for (const visitor of [bob, late]) {
    visitor.do({ type: "AcceptInvite", token });
    stage.lasts(30_000);
  }
  stage.leaves(bob);
  stage.leaves(late);
  assert.equal(stage.deposits.length, 2);
  await visits(stage, alice);
  assert.deepEqual(standings(alice), [["Bob", "established"]]);
  assert.equal(alice.state.refusals["mail.wrong-sender"], 1);
  assert.deepEqual(stage.waitingFor(alice), []);
  assert.deepEqual(standings(late), [["Alice", "invited"]]);
  await stage.comes(late);
  await stage.comes(alice);
  stage.lasts(30_000);
  assert.deepEqual(late.view().contacts.map(({ refusal }) => refusal), ["invite.used"]);
  assert.equal(alice.view().contacts.length, 1);
});

Deno.test("[MAIL8] a visitor whose introduction was refused or lost makes it again, within the invite's share", async () => {
  for (const lost of ["lost", "answer lost"] as const) {
    const { stage, alice, bob, token } = invited();
    let losses = 2;
    stage.meddle = (_, { type }) =>
      type !== "AskMailbox" && losses-- > 0 ? (lost === "lost" ? { t: "lost" } : lost) : null;
    bob.do({ type: "AcceptInvite", token });
    stage.lasts(10 * 60_000);
    stage.leaves(bob);
    await visits(stage, alice);
    assert.deepEqual(standings(alice), [["Bob", "established"]], lost);
    await visits(stage, bob);
    assert.deepEqual(standings(bob), [["Alice", "established"]], lost);
  }
});

Deno.test("[MAIL8] [INV4] an introduction on an invite that was revoked, or has ended, makes nobody a contact", async () => {
  for (const spoil of ["revoked", "expired"]) {
    const { stage, alice, bob, token } = invited();
    bob.do({ type: "AcceptInvite", token });
    stage.lasts(30_000);
    stage.leaves(bob);
    if (spoil === "expired") stage.nowMs += INVITE.lifetimeMs;
    else {
      // Revoked on the device before it hears of the mail.
      stage.isServerUp = false;
      await stage.comes(alice);
      alice.do({ type: "RevokeInvite", invite: alice.view().invites[0]!.id });
      stage.isServerUp = true;
      stage.leaves(alice);
    }
    await visits(stage, alice);
    assert.deepEqual(standings(alice), [], spoil);
    assert.deepEqual(stage.waitingFor(alice), [], spoil);
  }
});

Deno.test("[MAIL8] a visitor that finds the inviter at home needs no mail, and both have addresses after it", () => {
  const stage = new MailStage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  stage.meet(alice, bob);
  stage.lasts(10_000);
  assert.deepEqual(stage.deposits, []);
  for (const [one, other] of [[alice, bob], [bob, alice]] as const) {
    const { theirs, isByInvite } = contactOf(one, other).mail;
    assert.deepEqual([theirs?.space, isByInvite], [other.state.space!.keys.id, false]);
  }
});

Deno.test("[INV1] a link of somebody without a mailbox is of version 1, and one of version 1 is good", () => {
  const stage = new MailStage();
  stage.isServerUp = false;
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  const token = alice.token();
  assert.equal(must(decodeInviteToken(token)).mail, null);
  assert.equal(encodeInviteToken(must(decodeInviteToken(token))), token);
  bob.do({ type: "AcceptInvite", token });
  stage.lasts(60_000);
  assert.deepEqual([standings(bob), bob.of("TakeBundle")], [[["Alice", "invited"]], []]);
  stage.discover();
  assert.deepEqual(standings(bob), [["Alice", "established"]]);
  assert.equal(userOf(alice), contactOf(bob, alice).id);
});

Deno.test("[MAIL8] [INV7] who was removed while away comes back by a new link, by mail", async () => {
  const stage = new MailStage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  stage.friends(alice, bob);
  says(bob, alice, "before");
  stage.leaves(bob);
  alice.do({ type: "RemoveContact", contact: userOf(bob) });
  const token = alice.token();
  stage.leaves(alice);
  await stage.comes(bob);
  says(bob, alice, "are you there?");
  stage.lasts(60_000);
  assert.deepEqual(bob.deliveries(alice), ["delivered", "waiting"], "the key is revoked");
  bob.do({ type: "AcceptInvite", token });
  const count = stage.deposits.length;
  stage.lasts(30_000);
  assert.equal(stage.deposits.length, count + 1, "what was refused before says nothing of the new key");
  stage.leaves(bob);
  for (let round = 0; round < 3; round++) {
    await visits(stage, alice);
    await visits(stage, bob);
  }
  assert.deepEqual(standings(alice), [["Bob", "established"]]);
  assert.deepEqual(standings(bob), [["Alice", "established"]]);
  assert.deepEqual(alice.texts(bob), ["are you there?"]);
});
