import assert from "node:assert/strict";
import { acceptDistribution } from "../../../core/group/accepting.ts";
import { createReceiver, openGroup } from "../../../core/group/receiver.ts";
import {
  decodeSender,
  encodeHolders,
  encodeSender,
  exportSender,
  type GroupSender,
  handAgain,
  handOver,
  retire,
  sealGroup,
} from "../../../core/group/sender.ts";
import { GROUP } from "../../../core/limits.ts";
import { distributionCodec } from "../../../core/wire/distribution.ts";
import { decodeGroupEnvelope } from "../../../core/wire/groupEnvelope.ts";
import { utf8 } from "../../../core/wire/text.ts";
import { envOf, must, mustRefuse, START_MS } from "../../support/world.ts";
import {
  ALICE,
  BOB,
  CAROL,
  CHANNEL,
  conversation,
  DAVE,
  EVERYBODY,
  only,
  OTHER_CHANNEL,
  read,
  Speaker,
} from "./channel.ts";

const ONE = [utf8("x")];
const chainOf = (state: GroupSender): string => state.id.join();

Deno.test("[SK3] the first message hands the chain to everybody else who is entitled", () => {
  const { handover, state } = new Speaker().block(EVERYBODY, "hello");
  assert.deepEqual(new Set(handover!.devices), only(BOB, CAROL));
  const given = must(distributionCodec.decode(handover!.message));
  assert.deepEqual({ index: given.index, channel: given.channel }, { index: 0, channel: CHANNEL });
  assert.deepEqual(given.chain, state.id);
});

Deno.test("[SK3] while nobody comes and nobody goes, nothing is handed over and the chain goes on", () => {
  const alice = new Speaker();
  const first = alice.block(EVERYBODY, "a").state;
  const second = alice.block(new Set(EVERYBODY), "b");
  assert.equal(second.handover, null);
  assert.equal(chainOf(second.state), chainOf(first));
});

Deno.test("[SK3] who is missing gets the chain at the current index, and nobody else is told", () => {
  const alice = new Speaker();
  const first = alice.block(EVERYBODY, "a", "b", "c").state;
  const { handover, state } = alice.block(new Set([...EVERYBODY, DAVE.id]), "d");
  assert.deepEqual(handover!.devices, [DAVE.id]);
  assert.equal(must(distributionCodec.decode(handover!.message)).index, 3);
  assert.equal(chainOf(state), chainOf(first));
});

Deno.test("[SK3] one holder too many makes a fresh chain, with another key pair, for all who are left", () => {
  const alice = new Speaker();
  const before = alice.block(EVERYBODY, "a").state;
  const { handover, state } = alice.block(only(ALICE, BOB), "b");
  assert.notEqual(chainOf(state), chainOf(before));
  assert.notDeepEqual(state.signer, before.signer);
  assert.deepEqual(handover!.devices, [BOB.id]);
  assert.equal(must(distributionCodec.decode(handover!.message)).index, 0);
});

Deno.test("[SK3] somebody who left and somebody who came at once make a fresh chain too", () => {
  const alice = new Speaker();
  const before = alice.block(only(ALICE, BOB), "a").state;
  const { handover, state } = alice.block(only(ALICE, CAROL), "b");
  assert.notEqual(chainOf(state), chainOf(before));
  assert.deepEqual(handover!.devices, [CAROL.id]);
});

Deno.test("[SK3] a retired chain is followed by a fresh one, which says what it replaces", () => {
  const alice = new Speaker();
  const before = alice.block(EVERYBODY, "a", "b", "c").state;
  assert.equal(before.replaces, null);
  alice.state = must(decodeSender(encodeSender(retire(before)), encodeHolders(before)));
  const { handover, state } = alice.block(EVERYBODY, "d");
  assert.notEqual(chainOf(state), chainOf(before));
  assert.deepEqual(new Set(handover!.devices), only(BOB, CAROL));
  assert.deepEqual(must(distributionCodec.decode(handover!.message)).replaces, { chain: before.id, count: 3 });
  assert.equal(chainOf(alice.block(EVERYBODY, "e").state), chainOf(state));
});

