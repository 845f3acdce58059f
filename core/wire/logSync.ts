/** What two members say to each other to bring their logs of one guild together. SPEC section 20. */
import { LOG, SYNC } from "../limits.ts";
import { deviceIdField, opIdField } from "./ids.ts";
import { bool, bytes, codec, list, nullable, positive, struct, type TypeOf, uint, union } from "./schema.ts";

/** `number` is that of the request, in its answer too. */
const ofRequest = { number: positive } as const;

const frame = union({
  /** Ops that the sender has and that nothing follows there: unasked. */
  heads: struct({ ids: list(opIdField, SYNC.maxIds) }),
  /** Send what `ids` follow, and them, without what `have` follow, and that. `strict`: only if you know all of `have`. */
  want: struct({
    ...ofRequest,
    ids: list(opIdField, SYNC.maxWanted),
    have: list(opIdField, SYNC.maxIds),
    strict: bool,
  }),
  /** The answer: the first of them, each after all that it follows. */
  ops: struct({ ...ofRequest, ops: list(bytes(1, LOG.maxSignedBytes), SYNC.maxOps) }),
  /** The answer to a strict want that cannot be met, and to `more`: the highest number of each device, ascending. */
  vector: struct({
    ...ofRequest,
    entries: list(struct({ device: deviceIdField, seq: positive }), SYNC.maxEntries),
    more: bool,
  }),
  /** The next page of the vector. */
  more: struct({ ...ofRequest, after: nullable(deviceIdField) }),
  /** No answer now. */
  busy: struct({ ...ofRequest, retryAfterMs: uint(SYNC.maxRetryAfterMs) }),
});

export const logSyncCodec = codec(frame, SYNC.maxFrameBytes);
export type LogSyncFrame = TypeOf<typeof logSyncCodec>;
