import assert from "node:assert/strict";
import type { UserId } from "../../../core/ids.ts";
import { CONTACT, INVITE, LINK, TIME } from "../../../core/limits.ts";
import { decodeInviteToken, encodeInviteToken } from "../../../core/wire/inviteToken.ts";
import { must } from "../../support/world.ts";
import { Stage } from "./stage.ts";

const standing = (actor: ReturnType<Stage["actor"]>) => actor.view().contacts.map(({ standing }) => standing);

Deno.test("[INV3] a visitor and an inviter become contacts, with each other's names", () => {
  const stage = new Stage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  stage.meet(alice, bob);
  assert.deepEqual(alice.view().contacts.map(({ name, standing }) => [name, standing]), [["Bob", "established"]]);
  assert.deepEqual(bob.view().contacts.map(({ name, standing }) => [name, standing]), [["Alice", "established"]]);
});

Deno.test("[INV1] a token says who invites and until when, and nothing else decodes", () => {
  const stage = new Stage();
  const alice = stage.actor("Alice");
  const token = alice.token();
  const { user, name, expiresAtMs } = must(decodeInviteToken(token));
  assert.deepEqual([user, name, expiresAtMs], [alice.user, "Alice", stage.nowMs + INVITE.lifetimeMs]);
  for (
    const bad of ["", "x", token.slice(1), token.slice(0, -1), `${token}A`, token.replace(/^./, "="), "A".repeat(900)]
  ) {
    assert.equal(decodeInviteToken(bad).ok, false, bad);
  }
});

Deno.test("[INV1] [MSG8] a token whose name hides something, or whose end no calendar shows, is broken", () => {
  const token = must(decodeInviteToken(new Stage().actor("Alice").token()));
  for (const name of ["\u202eecilA", "Ali\u200bce", "A\nB", " ", ""]) {
    assert.equal(decodeInviteToken(encodeInviteToken({ ...token, name })).ok, false, JSON.stringify(name));
  }
  const far = encodeInviteToken({ ...token, expiresAtMs: TIME.maxMs });
  assert.equal(decodeInviteToken(far).ok, true);
  assert.throws(() => encodeInviteToken({ ...token, expiresAtMs: TIME.maxMs + 1 }));
});

Deno.test("[INV4] the first to redeem an invite burns it; the second is told that it was used", () => {
  const stage = new Stage();
  const [alice, bob, late] = [stage.actor("Alice"), stage.actor("Bob"), stage.actor("Late")];
  const token = alice.token();
  for (const visitor of [bob, late]) {
    visitor.do({ type: "AcceptInvite", token });
    stage.discover();
  }
  assert.deepEqual(standing(alice), ["established"]);
  assert.deepEqual(standing(bob), ["established"]);
  assert.deepEqual(late.view().contacts.map(({ standing, refusal }) => [standing, refusal]), [[
    "refused",
    "invite.used",
  ]]);
  assert.equal(alice.view().invites[0]!.state, "used");
});

Deno.test("[INV4] burning the invite and keeping the contact are one durable write", () => {
  const stage = new Stage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  stage.meet(alice, bob);
  const batch = alice.of("Persist").find(({ writes }) => writes.some(({ key }) => key.startsWith("contact/")))!;
  const kinds = new Set(batch.writes.map(({ key }) => key.split("/")[0]));
  for (const kind of ["contact", "invite", "session", "prekeys"]) assert.ok(kinds.has(kind), kind);
});

Deno.test("[INV4] revoked and expired invites say so, and what was written is kept", () => {
  for (const [word, spoil] of [["revoked", 0], ["expired", INVITE.lifetimeMs + 1]] as const) {
    const stage = new Stage();
    const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
    const token = alice.token();
    bob.do({ type: "AcceptInvite", token });
    bob.do({ type: "SendText", contact: alice.user, text: "keep me" });
    if (word === "revoked") alice.do({ type: "RevokeInvite", invite: alice.view().invites[0]!.id });
    stage.pass(spoil);
    stage.discover();
    assert.equal(bob.view().contacts[0]!.refusal, `invite.${word}`);
    assert.deepEqual(bob.texts(alice), ["keep me"]);
  }
});

