/** How a stream to a space begins: the server's challenge, and who answers it. SPEC section 9a. */
import { MAILBOX } from "../limits.ts";
import { spaceIdField } from "./ids.ts";
import { bytes, codec, struct, type TypeOf, word } from "./schema.ts";

export const MAILBOX_PROTOCOL = "/securecomm/mailbox/1";
export const PREKEYS_PROTOCOL = "/securecomm/prekeys/1";

export type SpaceProtocol = typeof MAILBOX_PROTOCOL | typeof PREKEYS_PROTOCOL;

/** The server's first word on a stream: 32 fresh random bytes. */
export const challengeCodec = codec(struct({ challenge: bytes(32) }), MAILBOX.maxEntryBytes);

/** The client's first word: as whom it speaks on this stream from now on. */
export const entryCodec = codec(
  struct({
    space: spaceIdField,
    role: word("owner", "depositor"),
    /** The owner's or the depositor's Ed25519 key. */
    signer: bytes(32),
    signature: bytes(64),
  }),
  MAILBOX.maxEntryBytes,
);
export type SpaceEntry = TypeOf<typeof entryCodec>;
export type SpaceRole = SpaceEntry["role"];
