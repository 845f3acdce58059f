import assert from "node:assert/strict";
import { acceptDistribution } from "../../../core/group/accepting.ts";
import { createReceiver, encodeReceiver, type GroupReceiver, openGroup } from "../../../core/group/receiver.ts";
import { exportSender, retire, sealGroup } from "../../../core/group/sender.ts";
import { utf8 } from "../../../core/wire/text.ts";
import { claim } from "../../../core/group/distribution.ts";
import { type Distribution, distributionCodec } from "../../../core/wire/distribution.ts";
import { envOf, flipBit, must, mustRefuse } from "../../support/world.ts";
import { ALICE, BOB, CHANNEL, conversation, DAVE, EVERYBODY, OTHER_CHANNEL, read, Speaker } from "./channel.ts";

const fresh = () => createReceiver(CHANNEL, ALICE.id);

function refuses(receiver: GroupReceiver, message: Uint8Array, reason: string): void {
  const before = encodeReceiver(receiver);
  mustRefuse(acceptDistribution(receiver, message), reason);
  assert.deepEqual(encodeReceiver(receiver), before);
}

const changed = (message: Uint8Array, change: Partial<Distribution>): Uint8Array =>
  distributionCodec.encode({ ...must(distributionCodec.decode(message)), ...change });

Deno.test("[SK6] a chain counts only as that of the device that signed for it", () => {
  const { handover } = new Speaker().block(EVERYBODY, "a");
  refuses(createReceiver(CHANNEL, BOB.id), handover!.message, "group.wrong-sender");
  refuses(createReceiver(OTHER_CHANNEL, ALICE.id), handover!.message, "group.wrong-channel");
  refuses(
    createReceiver(OTHER_CHANNEL, ALICE.id),
    changed(handover!.message, { channel: OTHER_CHANNEL }),
    "group.wrong-sender",
  );
  refuses(fresh(), changed(handover!.message, { signer: BOB.signing.publicKey }), "group.wrong-sender");
  refuses(fresh(), changed(handover!.message, { chain: new Uint8Array(16) }), "group.wrong-sender");
  refuses(fresh(), flipBit(handover!.message, 1), "wire.malformed");
});

Deno.test("[SK6] who claims another's chain as its own gets none of its messages", () => {
  const alice = new Speaker();
  const { handover, envelopes } = alice.block(EVERYBODY, "a");
  const given = must(distributionCodec.decode(handover!.message));
  const stolen = changed(handover!.message, { ownership: claim(BOB.signing, given) });
  const receiver = must(acceptDistribution(createReceiver(CHANNEL, BOB.id), stolen));
  mustRefuse(openGroup(receiver, envelopes[0]!), "group.bad-signature");
});

Deno.test("[SK6] the same chain handed over again changes nothing, early or late", () => {
  const { alice, bob } = conversation();
  const then = exportSender(alice.state!);
  const receiver = read(bob, alice.say("x")).receiver;
  const now = exportSender(alice.state!);
  alice.say("y");
  const later = exportSender(alice.state!);
  for (const message of [then, now, later]) assert.equal(must(acceptDistribution(receiver, message)), receiver);
});

Deno.test("[SK6] the same chain with another key is refused as a conflict, early or late", () => {
  const { alice, bob } = conversation();
  const other = new Speaker(7);
  other.say("x");
  const then = exportSender(alice.state!);
  const receiver = read(bob, alice.say("x")).receiver;
  refuses(receiver, changed(then, { key: new Uint8Array(32) }), "group.conflict");
  refuses(receiver, changed(exportSender(alice.state!), { key: new Uint8Array(32) }), "group.conflict");
  refuses(receiver, changed(then, { index: 900 }), "group.conflict");
  const { signer } = other.state!;
  const given = { ...must(distributionCodec.decode(then)), signer: signer.publicKey };
  refuses(receiver, changed(then, { ...given, ownership: claim(ALICE.signing, given) }), "group.conflict");
});

Deno.test("[SK6] a distribution that an earlier index comes after opens what lies between, and no message twice", () => {
  const { alice } = conversation();
  const early = exportSender(alice.state!);
  const between = alice.say("between");
  const late = exportSender(alice.state!);
  const after = alice.say("after");
  let bob = must(acceptDistribution(fresh(), late));
  bob = read(bob, after).receiver;
  mustRefuse(openGroup(bob, between), "group.before-start");
  bob = must(acceptDistribution(bob, early));
  const opened = read(bob, between);
  assert.equal(opened.text, "between");
  mustRefuse(openGroup(opened.receiver, after), "group.replayed");
  mustRefuse(openGroup(must(acceptDistribution(opened.receiver, early)), between), "group.replayed");
});

Deno.test("[SK4] who stole a chain can say nothing in it once it was replaced; what was sent in it still opens", () => {
  const { alice, bob } = conversation();
  const [late, stolen] = [alice.say("late"), alice.state!];
  alice.state = retire(stolen);
  const { handover, envelopes } = alice.block(EVERYBODY, "fresh");
  const forged = sealGroup(stolen, CHANNEL, ALICE, EVERYBODY, [utf8("forged")], envOf(66)).envelopes[0]!;
  assert.equal(read(bob, forged).text, "forged");
  const receiver = must(acceptDistribution(bob, handover!.message));
  mustRefuse(openGroup(receiver, forged), "group.past-end");
  assert.equal(read(receiver, late).text, "late");
  assert.equal(read(receiver, envelopes[0]!).text, "fresh");
});

Deno.test("[SK7] a late joiner reads from the index it was given, whatever it was sent before", () => {
  const alice = new Speaker();
  const earlier = alice.block(EVERYBODY, "a", "b", "c").envelopes;
  const { handover, envelopes } = alice.block(new Set([...EVERYBODY, DAVE.id]), "d");
  const dave = must(acceptDistribution(fresh(), handover!.message));
  for (const envelope of earlier) mustRefuse(openGroup(dave, envelope), "group.before-start");
  assert.equal(read(dave, envelopes[0]!).text, "d");
});