Deno.test("[INV1] own, broken and expired links are refused by name before anything happens", () => {
  const stage = new Stage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  const token = alice.token();
  assert.equal(alice.do({ type: "AcceptInvite", token }).refusal, "invite.own");
  assert.equal(bob.do({ type: "AcceptInvite", token: "nonsense" }).refusal, "invite.broken");
  const old = encodeInviteToken({ ...must(decodeInviteToken(token)), expiresAtMs: stage.nowMs });
  assert.equal(bob.do({ type: "AcceptInvite", token: old }).refusal, "invite.expired");
  assert.deepEqual(bob.view().contacts, []);
});

Deno.test("[INV1] the 51st open invite is refused", () => {
  const alice = new Stage().actor("Alice");
  for (let i = 0; i < INVITE.maxOpen; i++) assert.equal(alice.do({ type: "CreateInvite" }).refusal, null);
  assert.equal(alice.do({ type: "CreateInvite" }).refusal, "invite.too-many");
});

Deno.test("[INV4] who never answers is not waited for without end, and ended invites are forgotten", () => {
  const stage = new Stage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  bob.do({ type: "AcceptInvite", token: alice.token() });
  for (let i = 0; i < 2 * INVITE.maxEnded; i++) {
    alice.do({ type: "RevokeInvite", invite: alice.view().invites.at(-1)!.id });
    stage.pass(1);
    alice.token();
  }
  assert.equal(alice.view().invites.length, INVITE.maxEnded + 1);
  stage.pass(INVITE.lifetimeMs);
  assert.deepEqual(standing(bob), ["invited"]);
  stage.pass(INVITE.answerExpiredMs);
  assert.deepEqual(bob.view().contacts.map(({ refusal }) => refusal), ["invite.expired"]);
  assert.equal(alice.view().invites.length, 0);
});

Deno.test("[MSG8] contacts beyond the limit are refused by name", () => {
  const stage = new Stage();
  const [alice, bob, late] = [stage.actor("Alice"), stage.actor("Bob"), stage.actor("Late")];
  stage.meet(alice, bob);
  const one = bob.state.contacts.get(alice.user)!;
  const names = Array.from({ length: CONTACT.maxCount }, (_, i) => i.toString(16).padStart(64, "0") as UserId);
  bob.state = { ...bob.state, contacts: new Map(names.map((id) => [id, { ...one, id, topicSecrets: [] }])) };
  assert.equal(bob.do({ type: "AcceptInvite", token: late.token() }).refusal, "contact.too-many");
});

Deno.test("[INV2] one who registers under the invite's topic without being the inviter is not spoken to", () => {
  const stage = new Stage();
  const [alice, bob, mallory] = [stage.actor("Alice"), stage.actor("Bob"), stage.actor("Mallory")];
  const token = must(decodeInviteToken(alice.token()));
  // Mallory holds the link too, and poses as its inviter: the same secret, another person.
  mallory.do({ type: "CreateInvite" });
  const own = [...mallory.state.invites.values()][0]!;
  mallory.state = { ...mallory.state, invites: new Map([[own.id, { ...own, secret: token.secret }]]) };
  mallory.do({ type: "CreateInvite" });
  bob.do({ type: "AcceptInvite", token: encodeInviteToken(token) });
  const topic = bob.state.network.topics[0]!.topic;
  bob.do({ type: "PeerFound", topic, peer: mallory.peer });
  assert.equal(bob.state.refusals["identity.wrong-user"], 1);
  assert.deepEqual(standing(bob), ["invited"]);
});

