/** Sender keys: what comes in a channel from one who writes in it, and what hands a chain over. */
import assert from "node:assert/strict";
import { acceptDistribution } from "../../core/group/accepting.ts";
import { claim } from "../../core/group/distribution.ts";
import { createReceiver, encodeReceiver, type GroupReceiver, openGroup, openRun } from "../../core/group/receiver.ts";
import { exportSender } from "../../core/group/sender.ts";
import { sameBytes } from "../../core/wire/bytes.ts";
import { distributionCodec } from "../../core/wire/distribution.ts";
import { decodeGroupEnvelope } from "../../core/wire/groupEnvelope.ts";
import { ALICE, CHANNEL, conversation, EVERYBODY } from "../unit/group/channel.ts";
import { fromUtf8 } from "../../core/wire/text.ts";
import { must } from "../support/world.ts";
import { unchanged } from "./authenticated.ts";
import { behind, mutateBytes, mutateCbor, type Mutator } from "./mutate.ts";
import type { Outcome, Target } from "./target.ts";

/** A message of the last index of a chain costs all its steps, and a signature. */
const MAX_OPEN_MS = 100;
/** Version and chain id: without them no envelope gets as far as a chain. */
const HEAD_BYTES = 17;

const mutateEnvelope: Mutator = (random, seed, other) =>
  behind(random.chance(0.8) ? HEAD_BYTES : 0, mutateBytes)(random, seed, other);

interface Channel {
  readonly receiver: GroupReceiver;
  /** What may still be opened. */
  readonly genuine: readonly Uint8Array[];
  /** What stands in it, by the message's number. */
  readonly texts: ReadonlyMap<number, string>;
}

type Opened = ReturnType<typeof openRun>["results"][number];

/**
 * Once the signature of a later message has vouched for one, signature and path of its own may be bent: what it says
 * may not.
 */
function truthful({ texts }: Channel, result: Opened, passedFirstParse: boolean): Outcome {
  if (!result.ok) return { passedFirstParse, reason: result.reason };
  assert.equal(fromUtf8(result.value.plaintext), texts.get(result.value.index), "a forgery was accepted");
  return { passedFirstParse, reason: null };
}

function channel(seed: number): Channel {
  const { alice, bob } = conversation(seed);
  const skipped = alice.say("skipped");
  const ahead = alice.say("ahead");
  const { envelopes } = alice.block(EVERYBODY, "one", "two", "three", "four", "five");
  const receiver = must(openGroup(bob, ahead)).receiver;
  const genuine = [skipped, ...envelopes];
  const opened = genuine.map((one) => must(openGroup(receiver, one)));
  const texts = new Map(opened.map(({ index, plaintext }) => [index, fromUtf8(plaintext)!]));
  return { receiver, genuine, texts };
}

function groupOpen(): Target {
  const world = channel(1);
  const { receiver, genuine } = world;
  const compare = unchanged(() => encodeReceiver(receiver));
  return {
    name: "group open",
    cost: "costly",
    maxInputMs: MAX_OPEN_MS,
    seeds: genuine,
    mutate: mutateEnvelope,
    run(input) {
      const result = openGroup(receiver, input);
      compare();
      return truthful(world, result, decodeGroupEnvelope(input).ok);
    },
  };
}

/** The same among others: what is genuine opens whatever stands beside it. */
function groupRun(): Target {
  const world = channel(2);
  const { receiver, genuine } = world;
  const compare = unchanged(() => encodeReceiver(receiver));
  return {
    name: "group run",
    cost: "costly",
    maxInputMs: MAX_OPEN_MS,
    seeds: genuine,
    mutate: mutateEnvelope,
    run(input) {
      const isCopy = sameBytes(input, genuine[1]!) || sameBytes(input, genuine[3]!);
      if (isCopy) return { passedFirstParse: true, reason: "group.replayed" };
      const { results } = openRun(receiver, [genuine[1]!, input, genuine[3]!, input]);
      compare();
      assert.ok(results[0]?.ok && results[2]?.ok, "a forgery kept a genuine message from being opened");
      assert.ok(!results[1]?.ok || !results[3]?.ok, "a message was opened twice");
      const opened = results.find((result, at) => at % 2 === 1 && result.ok) ?? results[1]!;
      return truthful(world, opened, decodeGroupEnvelope(input).ok);
    },
  };
}

/** A member that signs what it likes: its chain is taken over, or refused by name; the chains that are there stay. */
function distribution(): Target {
  const { alice, bob } = conversation(3);
  const compare = unchanged(() => encodeReceiver(bob));
  const fresh = createReceiver(CHANNEL, ALICE.id);
  return {
    name: "group distribution",
    cost: "costly",
    maxInputMs: MAX_OPEN_MS,
    seeds: [exportSender(alice.state!)],
    mutate(random, seed, other) {
      const mutated = distributionCodec.decode(mutateCbor(random, seed, other));
      if (!mutated.ok || random.chance(0.3)) return mutateCbor(random, seed, other);
      return distributionCodec.encode({ ...mutated.value, ownership: claim(ALICE.signing, mutated.value) });
    },
    run(input) {
      const result = acceptDistribution(bob, input);
      compare();
      if (result.ok) must(acceptDistribution(fresh, input));
      return { passedFirstParse: distributionCodec.decode(input).ok, reason: result.ok ? null : result.reason };
    },
  };
}

export const GROUPS: readonly Target[] = [groupOpen(), groupRun(), distribution()];
