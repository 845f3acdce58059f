/**
 * An envelope: one ratchet message with what its receiver needs to find the session. Binary, because every message
 * has one: version 1 | kind 1 | session id 16 | (kind first: handshake 1,296) | ratchet message. SPEC section 5.
 */
import { ok, refuse, type Result } from "../errors.ts";
import { fromHex, type SessionId, sessionId } from "../ids.ts";
import { SESSION } from "../limits.ts";
import { concat } from "./bytes.ts";
import { HANDSHAKE_BYTES } from "./handshake.ts";
import type { WireReason } from "./schema.ts";

export type Envelope =
  | EnvelopeParts & {
    readonly kind: "first";
    /** To be read by `decodeHandshake`. */
    readonly handshake: Uint8Array;
  }
  | EnvelopeParts & { readonly kind: "later" };

interface EnvelopeParts {
  readonly version: number;
  readonly session: SessionId;
  /** Everything in front of the ratchet message; the message's authentication covers it. */
  readonly head: Uint8Array;
  readonly message: Uint8Array;
}

const VERSIONS: readonly number[] = [1, 2];
const KIND = { first: 1, later: 2 } as const;
const SESSION_AT = 2;
const BODY_AT = SESSION_AT + 16;

/** The head of an envelope in this session; `handshake` makes it a first one. */
export const envelopeHead = (session: SessionId, handshake: Uint8Array | null, version: number): Uint8Array =>
  concat(
    Uint8Array.of(version, handshake === null ? KIND.later : KIND.first),
    fromHex(session),
    handshake ?? new Uint8Array(0),
  );

/** Views into `input`, no copies. */
export function decodeEnvelope(input: Uint8Array): Result<Envelope, WireReason> {
  if (input.length > SESSION.maxEnvelopeBytes) return refuse("wire.too-large");
  if (input.length < BODY_AT) return refuse("wire.malformed");
  const version = input[0]!;
  if (!VERSIONS.includes(version)) return refuse("wire.unknown-version");
  const session = sessionId(input.subarray(SESSION_AT, BODY_AT));
  if (!session.ok) return session;
  const parts = (headBytes: number) => ({
    version,
    session: session.value,
    head: input.subarray(0, headBytes),
    message: input.subarray(headBytes),
  });
  if (input[1] === KIND.later) return ok({ kind: "later", ...parts(BODY_AT) });
  if (input[1] !== KIND.first || input.length < BODY_AT + HANDSHAKE_BYTES) return refuse("wire.malformed");
  const handshake = input.subarray(BODY_AT, BODY_AT + HANDSHAKE_BYTES);
  return ok({ kind: "first", handshake, ...parts(BODY_AT + HANDSHAKE_BYTES) });
}
