import assert from "node:assert/strict";
import { compareSafetyNumber, loadNode, safetyNumberOf, type SafetyNumberView } from "../../../core/node/index.ts";
import { contactRecord } from "../../../core/wire/nodeRecords.ts";
import fixtures from "../../fixtures/version1.json" with { type: "json" };
import { must, runThrough } from "../../support/world.ts";
import { type Actor, Stage } from "./stage.ts";

function met() {
  const stage = new Stage();
  const [alice, bob, carol] = ["Alice", "Bob", "Carol"].map((name) => stage.actor(name)) as [Actor, Actor, Actor];
  stage.meet(alice, bob);
  stage.meet(alice, carol);
  return { stage, alice, bob, carol };
}

const verifiedOf = (by: Actor, of: Actor) => by.view().contacts.find(({ id }) => id === of.user)!.verified;
const numberOf = (by: Actor, of: Actor): SafetyNumberView => runThrough(safetyNumberOf(by.state, of.user))!;

Deno.test("[SAFE5] verified is what the person says, with its time, until the person takes it back", () => {
  const { stage, alice, bob, carol } = met();
  assert.equal(verifiedOf(alice, bob), null);
  alice.do({ type: "MarkVerified", contact: bob.user, verified: true });
  assert.deepEqual(verifiedOf(alice, bob), { atMs: stage.nowMs });
  assert.equal(verifiedOf(alice, carol), null);
  assert.equal(verifiedOf(bob, alice), null, "it is one's own word, and not told to the other");
  alice.do({ type: "MarkVerified", contact: bob.user, verified: false });
  assert.equal(verifiedOf(alice, bob), null);
});

Deno.test("[SAFE5] marking again keeps the first time and writes nothing", () => {
  const { stage, alice, bob } = met();
  alice.do({ type: "MarkVerified", contact: bob.user, verified: true });
  const first = verifiedOf(alice, bob);
  stage.pass(60_000);
  const { effects } = alice.do({ type: "MarkVerified", contact: bob.user, verified: true });
  assert.deepEqual(effects, []);
  assert.deepEqual(verifiedOf(alice, bob), first);
});

Deno.test("[SAFE5] verified outlives a restart", async () => {
  const { alice, bob } = met();
  alice.do({ type: "MarkVerified", contact: bob.user, verified: true });
  const loaded = await loadNode(alice.store);
  assert.ok(loaded.ok);
  assert.deepEqual(loaded.value.contacts.get(bob.user)!.verified, verifiedOf(alice, bob));
});

Deno.test("[SAFE5] nothing that the contact sends changes it", () => {
  const { stage, alice, bob } = met();
  alice.do({ type: "MarkVerified", contact: bob.user, verified: true });
  const marked = verifiedOf(alice, bob);
  stage.cutAll();
  stage.discover();
  bob.do({ type: "SendText", contact: alice.user, text: "it is me" });
  stage.meet(bob, alice);
  assert.deepEqual(verifiedOf(alice, bob), marked);
});

Deno.test("[SAFE2] a contact that was removed and met again is not verified", () => {
  const { stage, alice, bob } = met();
  alice.do({ type: "MarkVerified", contact: bob.user, verified: true });
  alice.do({ type: "RemoveContact", contact: bob.user });
  bob.do({ type: "RemoveContact", contact: alice.user });
  stage.meet(alice, bob);
  stage.pass(60_000);
  stage.discover();
  assert.equal(verifiedOf(alice, bob), null);
});

Deno.test("[SAFE5] who is no contact cannot be verified, and has no number", () => {
  const { bob, carol } = met();
  assert.equal(bob.do({ type: "MarkVerified", contact: carol.user, verified: true }).refusal, "node.unknown-contact");
  assert.equal(runThrough(safetyNumberOf(bob.state, carol.user)), null);
});

Deno.test("[SAFE3] [SAFE4] two contacts see one number, and each other's code matches", () => {
  const { alice, bob, carol } = met();
  const [hers, his] = [numberOf(alice, bob), numberOf(bob, alice)];
  assert.equal(hers.digits, his.digits);
  assert.notEqual(hers.code, his.code);
  assert.equal(compareSafetyNumber(hers, his.code), "match");
  assert.equal(compareSafetyNumber(hers, his.digits), "match");
  assert.equal(compareSafetyNumber(hers, numberOf(carol, alice).code), "other-person");
  assert.equal(compareSafetyNumber(hers, "what?"), null);
});

Deno.test("[SAFE5] [WIRE5] a contact of version 1 is read as not verified, and written as version 3", () => {
  const old = fixtures.records.filter(({ kind }) => kind === "contact").map(({ hex }) => Uint8Array.fromHex(hex));
  assert.ok(old.length > 0);
  for (const record of old) {
    assert.equal(record[0], 1);
    const contact = must(contactRecord.decode(record));
    assert.equal(contact.verified, null);
    const marked = { ...contact, verified: { atMs: 7 } };
    const written = contactRecord.encode(marked);
    assert.equal(written[0], 3);
    assert.deepEqual(must(contactRecord.decode(written)), marked);
  }
});
