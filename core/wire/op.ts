/**
 * One op of a guild's log in its wire form: SPEC section 17. Nothing in it is checked but its shape; `log/signedOp.ts`
 * makes the checked form. This frame is the same in every version, so that an op of a newer one can be linked and kept.
 */
import { LOG } from "../limits.ts";
import { deviceIdField, guildIdField, opIdField } from "./ids.ts";
import { bytes, codec, list, nullable, positive, struct, text, type TypeOf, uint } from "./schema.ts";

/** The version of bodies that this code writes and understands. */
export const OP_VERSION = 1;

export const opCodec = codec(
  struct({
    v: uint(255),
    /** `null` in the genesis op, whose id is the guild's. */
    guild: nullable(guildIdField),
    /** The author's device, whose key signs. */
    device: deviceIdField,
    /** The device's own op before this one; `null` in its first. */
    previous: nullable(opIdField),
    /** The other heads that the author had seen: ascending, none twice, without `previous`. */
    parents: list(opIdField, LOG.maxParents),
    /** Consecutive for each device, from 1. */
    seq: positive,
    type: text(LOG.maxTypeBytes),
    /** By the schema of `type` in `opBody.ts`. */
    body: bytes(0, LOG.maxBodyBytes),
  }),
  LOG.maxOpBytes,
);
export type Op = TypeOf<typeof opCodec>;

export const signedOpCodec = codec(
  struct({
    /** The bytes of an op, as they were signed. */
    op: bytes(1, LOG.maxOpBytes),
    /** By the device's key, over those bytes. */
    signature: bytes(64),
  }),
  LOG.maxSignedBytes,
);
export type SignedOp = TypeOf<typeof signedOpCodec>;
