/** Where the post-quantum exchange of a session stands, as kept in memory and stored. SPEC section 6. */
import { bool, bytes, struct, type TypeOf, uint, union, word } from "./schema.ts";

const number = uint(0xffff_ffff);

/** How often a part was carried since it was made, and whether a chain has begun since: then all messages carry it. */
const carried = { sentCount: uint(), everywhere: bool } as const;

const step = union({
  idle: struct({}),
  /** Our KEM key is on its way. */
  offered: struct({ number, seed: bytes(64), publicKey: bytes(1184), ...carried }),
  /** The other's KEM key has come: our next message answers it. */
  received: struct({ number, publicKey: bytes(1184) }),
  /** Our ciphertext is on its way; its secret waits in the ratchet. */
  answered: struct({ number, ciphertext: bytes(1088), ...carried }),
});

export const exchange = struct({
  /** The session's initiator offers keys, the responder answers. */
  role: word("offers", "answers"),
  /** Messages sealed and opened, and the time, since a secret last went into the root. */
  messageCount: uint(),
  sinceMs: uint(),
  step,
});
export type Exchange = TypeOf<typeof exchange>;
export type ExchangeStep = TypeOf<typeof step>;
