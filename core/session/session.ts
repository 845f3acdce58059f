/**
 * A session: a handshake, then a ratchet, in envelopes. Sessions are plain data and never changed; whoever holds one
 * keeps the returned one and forgets the other, in its store before it sends. SPEC sections 5 and 6.
 */
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import type { SessionId } from "../ids.ts";
import type { VerifiedBundle } from "../identity/bundle.ts";
import type { VerifiedCertificate } from "../identity/certificate.ts";
import type { LocalDevice } from "../identity/identity.ts";
import { consumePrekeys, type Prekeys } from "../identity/prekeys.ts";
import type { Env } from "../ports.ts";
import { concat } from "../wire/bytes.ts";
import { decodeEnvelope, envelopeHead } from "../wire/envelope.ts";
import { decodeRatchetBody, encodeRatchetBody } from "../wire/ratchetBody.ts";
import type { WireReason } from "../wire/schema.ts";
import { type SessionRecord, sessionRecord, sessionRecord1 } from "../wire/sessionRecord.ts";
import { afterMessage, beforeSealing, type Exchange, newExchange, takePart } from "./exchange.ts";
import { acceptHandshake, type HandshakeReason, initiateHandshake } from "./handshake.ts";
import { MAX_PLAINTEXT_BYTES, pad, unpad } from "../wire/padding.ts";
import { initiatorRatchet, openMessage, type RatchetReason, responderRatchet, sealMessage } from "./ratchet.ts";
import { type Suite, suiteOf } from "./suite.ts";

export interface Session extends SessionRecord {
  readonly suite: Suite;
}

/** Whether new sessions would be of this one's version; a session that is not goes on, and can be renewed. */
export const isCurrent = (session: Session, suite: Suite): boolean => session.suite.version === suite.version;

export interface Sealed {
  readonly session: Session;
  readonly envelope: Uint8Array;
}

export interface Initiated extends Sealed {
  /** 32 bytes that the other side has too once it accepted. */
  readonly exported: Uint8Array;
}

/** [HS3] Begins a session with the device that `bundle` is of; `plaintext` is below `MAX_PLAINTEXT_BYTES`. */
export function initiate(
  suite: Suite,
  device: LocalDevice,
  bundle: VerifiedBundle,
  plaintext: Uint8Array,
  env: Env,
): Result<Initiated, "crypto.bad-key"> {
  const agreed = initiateHandshake(suite.handshake, device, bundle, env);
  if (!agreed.ok) return agreed;
  const { session: id, transcript, root, remote, opening, exported, peer, headerKeys } = agreed.value;
  const session: Session = {
    suite,
    id,
    user: peer.user,
    device: peer.device,
    createdAtMs: env.nowMs,
    transcript,
    opening,
    ratchet: initiatorRatchet(root, remote, headerKeys),
    exchange: suite.ratchet.postQuantum === null ? null : newExchange("offers", env.nowMs),
  };
  return ok({ ...seal(session, plaintext, env), exported });
}

/** What an envelope says about itself: to find the session by, and no more, for nothing in it is authenticated yet. */
export interface EnvelopePeek {
  /** A first one may belong to a session that exists already: then it is opened there. */
  readonly kind: "first" | "later";
  readonly session: SessionId;
}

export function peekEnvelope(bytes: Uint8Array): Result<EnvelopePeek, WireReason> {
  const envelope = decodeEnvelope(bytes);
  return envelope.ok ? ok({ kind: envelope.value.kind, session: envelope.value.session }) : envelope;
}

export interface Accepted {
  readonly session: Session;
  /** Without the one-time prekey that was used, or with the handshake remembered. */
  readonly prekeys: Prekeys;
  readonly plaintext: Uint8Array;
  readonly peer: VerifiedCertificate;
  readonly exported: Uint8Array;
}

export type AcceptReason =
  | OpenReason
  | HandshakeReason
  | Extract<Reason, "session.no-session" | "session.replayed" | "session.exhausted">;

/**
 * [HS4] Begins a session with the device that sent this first envelope, of the current suite or, where the initiator is
 * older, of an earlier one. A refusal used up no prekey.
 */
