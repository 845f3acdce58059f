/** The state of a double ratchet, as kept in memory and stored. SPEC section 6. */
import { ok, refuse } from "../errors.ts";
import { RATCHET } from "../limits.ts";
import { bytesUint, concat, uintBytes } from "./bytes.ts";
import { bytes, type Field, list, mapped, nullable, struct, type TypeOf, uint, union } from "./schema.ts";

const key32 = bytes(32);
const count = uint(0xffff_ffff);
const dhKey = struct({ secret: key32, publicKey: key32 });
/** `index` is the number of the next message; `key` makes that message's key and the next chain key. */
const chain = struct({ key: key32, index: count });

/** The message key of a message that has not arrived yet. */
export interface SkippedKey {
  readonly index: number;
  readonly key: Uint8Array;
}

const SKIPPED_BYTES = 36;

/** 36 bytes for each key, in ascending order: index 4 | key 32. */
const skippedKeys: Field<readonly SkippedKey[]> = mapped(
  bytes(0, SKIPPED_BYTES * RATCHET.maxSkippedKeys),
  (keys) => concat(...keys.flatMap(({ index, key }) => [uintBytes(index, 4), key])),
  (packed) => {
    if (packed.length % SKIPPED_BYTES !== 0) return refuse("wire.wrong-shape");
    const keys: SkippedKey[] = [];
    for (let at = 0; at < packed.length; at += SKIPPED_BYTES) {
      const index = bytesUint(packed.subarray(at, at + 4));
      if (index <= (keys.at(-1)?.index ?? -1)) return refuse("wire.wrong-shape");
      keys.push({ index, key: packed.slice(at + 4, at + SKIPPED_BYTES) });
    }
    return ok(keys);
  },
);

const receivingChain = struct({
  /** The other's ratchet key of this chain. */
  remote: key32,
  /** `null` once the other has begun a newer chain: then only skipped messages of this one can come. */
  chain: nullable(chain),
  skipped: skippedKeys,
});

/** Whose turn it is to take the next Diffie-Hellman step. */
const turn = union({
  /** Nothing has come yet: the responder before its first message. */
  waiting: struct({ root: key32, self: dhKey }),
  /** The other's newest key has arrived: our next message brings a fresh key of ours. */
  turning: struct({ root: key32, remote: key32, previousCount: count }),
  /** Our key is out: the next key is to come from the other. */
  sending: struct({ root: key32, self: dhKey, chain, previousCount: count }),
});

export const ratchetState = struct({
  turn,
  /** The newest last. */
  receiving: list(receivingChain, RATCHET.maxOldChains + 1),
});
export type RatchetState = TypeOf<typeof ratchetState>;
export type Turn = TypeOf<typeof turn>;
export type Chain = TypeOf<typeof chain>;
export type ReceivingChain = TypeOf<typeof receivingChain>;
