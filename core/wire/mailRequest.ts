/** What owners and depositors ask of a space, each request signed by the key that may ask it. SPEC section 9a. */
import { MAILBOX, TIME } from "../limits.ts";
import { depositorIdField, envelopeIdField, spaceIdField } from "./ids.ts";
import { bytes, codec, list, nullable, positive, struct, text, type TypeOf, uint, union } from "./schema.ts";
import { SEALED_BUNDLE_BYTES } from "./sealedBundle.ts";
import { SEALED_LENGTHS } from "./sealedMail.ts";

const sealedBundle = bytes(SEALED_BUNDLE_BYTES);

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

const OWNER = {
  /** Make the space. An operator may ask for a code; making spaces is rationed by address prefix. */
  open: struct({ joinCode: nullable(text(MAILBOX.maxJoinCodeBytes)) }),
  /** Delete the space with everything in it. */
  close: struct({}),
  /** Register depositors; a grant for a known one replaces its old one. */
  grant: struct({ grants: list(grant, MAILBOX.maxGrantsAtOnce) }),
  /** What a revoked depositor left stays until it is acknowledged. */
  revoke: struct({ depositors: list(depositorIdField, MAILBOX.maxGrantsAtOnce) }),
  /** `oneTime` is put to those at hand; `lastResort`, where given, takes the place of the one there. */
  upload: struct({
    oneTime: list(sealedBundle, MAILBOX.maxBundlesAtOnce),
    lastResort: nullable(sealedBundle),
  }),
  /** Mail with a serial above `after`, the earliest first. */
  fetch: struct({ after: uint(), limit: uint(MAILBOX.maxFetched) }),
  /** Delete mail that was kept by its reader. */
  ack: struct({ envelopes: list(envelopeIdField, MAILBOX.maxAcked) }),
  /** Where to knock, without a word, when mail comes (RFC 8030, RFC 8291); `null` for nowhere. */
  push: struct({
    subscription: nullable(
      struct({ endpoint: text(MAILBOX.maxPushEndpointBytes), key: bytes(65), auth: bytes(16) }),
    ),
  }),
} as const;

const DEPOSITOR = {
  deposit: struct({ envelope: bytes(Math.min(...SEALED_LENGTHS), Math.max(...SEALED_LENGTHS)) }),
  /** A one-time bundle while there are any, then the one of last resort. */
  take: struct({}),
} as const;

const request = union({ ...OWNER, ...DEPOSITOR });
export type MailRequest = TypeOf<typeof request>;

export type OwnerRequest = Extract<MailRequest, { readonly t: keyof typeof OWNER }>;
export type DepositorRequest = Extract<MailRequest, { readonly t: keyof typeof DEPOSITOR }>;

export const isOwnerRequest = (request: MailRequest): request is OwnerRequest => Object.hasOwn(OWNER, request.t);

const unsignedFields = {
  space: spaceIdField,
  /** The owner's or the depositor's Ed25519 key. */
  signer: bytes(32),
  /** Goes up with each request on a connection. */
  number: positive,
  request,
} as const;

const unsigned = codec(struct(unsignedFields), MAILBOX.maxRequestBytes);
export const signedRequestCodec = codec(struct({ ...unsignedFields, signature: bytes(64) }), MAILBOX.maxRequestBytes);

export type UnsignedRequest = TypeOf<typeof unsigned>;
export type SignedRequest = TypeOf<typeof signedRequestCodec>;

/** The bytes that are signed, beside server and challenge. */
export const requestToSign = ({ space, signer, number, request }: UnsignedRequest): Uint8Array =>
  unsigned.encode({ space, signer, number, request });
