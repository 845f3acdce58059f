/** What a device keeps on disk of one guild: SPEC section 26. */
import { CONTENT, GROUP, TIME } from "../limits.ts";
import { claimsField } from "./guildContent.ts";
import { channelIdField } from "./ids.ts";
import { bytes, codec, nullable, struct, text, type TypeOf, uint, versioned } from "./schema.ts";

/** One piece of content, with all that is needed to pass it on. */
export const contentRecord = versioned(
  1,
  codec(
    struct({
      content: bytes(1, CONTENT.maxBytes),
      envelope: bytes(1, GROUP.maxEnvelopeBytes),
      /** The message key that opens the envelope. */
      key: bytes(32),
      /** Of the chain: its Ed25519 key, and the device's word for that. */
      signer: bytes(32),
      ownership: bytes(64),
    }),
    CONTENT.maxRecordBytes,
  ),
);
export type ContentRecord = TypeOf<typeof contentRecord>;

/** What a person said and no chain has sealed yet. */
export const unsaidRecord = versioned(
  1,
  codec(
    struct({
      channel: channelIdField,
      claims: claimsField,
      text: nullable(text(CONTENT.maxTextBytes)),
      saidAtMs: uint(TIME.maxMs),
    }),
    CONTENT.maxRecordBytes,
  ),
);
export type Unsaid = TypeOf<typeof unsaidRecord>;