Deno.test("[SK4] a chain is replaced before its 1,001st message", () => {
  const alice = new Speaker();
  const texts = Array.from({ length: 50 }, (_, i) => `${i}`);
  const first = alice.block(EVERYBODY, ...texts).state;
  for (let count = 50; count < GROUP.maxMessages; count += 50) {
    assert.equal(chainOf(alice.block(EVERYBODY, ...texts).state), chainOf(first));
  }
  const { state, handover } = alice.block(EVERYBODY, "one more");
  assert.notEqual(chainOf(state), chainOf(first));
  assert.deepEqual(new Set(handover!.devices), only(BOB, CAROL));
});

Deno.test("[SK4] a chain is replaced after 7 days, and when the clock stands before its beginning", () => {
  const begun = new Speaker().block(EVERYBODY, "a").state;
  const at = (nowMs: number) => chainOf(sealGroup(begun, CHANNEL, ALICE, EVERYBODY, ONE, envOf(5, nowMs)).state);
  assert.equal(at(START_MS + GROUP.reseedAfterMs - 1), chainOf(begun));
  assert.notEqual(at(START_MS + GROUP.reseedAfterMs), chainOf(begun));
  assert.notEqual(at(START_MS - 1), chainOf(begun));
});

Deno.test("[SK5] the messages of a block share one signature, and each opens without the others", () => {
  for (const count of [1, 2, 3, 5, 8, 13, GROUP.maxBlock]) {
    const { handover, envelopes } = new Speaker(count).block(
      EVERYBODY,
      ...Array.from({ length: count }, (_, i) => `${i}`),
    );
    assert.equal(new Set(envelopes.map((each) => must(decodeGroupEnvelope(each)).signature.join())).size, 1);
    const bob = must(acceptDistribution(createReceiver(CHANNEL, ALICE.id), handover!.message));
    envelopes.forEach((envelope, i) => assert.equal(read(bob, envelope).text, `${i}`));
  }
});

Deno.test("[SK8] a state whose index came again after a rollback seals under another nonce", () => {
  const begun = new Speaker().block(EVERYBODY, "a").state;
  const [once, again] = [6, 7].map((seed) => {
    const { envelopes } = sealGroup(begun, CHANNEL, ALICE, EVERYBODY, ONE, envOf(seed));
    return must(decodeGroupEnvelope(envelopes[0]!));
  });
  assert.equal(once!.first, again!.first);
  assert.notDeepEqual(once!.nonce, again!.nonce);
});

Deno.test("sealing changes neither the state that it was given nor the set of the entitled", () => {
  const begun = new Speaker().block(EVERYBODY, "a").state;
  const before = [encodeSender(begun), encodeHolders(begun)];
  sealGroup(begun, CHANNEL, ALICE, new Set([...EVERYBODY, DAVE.id]), ONE, envOf(3));
  assert.deepEqual([encodeSender(begun), encodeHolders(begun)], before);
});

Deno.test("too many messages, none, and the chain of another channel or device are bugs", () => {
  const { state } = new Speaker().block(EVERYBODY, "a");
  const seal = (count: number) => () =>
    sealGroup(state, CHANNEL, ALICE, EVERYBODY, Array(count).fill(ONE[0]), envOf(1));
  assert.throws(seal(0), RangeError);
  assert.throws(seal(GROUP.maxBlock + 1), RangeError);
  assert.throws(() => sealGroup(state, OTHER_CHANNEL, ALICE, EVERYBODY, ONE, envOf(1)), /another channel/);
  assert.throws(() => sealGroup(state, CHANNEL, BOB, EVERYBODY, ONE, envOf(1)), /another channel or device/);
});

