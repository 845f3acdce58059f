import assert from "node:assert/strict";
import { acceptDistribution } from "../../../core/group/accepting.ts";
import {
  createReceiver,
  decodeReceiver,
  encodeReceiver,
  type GroupReceiver,
  openGroup,
  openRun,
  peekChain,
} from "../../../core/group/receiver.ts";
import { sealGroup } from "../../../core/group/sender.ts";
import { blockDigest, leafDigest } from "../../../core/group/block.ts";
import { homeOf } from "../../../core/group/chain.ts";
import { LABELS } from "../../../core/crypto/labels.ts";
import { sign, signingKey } from "../../../core/crypto/sign.ts";
import { GROUP } from "../../../core/limits.ts";
import { decodeGroupEnvelope, encodeGroupEnvelope, type GroupEnvelope } from "../../../core/wire/groupEnvelope.ts";
import { fromUtf8, utf8 } from "../../../core/wire/text.ts";
import { envOf, flipBit, must, mustRefuse } from "../../support/world.ts";
import { ALICE, BOB, CHANNEL, conversation, EVERYBODY, only, OTHER_CHANNEL, read, Speaker } from "./channel.ts";

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`);

function refuses(receiver: GroupReceiver, envelope: Uint8Array, reason: string): void {
  const before = encodeReceiver(receiver);
  mustRefuse(openGroup(receiver, envelope), reason);
  assert.deepEqual(encodeReceiver(receiver), before);
}

/** What a member can make who holds the chain key but not the signing key: an envelope signed by a key of its own. */
function resign(receiver: GroupReceiver, envelope: GroupEnvelope): Uint8Array {
  const home = homeOf(receiver.channel, receiver.sender);
  const leaf = leafDigest(envelope.first + envelope.position, envelope.nonce, envelope.ciphertext);
  const digest = blockDigest(home, envelope, leaf);
  return encodeGroupEnvelope({
    ...envelope,
    signature: sign(signingKey(new Uint8Array(32)), LABELS.groupBlock, digest),
  });
}

Deno.test("[SK8] messages open in any order, each once", () => {
  const { alice, bob } = conversation();
  const envelopes = numbers(6).map((text) => alice.say(text));
  let receiver = bob;
  for (const at of [3, 0, 5, 4, 1, 2]) {
    const opened = read(receiver, envelopes[at]!);
    assert.equal(opened.text, `${at}`);
    receiver = opened.receiver;
    refuses(receiver, envelopes[at]!, "group.replayed");
  }
  assert.equal(receiver.chains[0]!.skipped.length, 0);
});

Deno.test("[SK8] whatever bit of a message was changed, it is refused and leaves no trace", () => {
  const { alice, bob } = conversation();
  const envelope = alice.say("hello");
  for (let bit = 0; bit < 8 * 131; bit += 7) {
    const forged = openGroup(bob, flipBit(envelope, bit));
    assert.ok(!forged.ok, `bit ${bit}`);
  }
  const before = encodeReceiver(bob);
  for (const bit of [8 * 131, 8 * 200 + 3, 8 * envelope.length - 1]) {
    mustRefuse(openGroup(bob, flipBit(envelope, bit)), "group.bad-signature");
  }
  assert.deepEqual(encodeReceiver(bob), before);
  assert.equal(read(bob, envelope).text, "hello");
});

Deno.test("[SK9] a member who holds the chain cannot speak for its sender", () => {
  const { alice, bob } = conversation();
  const genuine = must(decodeGroupEnvelope(alice.say("hello")));
  refuses(bob, resign(bob, genuine), "group.bad-signature");
  const altered = { ...genuine, ciphertext: flipBit(genuine.ciphertext, 3) };
  refuses(bob, resign(bob, altered), "group.bad-signature");
});

Deno.test("[SK9] a signed message that does not decrypt leaves no trace", () => {
  const { alice, bob } = conversation();
  const broken = { ...alice.state!, chain: { ...alice.state!.chain, key: new Uint8Array(32) } };
  const { envelopes } = sealGroup(broken, CHANNEL, ALICE, EVERYBODY, [utf8("x"), utf8("y")], envOf(3));
  refuses(bob, envelopes[0]!, "group.not-authentic");
});

Deno.test("[SK9] a message is of one channel and one device", () => {
  const { alice, bob } = conversation();
  const envelope = alice.say("hello");
  refuses({ ...bob, channel: OTHER_CHANNEL }, envelope, "group.bad-signature");
  refuses({ ...bob, sender: BOB.id }, envelope, "group.bad-signature");
});

Deno.test("[SK9] a genuine ciphertext opens under no other number than its own", () => {
  const { alice, bob } = conversation();
  const block = alice.block(EVERYBODY, ...numbers(4)).envelopes.map((each) => must(decodeGroupEnvelope(each)));
  const receiver = must(openGroup(bob, encodeGroupEnvelope(block[0]!))).receiver;
  const moved = { ...block[1]!, ciphertext: block[2]!.ciphertext };
  refuses(receiver, encodeGroupEnvelope(moved), "group.bad-signature");
});

Deno.test("[SK10] after one message of a block the others cost no signature, and vouchers are used up", () => {
  const { alice, bob } = conversation();
  const { envelopes } = alice.block(EVERYBODY, ...numbers(8));
  let receiver = bob;
  const unsigned = (bytes: Uint8Array) =>
    encodeGroupEnvelope({ ...must(decodeGroupEnvelope(bytes)), signature: new Uint8Array(64) });
  refuses(receiver, unsigned(envelopes[5]!), "group.bad-signature");
  receiver = read(receiver, envelopes[5]!).receiver;
  for (const at of [0, 7, 3, 2, 1, 4, 6]) {
    const opened = read(receiver, unsigned(envelopes[at]!));
    assert.equal(opened.text, `${at}`);
    receiver = opened.receiver;
  }
  assert.deepEqual(receiver.chains[0]!.vouched, []);
});

Deno.test("[SK10] a message vouches for what was sent before it: a run opens by its newest signature", () => {
  const { alice, bob } = conversation();
  const envelopes = numbers(5).map((text) => alice.say(text));
  const unsigned = envelopes.map((each) =>
    encodeGroupEnvelope({ ...must(decodeGroupEnvelope(each)), signature: new Uint8Array(64) })
  );
  const run = openRun(bob, [...unsigned.slice(0, 4), envelopes[4]!]);
  assert.deepEqual(run.results.map((each) => fromUtf8(must(each).plaintext)), numbers(5));
  assert.deepEqual(run.receiver.chains[0]!.vouched, []);
  const broken = openRun(bob, unsigned);
  assert.ok(broken.results.every((each) => !each.ok && each.reason === "group.bad-signature"));
  assert.equal(broken.receiver, bob);
});

Deno.test("[SK10] a run is opened as if one by one: forged, foreign and repeated ones are refused by name", () => {
  const { alice, bob } = conversation();
  const envelopes = numbers(4).map((text) => alice.say(text));
  const mixed = [
    envelopes[2]!,
    flipBit(envelopes[1]!, 8 * 140),
    envelopes[0]!,
    envelopes[2]!,
    new Speaker(9).say("foreign"),
    envelopes[3]!.subarray(0, 50),
  ];
  const { results, receiver } = openRun(bob, mixed);
  assert.deepEqual(results.map((each) => (each.ok ? fromUtf8(each.value.plaintext) : each.reason)), [
    "2",
    "group.bad-signature",
    "0",
    "group.replayed",
    "group.unknown-chain",
    "wire.malformed",
  ]);
  assert.equal(read(read(receiver, envelopes[3]!).receiver, envelopes[1]!).text, "1");
});

Deno.test("[SK11] no message can make a receiver step beyond the 1,000th", () => {
  const { alice, bob } = conversation();
  const envelope = alice.say("x");
  const far = new Uint8Array(envelope);
  far.set([0, 0, 3, 232], 17);
  refuses(bob, far, "wire.wrong-shape");
  far.set([255, 255, 255, 255], 17);
  refuses(bob, far, "wire.wrong-shape");
  far.set([0, 0, 3, 231], 17);
  refuses(bob, far, "group.bad-signature");
});

Deno.test("[SK12] of many chains the five newest stay, and of many skipped keys the latest 1,000", () => {
  let receiver = createReceiver(CHANNEL, ALICE.id);
  const lost: Uint8Array[] = [];
  for (let i = 0; i < GROUP.maxChains + 1; i++) {
    const alice = new Speaker(20 + i);
    const { handover, envelopes } = alice.block(EVERYBODY, ...numbers(50));
    receiver = must(acceptDistribution(receiver, handover!.message));
    lost.push(envelopes[0]!);
    for (let count = 50; count < 250; count += 50) alice.block(EVERYBODY, ...numbers(50));
    receiver = read(receiver, alice.say("last")).receiver;
  }
  assert.equal(receiver.chains.length, GROUP.maxChains);
  const kept = receiver.chains.reduce((sum, { skipped }) => sum + skipped.length, 0);
  assert.equal(kept, GROUP.maxSkippedKeys);
  refuses(receiver, lost[0]!, "group.unknown-chain");
  refuses(receiver, lost[1]!, "group.replayed");
  assert.equal(read(receiver, lost[5]!).text, "0");
  assert.ok(encodeReceiver(receiver).length <= GROUP.maxReceiverRecordBytes);
  assert.deepEqual(must(decodeReceiver(encodeReceiver(receiver))), receiver);
});

Deno.test("[SK12] vouchers of messages that never come are bounded, and the messages open all the same", () => {
  const { alice, bob } = conversation();
  const blocks = numbers(12).map(() => alice.block(EVERYBODY, ...numbers(8)).envelopes);
  let receiver = bob;
  for (const block of blocks) receiver = read(receiver, block[7]!).receiver;
  assert.equal(receiver.chains[0]!.vouched.length, GROUP.maxVouched);
  for (const block of blocks) receiver = read(receiver, block[0]!).receiver;
  assert.ok(receiver.chains[0]!.vouched.length <= GROUP.maxVouched);
});

Deno.test("[SK14] a receiver comes back from its record as it was", () => {
  const { alice, bob } = conversation();
  const envelopes = alice.block(EVERYBODY, ...numbers(9)).envelopes;
  const receiver = read(bob, envelopes[6]!).receiver;
  assert.ok(receiver.chains[0]!.skipped.length > 0 && receiver.chains[0]!.vouched.length > 0);
  assert.deepEqual(must(decodeReceiver(encodeReceiver(receiver))), receiver);
  mustRefuse(decodeReceiver(encodeReceiver(receiver).with(0, 9)), "wire.unknown-version");
});

Deno.test("[SK8] the key of an opened message and all keys before it are not in the state any more", () => {
  const { alice, bob } = conversation();
  const before = bob.chains[0]!.chain.key.join();
  const opened = read(bob, alice.say("x")).receiver;
  assert.ok(!encodeReceiver(opened).join().includes(before));
});

Deno.test("an envelope says which chain it is of, and no more", () => {
  const alice = new Speaker();
  const envelope = alice.say("x", only(ALICE));
  assert.deepEqual(must(peekChain(envelope)), alice.state!.id);
  mustRefuse(peekChain(envelope.subarray(0, 100)), "wire.malformed");
});
