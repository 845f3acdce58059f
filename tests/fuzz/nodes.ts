/** A node that is fed frames, as a stranger, as one who proves a device, and as a contact with a session sends them. */
import assert from "node:assert/strict";
import { LABELS } from "../../core/crypto/labels.ts";
import { sign } from "../../core/crypto/sign.ts";
import { type LinkId, linkId } from "../../core/ids.ts";
import { takeBundle } from "../../core/identity/prekeys.ts";
import { loadNode, type NodeState, type Step, step } from "../../core/node/index.ts";
import { seal, type Session } from "../../core/session/session.ts";
import { bundleCodec, bundleToSign } from "../../core/wire/bundle.ts";
import { decode } from "../../core/wire/cbor.ts";
import { peerFrameCodec } from "../../core/wire/peerFrame.ts";
import { proofFrameCodec } from "../../core/wire/proof.ts";
import { envOf } from "../support/world.ts";
import type { MemoryStore } from "../sim/memoryStore.ts";
import { type Actor, Stage } from "../unit/node/stage.ts";
import { behind, mutateBytes, mutateCbor, type Mutator } from "./mutate.ts";
import * as samples from "./samples.ts";
import type { Target } from "./target.ts";

/** The costliest frame opens an envelope, changes a contact and answers. */
const MAX_STEP_MS = 250;
const env = envOf(80);
const MAX_CONTENT_BYTES = 16_000;

interface Scene {
  readonly state: NodeState;
  readonly link: LinkId;
}

/** Version, kind and session id: without them no envelope gets as far as a ratchet. */
const ENVELOPE_HEAD_BYTES = 18;

/** The bodies of frames are mutated inside their frame more often than the frame itself. */
const mutateFrame: Mutator = (random, seed, other) => {
  const frame = peerFrameCodec.decode(seed);
  if (!frame.ok || !("body" in frame.value) || random.chance(0.3)) return mutateCbor(random, seed, other);
  const mutate = frame.value.t === "envelope" ? behind(ENVELOPE_HEAD_BYTES, mutateBytes) : mutateCbor;
  return peerFrameCodec.encode({ ...frame.value, body: mutate(random, frame.value.body, frame.value.body) });
};

/** What a step may never do: change the state it began with, or write to disk what it then refuses to know. */
function stepped({ state, link }: Scene, frame: Uint8Array): Step {
  const { contacts, invites, self, network } = state;
  const result = step(state, { type: "FrameReceived", link, frame }, env);
  assert.ok(state.contacts === contacts && state.invites === invites && state.self === self, "the state was changed");
  assert.ok(state.network === network, "the state was changed");
  return result;
}

const outcome = (frame: Uint8Array, { refusal }: Step) => ({
  passedFirstParse: peerFrameCodec.decode(frame).ok,
  reason: refusal,
});

const linkTo = (of: Actor, other: Actor): LinkId =>
  [...of.state.network.links.values()].find(({ peer }) => peer === other.peer)!.id;

function stranger(): Target {
  const stage = new Stage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  stage.meet(alice, bob);
  const topic = alice.state.network.topics[0]!.topic;
  const link = linkId("stranger");
  alice.do({ type: "LinkOpened", link, peer: bob.peer, role: "responder", route: "relayed" });
  const scene = { state: alice.state, link };
  const hello = proofFrameCodec.encode({ t: "hello", nonce: env.rng.bytes(32), topic });
  return {
    name: "node stranger",
    cost: "cheap",
    maxInputMs: MAX_STEP_MS,
    seeds: [...samples.peerFrames, ...samples.proofFrames.concat(hello).map(proofOf)],
    mutate: mutateFrame,
    run(input) {
      const result = stepped(scene, input);
      assert.ok(result.state.contacts === scene.state.contacts, "a stranger changed a contact");
      assert.ok(!result.effects.some(({ type }) => type === "Persist"), "a stranger made us write");
      return outcome(input, result);
    },
  };
}

const proofOf = (body: Uint8Array): Uint8Array => peerFrameCodec.encode({ t: "proof", body });

function friends(): { readonly alice: Actor; readonly bob: Actor } {
  const stage = new Stage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  stage.meet(alice, bob);
  bob.do({ type: "SendText", contact: alice.user, text: "hello" });
  alice.do({ type: "SendText", contact: bob.user, text: "good morning" });
  return { alice, bob };
}