Deno.test("[SK14] a sender comes back from its two records as it was, and not from those of two chains", () => {
  const alice = new Speaker();
  const { state } = alice.block(EVERYBODY, "a", "b");
  assert.deepEqual(must(decodeSender(encodeSender(state), encodeHolders(state))), state);
  const { state: fresh } = alice.block(only(ALICE), "c");
  mustRefuse(decodeSender(encodeSender(state), encodeHolders(fresh)), "wire.wrong-shape");
  const foreign = { ...state, signer: { ...state.signer, secret: fresh.signer.secret } };
  mustRefuse(decodeSender(encodeSender(foreign), encodeHolders(foreign)), "wire.wrong-shape");
  mustRefuse(decodeSender(encodeSender(state).with(0, 2), encodeHolders(state)), "wire.unknown-version");
});

Deno.test("[SK7] an exported chain opens what comes from then on, and nothing before", () => {
  const alice = new Speaker();
  const early = alice.say("early");
  const given = exportSender(alice.state!);
  const dave = must(acceptDistribution(createReceiver(CHANNEL, ALICE.id), given));
  mustRefuse(openGroup(dave, early), "group.before-start");
  assert.equal(read(dave, alice.say("later")).text, "later");
});

Deno.test("[SK8] a sealed message's key is not in the state any more", () => {
  const alice = new Speaker();
  const keys: string[] = [];
  for (let i = 0; i < 5; i++) {
    const { state } = alice.block(EVERYBODY, `${i}`);
    const stored = encodeSender(state).join();
    for (const key of keys) assert.ok(!stored.includes(key));
    assert.ok(stored.includes(state.chain.key.join()));
    keys.push(state.chain.key.join());
  }
});

Deno.test("[SK3] who came since is handed the chain without a message, and reads from the next one on", () => {
  const { alice } = conversation();
  const missed = alice.say("missed");
  const wider = new Set([...EVERYBODY, DAVE.id]);
  const handed = handOver(alice.state!, wider, START_MS)!;
  assert.deepEqual(handed.handover.devices, [DAVE.id]);
  assert.equal(handOver(handed.state, wider, START_MS), null);
  alice.state = handed.state;
  const { envelopes, handover } = alice.block(wider, "next");
  assert.equal(handover, null);
  const dave = must(acceptDistribution(createReceiver(CHANNEL, ALICE.id), handed.handover.message));
  mustRefuse(openGroup(dave, missed), "group.before-start");
  assert.equal(read(dave, envelopes[0]!).text, "next");
});

Deno.test("[SK3] nobody is handed a chain that the next message does not go on with", () => {
  const { alice } = conversation();
  const state = alice.state!;
  assert.equal(handOver(state, only(ALICE, BOB, DAVE), START_MS), null);
  const wider = new Set([...EVERYBODY, DAVE.id]);
  assert.equal(handOver(retire(state), wider, START_MS), null);
  assert.equal(handOver(state, wider, START_MS + GROUP.reseedAfterMs), null);
  assert.equal(handOver({ ...state, chain: { ...state.chain, index: GROUP.maxMessages } }, wider, START_MS), null);
});

Deno.test("[SK3] who lost a chain is handed it again, and only who is among its holders", () => {
  const { alice } = conversation();
  const handed = handAgain(alice.state!, EVERYBODY, BOB.id)!;
  assert.deepEqual(handed.devices, [BOB.id]);
  const bob = must(acceptDistribution(createReceiver(CHANNEL, ALICE.id), handed.message));
  assert.equal(read(bob, alice.say("next")).text, "next");
  const wider = new Set([...EVERYBODY, DAVE.id]);
  assert.equal(handAgain(alice.state!, wider, DAVE.id), null, "it would hold a chain without our knowing");
  assert.equal(handAgain(alice.state!, only(ALICE, CAROL), BOB.id), null);
  assert.equal(handAgain(alice.state!, only(ALICE, CAROL), CAROL.id), null);
});
