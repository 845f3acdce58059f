/** A device's prekeys with their secrets, as kept in memory and stored. SPEC section 3. */
import { PREKEYS, SESSION } from "../limits.ts";
import { prekeyId } from "./bundle.ts";
import { bytes, type Codec, codec, list, nullable, struct, type TypeOf, uint, upgraded, versioned } from "./schema.ts";

const keys = {
  id: prekeyId,
  dh: struct({ secret: bytes(32), publicKey: bytes(32) }),
  kem: struct({ seed: bytes(64), publicKey: bytes(1184) }),
} as const;

/** An X25519 and an ML-KEM-768 key that anybody may use until it is rotated, and those who hold a bundle longer. */
const signedPrekey = struct({ ...keys, createdAtMs: uint() });
/** The same for one first message; `issuedAtMs` says when it went into a bundle, and so into no other. */
const oneTimePrekey = struct({ ...keys, issuedAtMs: nullable(uint()) });

const lists = {
  nextId: prekeyId,
  /** The current one last; those before it are in their grace period. */
  signed: list(signedPrekey, 16),
  oneTime: list(oneTimePrekey, PREKEYS.maxIssued + PREKEYS.oneTimeCount),
} as const;
/** First messages that used no one-time prekey, as version 1 remembered them. */
const seenByTranscript = list(struct({ signedId: prekeyId, transcript: bytes(32) }), PREKEYS.maxReplayCache);

const record = struct({
  ...lists,
  /** First messages that used no one-time prekey: their ephemeral key, and the signed prekey that they used. */
  seen: list(struct({ signedId: prekeyId, ephemeral: bytes(32) }), PREKEYS.maxReplayCache),
  seenBefore: seenByTranscript,
});
export type Prekeys = TypeOf<typeof record>;

const record1 = struct({ ...lists, seen: seenByTranscript });

export const prekeysRecord: Codec<Prekeys> = upgraded(
  versioned(2, codec(record, SESSION.maxPrekeysRecordBytes)),
  versioned(1, codec(record1, SESSION.maxPrekeysRecordBytes)),
  ({ seen, ...rest }) => ({ ...rest, seen: [], seenBefore: seen }),
);
export type SignedPrekey = TypeOf<typeof signedPrekey>;
export type OneTimePrekey = TypeOf<typeof oneTimePrekey>;
