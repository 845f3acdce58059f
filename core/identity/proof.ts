/**
 * The device proof: both ends of a fresh link show that they know the topic's secret, and only then who they are.
 *
 *   initiator                                        responder
 *   hello   { nonce, topic }                   -->
 *                                              <--   answer  { nonce, mac }
 *   reveal  { mac, sealed certificate + sig }  -->
 *                                              <--   confirm { sealed certificate + sig }
 *
 * Nobody's certificate leaves before the other's MAC was right. Functions return the next state; a refused frame
 * leaves the state as it was. SPEC section 4.
 */
import { equalSecret } from "../crypto/equal.ts";
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import type { PeerId, Topic } from "../ids.ts";
import type { Env } from "../ports.ts";
import { type ProofFrame, proofFrameCodec } from "../wire/proof.ts";
import type { WireReason } from "../wire/schema.ts";
import type { VerifiedCertificate } from "./certificate.ts";
import type { LocalDevice } from "./identity.ts";
import { type Conversation, conversation, openCertificate, proofMac, sealCertificate } from "./proofKeys.ts";

export interface ProofContext {
  readonly localPeer: PeerId;
  readonly remotePeer: PeerId;
  readonly topic: Topic;
  /** The topic's secret, 32 bytes: what both ends must know. */
  readonly secret: Uint8Array;
  readonly device: LocalDevice;
}

export type ProofState =
  | { readonly t: "awaiting-answer"; readonly context: ProofContext; readonly nonce: Uint8Array }
  | { readonly t: "awaiting-reveal"; readonly context: ProofContext; readonly talk: Conversation }
  | { readonly t: "awaiting-confirm"; readonly context: ProofContext; readonly talk: Conversation }
  | { readonly t: "proven" };

export type ProofReason =
  | WireReason
  | Extract<Reason, `proof.${string}` | "crypto.not-authentic">;

export interface ProofStep {
  readonly state: ProofState;
  /** To be sent to the other; `null` when it was the last one. */
  readonly send: Uint8Array | null;
  /** Who the other is, once that is proven. */
  readonly proven: VerifiedCertificate | null;
}

/** The initiator's first frame. */
export function startProof(
  context: ProofContext,
  { rng }: Env,
): { readonly state: ProofState; readonly frame: Uint8Array } {
  const nonce = rng.bytes(32);
  return {
    state: { t: "awaiting-answer", context, nonce },
    frame: proofFrameCodec.encode({ t: "hello", nonce, topic: context.topic }),
  };
}

/** The topic that an initiator's first frame names, by which the responder finds the secret. */
export function helloTopic(frame: Uint8Array): Result<Topic, ProofReason> {
  const hello = proofFrameCodec.decode(frame);
  if (!hello.ok) return hello;
  return hello.value.t === "hello" ? ok(hello.value.topic) : refuse("proof.out-of-order");
}

/** The responder's first step, on the initiator's hello for `context.topic`. */
export function answerHello(
  context: ProofContext,
  frame: Uint8Array,
  { rng }: Env,
): Result<{ readonly state: ProofState; readonly frame: Uint8Array }, ProofReason> {
  const hello = proofFrameCodec.decode(frame);
  if (!hello.ok) return hello;
  if (hello.value.t !== "hello") return refuse("proof.out-of-order");
  if (hello.value.topic !== context.topic) return refuse("proof.unknown-topic");
  const nonce = rng.bytes(32);
  const { remotePeer: initiator, localPeer: responder, topic, secret } = context;
  const talk = conversation({ initiator, responder, nonces: [hello.value.nonce, nonce], topic, secret });
  return ok({
    state: { t: "awaiting-reveal", context, talk },
    frame: proofFrameCodec.encode({ t: "answer", nonce, mac: proofMac(talk, "responder") }),
  });
}

/** Takes the other's next frame. A wrong, late or repeated one is refused by name and changes nothing. */
export function advance(state: ProofState, frame: Uint8Array): Result<ProofStep, ProofReason> {
  const decoded = proofFrameCodec.decode(frame);
  if (!decoded.ok) return decoded;
  const received = decoded.value;
  if (state.t === "awaiting-answer" && received.t === "answer") return reveal(state, received);
  if (state.t === "awaiting-reveal" && received.t === "reveal") return confirm(state, received);
  if (state.t === "awaiting-confirm" && received.t === "confirm") {
    return proven(openCertificate(state.talk, "responder", received.sealed), null);
  }
  return refuse("proof.out-of-order");
}

type State<T extends ProofState["t"]> = Extract<ProofState, { t: T }>;
type Frame<T extends ProofFrame["t"]> = Extract<ProofFrame, { t: T }>;

function reveal({ context, nonce }: State<"awaiting-answer">, answer: Frame<"answer">): Result<ProofStep, ProofReason> {
  const { localPeer: initiator, remotePeer: responder, topic, secret } = context;
  const talk = conversation({ initiator, responder, nonces: [nonce, answer.nonce], topic, secret });
  if (!equalSecret(answer.mac, proofMac(talk, "responder"))) return refuse("proof.bad-mac");
  const sealed = sealCertificate(talk, "initiator", context.device);
  return ok({
    state: { t: "awaiting-confirm", context, talk },
    send: proofFrameCodec.encode({ t: "reveal", mac: proofMac(talk, "initiator"), sealed }),
    proven: null,
  });
}

function confirm(
  { context, talk }: State<"awaiting-reveal">,
  revealed: Frame<"reveal">,
): Result<ProofStep, ProofReason> {
  if (!equalSecret(revealed.mac, proofMac(talk, "initiator"))) return refuse("proof.bad-mac");
  const opened = openCertificate(talk, "initiator", revealed.sealed);
  if (!opened.ok) return opened;
  const sealed = sealCertificate(talk, "responder", context.device);
  return proven(opened, proofFrameCodec.encode({ t: "confirm", sealed }));
}

function proven(
  certificate: Result<VerifiedCertificate, ProofReason>,
  send: Uint8Array | null,
): Result<ProofStep, ProofReason> {
  return certificate.ok ? ok({ state: { t: "proven" }, send, proven: certificate.value }) : certificate;
}
