/**
 * What owners and depositors ask of a space, on a stream whose entry has said which of the two they are. Each frame is
 * CBOR behind an unsigned varint length. SPEC section 9a.
 */
import { MAILBOX, TIME } from "../limits.ts";
import { depositorIdField, envelopeIdField } from "./ids.ts";
import {
  bool,
  bytes,
  type Codec,
  codec,
  type Field,
  list,
  nullable,
  positive,
  struct,
  text,
  type TypeOf,
  uint,
  union,
} from "./schema.ts";
import { SEALED_BUNDLE_BYTES } from "./sealedBundle.ts";
import { SEALED_LENGTHS } from "./sealedMail.ts";

const sealedBundle = bytes(SEALED_BUNDLE_BYTES);

export const envelopeField = bytes(Math.min(...SEALED_LENGTHS), Math.max(...SEALED_LENGTHS));

/** What one depositor may do. */
const grant = struct({
  depositor: depositorIdField,
  /** Its envelopes that may wait at once, and their bytes. */
  maxWaiting: uint(MAILBOX.maxWaiting),
  maxWaitingBytes: uint(MAILBOX.maxWaitingBytes),
  /** Prekey bundles that it may take, until the next grant. */
  maxBundles: uint(MAILBOX.maxBundles),
  expiresAtMs: nullable(uint(TIME.maxMs)),
});
export type Grant = TypeOf<typeof grant>;

const mailboxOwner = {
  /** Make the space, or find it made. An operator may ask for a code; making spaces is rationed by address prefix. */
  open: struct({ joinCode: nullable(text(MAILBOX.maxJoinCodeBytes)) }),
  /** Delete the space with everything in it. */
  close: struct({}),
  /** Register depositors; a grant for a known one replaces its old one. */
  grant: struct({ grants: list(grant, MAILBOX.maxGrantsAtOnce) }),
  /** What a revoked depositor left stays until it is acknowledged. */
  revoke: struct({ depositors: list(depositorIdField, MAILBOX.maxGrantsAtOnce) }),
  /** Mail with a serial above `after`, the earliest first. The page without more behind it begins live delivery. */
  fetch: struct({ after: uint(), limit: uint(MAILBOX.maxFetched) }),
  /** Delete mail that was kept by its reader. */
  ack: struct({ envelopes: list(envelopeIdField, MAILBOX.maxAcked) }),
} as const;

const mailboxDepositor = {
  /** All of them, or none. */
  deposit: struct({ envelopes: list(envelopeField, MAILBOX.maxDeposited) }),
} as const;

const prekeysOwner = {
  /**
   * `oneTime` is put to those at hand, or takes their place; `lastResort`, where given, takes the place of the one there.
   */
  upload: struct({
    oneTime: list(sealedBundle, MAILBOX.maxBundlesAtOnce),
    lastResort: nullable(sealedBundle),
    replace: bool,
  }),
} as const;

const prekeysDepositor = {
  /** A one-time bundle while there are any, then the one of last resort. */
  take: struct({}),
} as const;

/** `number` is larger than that of any request before it on the stream, and comes back in the answer. */
const numbered = <T>(request: Field<T>): Codec<{ readonly number: number; readonly request: T }> =>
  codec(struct({ number: positive, request }), MAILBOX.maxRequestBytes);

const mailboxOwnerRequest = union(mailboxOwner);
const mailboxDepositorRequest = union(mailboxDepositor);
const prekeysOwnerRequest = union(prekeysOwner);
const prekeysDepositorRequest = union(prekeysDepositor);

export const mailboxOwnerCodec = numbered(mailboxOwnerRequest);
export const mailboxDepositorCodec = numbered(mailboxDepositorRequest);
export const prekeysOwnerCodec = numbered(prekeysOwnerRequest);
export const prekeysDepositorCodec = numbered(prekeysDepositorRequest);

export type MailboxOwnerRequest = TypeOf<typeof mailboxOwnerRequest>;
export type MailboxDepositorRequest = TypeOf<typeof mailboxDepositorRequest>;
export type PrekeysOwnerRequest = TypeOf<typeof prekeysOwnerRequest>;
export type PrekeysDepositorRequest = TypeOf<typeof prekeysDepositorRequest>;
