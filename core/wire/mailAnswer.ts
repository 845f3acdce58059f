/** What a server says on a mail connection. SPEC section 9a. */
import { MAILBOX } from "../limits.ts";
import { depositorIdField } from "./ids.ts";
import { bool, bytes, codec, list, positive, struct, type TypeOf, union, word } from "./schema.ts";
import { SEALED_BUNDLE_BYTES } from "./sealedBundle.ts";
import { SEALED_LENGTHS } from "./sealedMail.ts";

const waiting = struct({
  /** Goes up with each deposit into the space. */
  serial: positive,
  depositor: depositorIdField,
  envelope: bytes(Math.min(...SEALED_LENGTHS), Math.max(...SEALED_LENGTHS)),
});

/** `number` is that of the request. */
const ofRequest = { number: positive } as const;

const answer = union({
  /** The first word on a connection, 32 fresh random bytes: what every request on it is signed over. */
  challenge: struct({ challenge: bytes(32) }),
  /** Committed. */
  done: struct(ofRequest),
  bundle: struct({ ...ofRequest, sealed: bytes(SEALED_BUNDLE_BYTES) }),
  mail: struct({ ...ofRequest, waiting: list(waiting, MAILBOX.maxFetched), more: bool }),
  refused: struct({
    ...ofRequest,
    reason: word("unknown-space", "unknown-depositor", "quota", "full", "join-code", "no-bundle", "malformed"),
  }),
});

export const mailAnswerCodec = codec(answer, MAILBOX.maxAnswerBytes);
export type MailAnswer = TypeOf<typeof mailAnswerCodec>;
export type WaitingMail = TypeOf<typeof waiting>;
