/** What opens authenticated bytes: nothing but what was sealed opens, and a refusal leaves the state as it was. */
import assert from "node:assert/strict";
import { hmacSha256 } from "../../core/crypto/kdf.ts";
import type { Reason } from "../../core/errors.ts";
import type { PeerId, Topic } from "../../core/ids.ts";
import { encodePrekeys, takeBundle } from "../../core/identity/prekeys.ts";
import { advance, answerHello, helloTopic, type ProofState, startProof } from "../../core/identity/proof.ts";
import { topicOfDay } from "../../core/identity/topics.ts";
import { verifyBundle } from "../../core/identity/bundle.ts";
import { accept, encodeSession, initiate, open, peekEnvelope, seal } from "../../core/session/session.ts";
import { SECURECOMM_SUITE } from "../../core/session/suite.ts";
import { FrameOpener, sealVoiceFrame } from "../../core/voice/frame.ts";
import { voiceKey } from "../../core/voice/voiceKey.ts";
import { concat, sameBytes } from "../../core/wire/bytes.ts";
import { decodeHandshake, HANDSHAKE_BYTES } from "../../core/wire/handshake.ts";
import { proofFrameCodec } from "../../core/wire/proof.ts";
import { utf8 } from "../../core/wire/text.ts";
import { macInput, splitVoiceFrame } from "../../core/wire/voiceFrame.ts";
import { ALICE_SEED, BOB_SEED, envOf, must, pair, party } from "../support/world.ts";
import { behind, mutateBytes, mutateCbor, type Mutator } from "./mutate.ts";
import type { Outcome, Target } from "./target.ts";

/** A forged index may cost 2,000 steps of a chain, and those of the chain before it as many, about 10 us each. */
const MAX_OPEN_MS = 150;
/** A handshake: four Diffie-Hellman operations, a signature, a decapsulation. */
const MAX_HANDSHAKE_MS = 200;
const MAX_VOICE_MS = 25;
/** Comparing the whole state takes longer than most inputs: it is done this often, and after all. */
const COMPARE_EVERY = 64;

const env = envOf(79);

/** Throws when `serialise` gives other bytes than at first. */
export function unchanged(serialise: () => Uint8Array): () => void {
  const before = serialise();
  let calls = 0;
  return () => {
    if (calls++ % COMPARE_EVERY === 0) assert.ok(sameBytes(serialise(), before), "the state was changed");
  };
}

const isAmong = (input: Uint8Array, genuine: readonly Uint8Array[]): boolean =>
  genuine.some((one) => sameBytes(one, input));

/** Only `genuine` may be accepted. */
function judged(
  input: Uint8Array,
  genuine: readonly Uint8Array[],
  result: { readonly ok: boolean; readonly reason?: Reason },
  passedFirstParse: boolean,
): Outcome {
  assert.ok(!result.ok || isAmong(input, genuine), "a forgery was accepted");
  return { passedFirstParse, reason: result.reason ?? null };
}

const ENVELOPE_HEAD_BYTES = 18;

function sessionOpen(): Target {
  const { alice, bob } = pair(9);
  const first = seal(bob, utf8("reply"), env);
  const heard = must(open(alice, first.envelope)).session;
  const mine = seal(heard, utf8("and so"), env);
  const turned = seal(must(open(first.session, mine.envelope)).session, utf8("a turn"), env);
  const skipped = seal(first.session, utf8("skipped"), env);
  const ahead = seal(skipped.session, utf8("ahead"), env);
  const session = must(open(mine.session, ahead.envelope)).session;
  const genuine = [skipped.envelope, turned.envelope, seal(turned.session, utf8("more"), env).envelope];
  const compare = unchanged(() => encodeSession(session));
  return {
    name: "session open",
    cost: "cheap",
    maxInputMs: MAX_OPEN_MS,
    seeds: [...genuine, ahead.envelope, first.envelope],
    mutate: (random, seed, other) =>
      behind(random.chance(0.8) ? ENVELOPE_HEAD_BYTES : 0, mutateBytes)(random, seed, other),
    run(input) {
      const result = open(session, input);
      compare();
      const peeked = peekEnvelope(input);
      return judged(input, genuine, result, peeked.ok && peeked.value.session === session.id);
    },
  };
}