/** Frames of a contact whose envelopes do not open: nothing of ours may change but the link. */
function contactFrames(): Target {
  const { alice, bob } = friends();
  const link = linkTo(alice, bob);
  const sent = bob.of("SendFrame").filter(({ frame }) => frame.length > 100).slice(-6).map(({ frame }) => frame);
  const scene = { state: alice.state, link };
  return {
    name: "node contact frames",
    cost: "cheap",
    maxInputMs: MAX_STEP_MS,
    seeds: [...samples.peerFrames, ...sent],
    mutate: mutateFrame,
    run(input) {
      const result = stepped(scene, input);
      const [before, after] = [scene.state, result.state].map(({ contacts }) => contacts.get(bob.user)!);
      for (const part of ["sessions", "standing", "progress", "name", "verified"] as const) {
        assert.ok(after![part] === before![part], `a forged frame changed a contact's ${part}`);
      }
      return outcome(input, result);
    },
  };
}

/** Anything at all inside authentic envelopes: a contact may say what it likes, and our records stay readable. */
function contactContents(): Target {
  const { alice, bob } = friends();
  const link = linkTo(alice, bob);
  const session: Session = bob.state.contacts.get(alice.user)!.sessions[0]!;
  const scene: Scene = { state: alice.state, link };
  const writes: Writes = [];
  return {
    name: "node contact contents",
    cost: "cheap",
    maxInputMs: MAX_STEP_MS,
    seeds: samples.contents,
    mutate: (random, seed, other) => mutateCbor(random, seed, other).subarray(0, MAX_CONTENT_BYTES),
    run(input) {
      const { envelope } = seal(session, input, env);
      const result = stepped(scene, peerFrameCodec.encode({ t: "envelope", body: envelope }));
      for (const effect of result.effects) if (effect.type === "Persist") writes.push(...effect.writes);
      return { passedFirstParse: decode(input, MAX_CONTENT_BYTES).ok, reason: result.refusal };
    },
    check: () => readable(alice, writes),
  };
}

export type Writes = Parameters<MemoryStore["write"]>[0][number][];

/** [DISK3] What was written can be read again. */
export async function readable(actor: Actor, writes: Writes): Promise<void> {
  await actor.store.write(writes.splice(0));
  const loaded = await loadNode(actor.store);
  assert.ok(loaded.ok, loaded.ok ? "" : `${loaded.key} cannot be read any more: ${loaded.reason}`);
}

/** An inviter's bundles: its visitor begins a session with them, or refuses them by name. */
function inviterBundles(): Target {
  const stage = new Stage();
  const [alice, bob] = [stage.actor("Alice"), stage.actor("Bob")];
  bob.do({ type: "AcceptInvite", token: alice.token() });
  const perform = stage.perform.bind(stage);
  const bundles: Uint8Array[] = [];
  stage.perform = (actor, effect) => {
    const frame = effect.type === "SendFrame" ? peerFrameCodec.decode(effect.frame) : null;
    if (frame?.ok && frame.value.t === "bundle") bundles.push(frame.value.body);
    else perform(actor, effect);
  };
  stage.discover();
  stage.pass(0);
  return signedBundles("node inviter bundles", "bundle", bob, alice, bundles);
}

/** A contact's bundles for a new session in the place of the one that serves. */
function contactRenewals(): Target {
  const { alice, bob } = friends();
  const { identity, prekeys } = bob.state.self!;
  const { bundle } = takeBundle(prekeys, identity.device, env);
  return signedBundles("node contact renewals", "renew", alice, bob, [bundleCodec.encode(bundle)]);
}

/** `from` signs any bundle with its own device key. */
function signedBundles(
  name: string,
  t: "bundle" | "renew",
  to: Actor,
  from: Actor,
  seeds: readonly Uint8Array[],
): Target {
  const scene = { state: to.state, link: linkTo(to, from) };
  const writes: Writes = [];
  const { signing } = from.state.self!.identity.device;
  return {
    name,
    cost: "costly",
    maxInputMs: MAX_STEP_MS,
    seeds,
    mutate(random, seed, other) {
      const mutated = bundleCodec.decode(mutateCbor(random, seed, other));
      if (!mutated.ok) return mutateCbor(random, seed, other);
      const signature = sign(signing, LABELS.prekeyBundle, bundleToSign(mutated.value));
      return bundleCodec.encode({ ...mutated.value, signature });
    },
    run(input) {
      const frame = peerFrameCodec.encode({ t, body: input.length === 0 ? new Uint8Array(1) : input });
      const result = stepped(scene, frame);
      for (const effect of result.effects) if (effect.type === "Persist") writes.push(...effect.writes);
      const closed = result.effects.find((effect) => effect.type === "CloseLink");
      const reason = closed === undefined || closed.reason === "done" ? result.refusal : closed.reason;
      return { passedFirstParse: bundleCodec.decode(input).ok, reason };
    },
    check: () => readable(to, writes),
  };
}

export const NODES: readonly Target[] = [
  stranger(),
  contactFrames(),
  contactContents(),
  inviterBundles(),
  contactRenewals(),
];
