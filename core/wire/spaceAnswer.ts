/** What a server says on a stream to a space, after its challenge. SPEC section 9a. */
import { MAILBOX } from "../limits.ts";
import { depositorIdField } from "./ids.ts";
import { bool, bytes, codec, list, positive, struct, type TypeOf, uint, union, word } from "./schema.ts";
import { SEALED_BUNDLE_BYTES } from "./sealedBundle.ts";
import { envelopeField } from "./spaceRequest.ts";

const waiting = struct({
  /** Goes up with each deposit into the space, and is never given twice. */
  serial: positive,
  depositor: depositorIdField,
  envelope: envelopeField,
});

/** `number` is that of the request. */
const ofRequest = { number: positive } as const;

const answer = union({
  /** The entry was right. `exists` is told to owners; a depositor hears true, and learns with its first request. */
  entered: struct({ exists: bool }),
  /** Committed. */
  done: struct(ofRequest),
  bundle: struct({ ...ofRequest, sealed: bytes(SEALED_BUNDLE_BYTES) }),
  /** A page that was fetched. */
  mail: struct({ ...ofRequest, waiting: list(waiting, MAILBOX.maxFetched), more: bool }),
  /** Unasked, after the last page: mail that has come. `more`: there is some that was not sent; fetch again. */
  arrived: struct({ waiting: list(waiting, MAILBOX.maxFetched), more: bool }),
  /** Unasked, to owners: so few one-time bundles are left that more should be uploaded. */
  stock: struct({ left: uint() }),
  /** Nothing was done. `retryAfterS` is 0 where asking again would change nothing. */
  refused: struct({
    ...ofRequest,
    reason: word(
      "unknown-space",
      "unknown-depositor",
      "quota",
      "full",
      "busy",
      "too-many",
      "join-code",
      "no-bundle",
      "malformed",
    ),
    retryAfterS: uint(MAILBOX.maxRetryAfterS),
  }),
  /** The server is going down; what it has acknowledged is kept. */
  closing: struct({ retryAfterS: uint(MAILBOX.maxRetryAfterS) }),
});

export const spaceAnswerCodec = codec(answer, MAILBOX.maxAnswerBytes);
export type SpaceAnswer = TypeOf<typeof spaceAnswerCodec>;
export type WaitingMail = TypeOf<typeof waiting>;
export type SpaceRefusal = Extract<SpaceAnswer, { readonly t: "refused" }>["reason"];