function sessionAccept(): Target {
  const [alice, bob] = [party(ALICE_SEED), party(BOB_SEED)];
  const taken = takeBundle(bob.prekeys, bob.device, env);
  const bundles = [taken.bundle, { ...taken.bundle }];
  const verified = bundles.map((bundle) => must(verifyBundle(bundle, bob.device.user, env.nowMs)));
  const genuine = verified.map((one) =>
    must(initiate(SECURECOMM_SUITE, alice.device, one, utf8("hello"), env)).envelope
  );
  const compare = unchanged(() => encodePrekeys(taken.prekeys));
  return {
    name: "session accept",
    cost: "costly",
    maxInputMs: MAX_HANDSHAKE_MS,
    seeds: genuine,
    mutate: (random, seed, other) =>
      behind(random.chance(0.7) ? ENVELOPE_HEAD_BYTES : 0, mutateBytes)(random, seed, other),
    run(input) {
      const result = accept(SECURECOMM_SUITE, bob.device, taken.prekeys, input, env);
      compare();
      const body = input.subarray(ENVELOPE_HEAD_BYTES, ENVELOPE_HEAD_BYTES + HANDSHAKE_BYTES);
      return judged(input, genuine, result, decodeHandshake(body).ok);
    },
  };
}

/** A whole device proof, to have each state with the one frame that moves it. */
function deviceProofs(): readonly Target[] {
  const secret = env.rng.bytes(32);
  const topic: Topic = topicOfDay(secret, 20_000);
  const [localPeer, remotePeer] = ["A", "B"].map((letter) => `12D3KooW${letter.repeat(44)}` as PeerId);
  const initiator = { localPeer: localPeer!, remotePeer: remotePeer!, topic, secret, device: party(ALICE_SEED).device };
  const responder = { ...initiator, localPeer: remotePeer!, remotePeer: localPeer!, device: party(BOB_SEED).device };
  const hello = startProof(initiator, env);
  const answer = must(answerHello(responder, hello.frame, env));
  const reveal = must(advance(hello.state, answer.frame));
  const confirm = must(advance(answer.state, reveal.send!));
  const frames = [hello.frame, answer.frame, reveal.send!, confirm.send!];
  const states = [["answer", hello.state], ["reveal", answer.state], ["confirm", reveal.state]] as const;
  const greeting: Target = {
    name: "device proof hello",
    cost: "cheap",
    maxInputMs: MAX_OPEN_MS,
    seeds: frames,
    mutate: mutateCbor,
    run(input) {
      const result = answerHello(responder, input, env);
      const named = helloTopic(input);
      assert.equal(result.ok, named.ok && named.value === topic);
      return { passedFirstParse: proofFrameCodec.decode(input).ok, reason: result.ok ? null : result.reason };
    },
  };
  return [greeting, ...states.map(([name, state], i) => proofStep(name, state, frames, frames[i + 1]!))];
}

function proofStep(name: string, state: ProofState, frames: readonly Uint8Array[], genuine: Uint8Array): Target {
  return {
    name: `device proof ${name}`,
    cost: "cheap",
    maxInputMs: MAX_HANDSHAKE_MS,
    seeds: frames,
    mutate: mutateCbor,
    run: (input) => judged(input, [genuine], advance(state, input), proofFrameCodec.decode(input).ok),
  };
}

/** A relay holds the key of the outer code: what it makes passes that, and is still opened by nobody. */
function voiceOpener(): Target {
  const room = env.rng.bytes(16);
  const key = voiceKey(2 ** 40 + 3, env.rng.bytes(32));
  const opener = new FrameOpener(room);
  opener.accept(key);
  const genuine = [600, 601, 700].map((ctr) => sealVoiceFrame(key, room, ctr, env.rng.bytes(160)));
  const opened = new Set<string>();
  const MAC_BYTES = 32;
  const relayed: Mutator = (random, seed, other) => {
    const frame = mutateBytes(random, seed, other);
    if (frame.length <= MAC_BYTES || random.chance(0.3)) return frame;
    const sframe = frame.subarray(0, frame.length - MAC_BYTES);
    return concat(sframe, hmacSha256(key.macKey, macInput(room, sframe)));
  };
  return {
    name: "voice frame opener",
    cost: "cheap",
    maxInputMs: MAX_VOICE_MS,
    seeds: genuine,
    mutate: relayed,
    run(input) {
      const result = opener.open(input);
      if (result.ok) {
        assert.ok(!opened.has(String(result.value.ctr)), "a frame was opened twice");
        opened.add(String(result.value.ctr));
      }
      return judged(input, genuine, result, splitVoiceFrame(input).ok);
    },
  };
}

export const AUTHENTICATED: readonly Target[] = [sessionOpen(), sessionAccept(), ...deviceProofs(), voiceOpener()];
