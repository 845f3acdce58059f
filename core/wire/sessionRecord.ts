/** A session as stored. SPEC sections 5 and 6. */
import { fromHex, type SessionId, sessionId } from "../ids.ts";
import { SESSION } from "../limits.ts";
import { HANDSHAKE_BYTES } from "./handshake.ts";
import { deviceIdField, userIdField } from "./ids.ts";
import { ratchetState } from "./ratchetRecord.ts";
import { bytes, codec, type Field, mapped, nullable, struct, type TypeOf, uint, versioned } from "./schema.ts";

const sessionIdField: Field<SessionId> = mapped(bytes(16), fromHex, sessionId);

export const sessionRecord = versioned(
  1,
  codec(
    struct({
      id: sessionIdField,
      user: userIdField,
      device: deviceIdField,
      createdAtMs: uint(),
      /** The handshake's transcript hash, which every message's authentication covers. */
      transcript: bytes(32),
      /** What envelopes carry until the first reply; `null` after it, and always for the responder. */
      opening: nullable(bytes(HANDSHAKE_BYTES)),
      ratchet: ratchetState,
    }),
    SESSION.maxRecordBytes,
  ),
);
export type SessionRecord = TypeOf<typeof sessionRecord>;