export function accept(
  current: Suite,
  device: LocalDevice,
  prekeys: Prekeys,
  bytes: Uint8Array,
  env: Env,
): Result<Accepted, AcceptReason> {
  const envelope = decodeEnvelope(bytes);
  if (!envelope.ok) return envelope;
  if (envelope.value.kind !== "first") return refuse("session.no-session");
  const suite = suiteOf(current, envelope.value.version);
  if (suite === undefined) return refuse("wire.unknown-version");
  const agreed = acceptHandshake(suite.handshake, device, prekeys, envelope.value.handshake);
  if (!agreed.ok) return agreed;
  const { session: id, transcript, root, self, handshake, peer, exported, headerKeys } = agreed.value;
  if (envelope.value.session !== id) return refuse("wire.wrong-shape");
  const left = consumePrekeys(prekeys, handshake, transcript);
  if (!left.ok) return left;
  const waiting: Session = {
    suite,
    id,
    user: peer.user,
    device: peer.device,
    createdAtMs: env.nowMs,
    transcript,
    opening: null,
    ratchet: responderRatchet(root, self, headerKeys),
    exchange: suite.ratchet.postQuantum === null ? null : newExchange("answers", env.nowMs),
  };
  const opened = open(waiting, bytes);
  if (!opened.ok) return opened;
  return ok({ ...opened.value, prekeys: left.value, peer, exported });
}

/** The next envelope; until the other's first reply it carries the handshake as well. */
export function seal(session: Session, plaintext: Uint8Array, env: Env): Sealed {
  const { suite, id, transcript, opening } = session;
  const head = envelopeHead(id, opening, suite.version);
  const { ratchet, exchange, part } = session.exchange === null
    ? { ...session, part: undefined }
    : beforeSealing({ ...session, exchange: session.exchange }, MAX_PLAINTEXT_BYTES - plaintext.length, env);
  const body = pad(part === undefined ? plaintext : encodeRatchetBody(part, plaintext));
  const { state, message } = sealMessage(suite.ratchet, ratchet, body, concat(transcript, head), env);
  const after = exchange === null ? null : afterMessage(exchange, ratchet.mixed, state, env.nowMs);
  return { session: { ...session, ratchet: state, exchange: after }, envelope: concat(head, message) };
}

export type OpenReason = WireReason | RatchetReason | Extract<Reason, "session.unknown">;

/** The plaintext of an envelope of this session, first or later; a refusal leaves `session` the one to keep. */
export function open(
  session: Session,
  bytes: Uint8Array,
): Result<{ readonly session: Session; readonly plaintext: Uint8Array }, OpenReason> {
  const envelope = decodeEnvelope(bytes);
  if (!envelope.ok) return envelope;
  const { version, session: id, head, message } = envelope.value;
  if (id !== session.id) return refuse("session.unknown");
  if (version !== session.suite.version) return refuse("wire.unknown-version");
  const { suite, transcript, ratchet } = session;
  const opened = openMessage(suite.ratchet, ratchet, message, concat(transcript, head));
  if (!opened.ok) return opened;
  const plaintext = unpad(opened.value.plaintext);
  if (!plaintext.ok) return plaintext;
  const advanced = { ...session, opening: null, ratchet: opened.value.state };
  if (session.exchange === null) return ok({ session: advanced, plaintext: plaintext.value });
  return openBody(advanced, session.exchange, ratchet.mixed, plaintext.value);
}

/** The content, and what the message carried of the post-quantum exchange. */
function openBody(session: Session, before: Exchange, mixedBefore: number, bytes: Uint8Array) {
  const body = decodeRatchetBody(bytes);
  if (!body.ok) return body;
  const exchange = afterMessage(before, mixedBefore, session.ratchet, before.sinceMs);
  const taken = takePart({ ratchet: session.ratchet, exchange }, body.value.part);
  return taken.ok ? ok({ session: { ...session, ...taken.value }, plaintext: body.value.content }) : taken;
}

export const encodeSession = (session: Session): Uint8Array =>
  (session.suite.version === 1 ? sessionRecord1 : sessionRecord).encode(session);

/** `current` names the suites that the record may be of. */
export function decodeSession(current: Suite, bytes: Uint8Array): Result<Session, WireReason> {
  const suite = suiteOf(current, bytes[0] ?? 0);
  if (suite === undefined) return refuse(bytes.length === 0 ? "wire.malformed" : "wire.unknown-version");
  const record = (suite.version === 1 ? sessionRecord1 : sessionRecord).decode(bytes);
  return record.ok ? ok({ ...record.value, suite }) : record;
}