Deno.test("[LINK6] nobody may exchange addresses with us before the invite was redeemed", () => {
  const stage = new Stage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  bob.do({ type: "AcceptInvite", token: alice.token() });
  // Held before the introduction: both devices are proven, nobody is a contact yet.
  const send = stage.perform.bind(stage);
  stage.perform = (actor, effect) => {
    if (effect.type === "SendFrame" && effect.frame.length > 1_500 && actor === alice) stage.holding = true;
    send(actor, effect);
  };
  stage.discover();
  const phases = (actor: typeof alice) => [...actor.state.network.links.values()].map(({ phase }) => phase.t);
  assert.deepEqual([phases(alice), phases(bob)], [["proven"], ["proven"]]);
  assert.deepEqual([alice.of("AllowDirect"), bob.of("AllowDirect")], [[], []]);
  assert.deepEqual(bob.of("OpenLink").map(({ route }) => route), ["relayed"]);
});

Deno.test("[LINK6] a redeemer is allowed before the welcome leaves", () => {
  const stage = new Stage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  stage.meet(alice, bob);
  const order = alice.effects.map(({ type }) => type);
  const allowed = order.indexOf("AllowDirect");
  assert.ok(allowed >= 0 && order.indexOf("SendFrame", allowed) > allowed);
  assert.deepEqual(alice.of("AllowDirect")[0]!.peers, [bob.peer]);
});

Deno.test("[INV3] an introduction that stays unanswered is made again on another link", () => {
  const stage = new Stage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  bob.do({ type: "AcceptInvite", token: alice.token() });
  const send = stage.perform.bind(stage);
  let lost = false;
  stage.perform = (actor, effect) => {
    // The welcome, and nothing else, is lost.
    if (effect.type === "SendFrame" && actor === alice && alice.state.contacts.size > 0 && !lost) lost = true;
    else send(actor, effect);
  };
  stage.discover();
  assert.deepEqual(standing(bob), ["invited"]);
  stage.pass(LINK.greetTimeoutMs);
  for (let i = 0; i < 4; i++) stage.pass(1_000);
  assert.deepEqual(standing(bob), ["established"]);
  assert.deepEqual(standing(alice), ["established"]);
});

Deno.test("[INV7] who was removed comes back by a new link, with all that was said", () => {
  const stage = new Stage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  stage.meet(alice, bob);
  bob.do({ type: "SendText", contact: alice.user, text: "before" });
  alice.do({ type: "RemoveContact", contact: bob.user });
  bob.do({ type: "SendText", contact: alice.user, text: "between" });
  stage.meet(alice, bob);
  // Bob had dialed in vain.
  for (let i = 0; i < 4; i++) stage.pass(1_000);
  assert.deepEqual([standing(alice), standing(bob)], [["established"], ["established"]]);
  assert.deepEqual(bob.texts(alice), ["before", "between"]);
  assert.deepEqual(alice.texts(bob), ["between"]);
  assert.deepEqual(bob.deliveries(alice), ["delivered", "delivered"]);
});

Deno.test("[INV7] a link that is no good does not cost a contact", () => {
  for (const meets of [true, false]) {
    const stage = new Stage();
    const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
    stage.meet(alice, bob);
    const token = must(decodeInviteToken(alice.token()));
    for (const actor of [alice, bob]) actor.do({ type: "RendezvousChanged", state: "offline" });
    stage.cutAll();
    const forged = encodeInviteToken({ ...token, secret: new Uint8Array(32) });
    if (!meets) alice.do({ type: "RevokeInvite", invite: alice.view().invites.at(-1)!.id });
    bob.do({ type: "AcceptInvite", token: meets ? forged : encodeInviteToken(token) });
    assert.deepEqual(standing(bob), ["invited"]);
    for (const actor of [alice, bob]) actor.do({ type: "RendezvousChanged", state: "online" });
    stage.discover();
    for (let i = 0; i < 8; i++) stage.pass(1_000);
    assert.deepEqual(standing(bob), ["established"]);
    bob.do({ type: "SendText", contact: alice.user, text: "still" });
    assert.deepEqual(alice.texts(bob), ["still"]);
  }
});
