/** A session as stored. SPEC sections 5 and 6. */
import { ok } from "../errors.ts";
import { fromHex, type SessionId, sessionId } from "../ids.ts";
import { SESSION } from "../limits.ts";
import { type Exchange, exchange } from "./exchangeRecord.ts";
import { HANDSHAKE_BYTES } from "./handshake.ts";
import { deviceIdField, userIdField } from "./ids.ts";
import { ratchetState, ratchetState1 } from "./ratchetRecord.ts";
import {
  bytes,
  type Codec,
  codec,
  type Field,
  mapped,
  nullable,
  struct,
  type TypeOf,
  uint,
  versioned,
} from "./schema.ts";

const sessionIdField: Field<SessionId> = mapped(bytes(16), fromHex, sessionId);

const fields = {
  id: sessionIdField,
  user: userIdField,
  device: deviceIdField,
  createdAtMs: uint(),
  /** The handshake's transcript hash, which every message's authentication covers. */
  transcript: bytes(32),
  /** What envelopes carry until the first reply; `null` after it, and always for the responder. */
  opening: nullable(bytes(HANDSHAKE_BYTES)),
} as const;

/** `exchange` is `null` where the ratchet has no post-quantum part. */
const sessionOf = <E extends Exchange | null>(exchange: Field<E>) =>
  struct({ ...fields, ratchet: ratchetState, exchange });

/** A session in memory, of any suite. */
export type SessionRecord = TypeOf<ReturnType<typeof sessionOf<Exchange | null>>>;

export const sessionRecord: Codec<SessionRecord> = versioned(
  2,
  codec(sessionOf<Exchange | null>(exchange), SESSION.maxRecordBytes),
);

const session1 = struct({ ...fields, ratchet: ratchetState1 });

/** A session of version 1 stays one, and is stored as one. */
export const sessionRecord1: Codec<SessionRecord> = versioned(
  1,
  codec(
    mapped<TypeOf<typeof session1>, SessionRecord>(
      session1,
      (session) => session,
      (session) => ok({ ...session, exchange: null }),
    ),
    SESSION.maxRecordBytes,
  ),
);
