/** The state of a double ratchet, as kept in memory and stored. SPEC section 6. */
import { ok } from "../errors.ts";
import { RATCHET } from "../limits.ts";
import { bytes, type Field, list, mapped, nullable, struct, type TypeOf, uint, union, word } from "./schema.ts";
import { type SkippedKey, skippedKeysField } from "./skippedKeys.ts";

export type { SkippedKey };

const key32 = bytes(32);
const count = uint(0xffff_ffff);
const dhKey = struct({ secret: key32, publicKey: key32 });
/** `index` is the number of the next message; `key` makes that message's key and the next chain key. */
const chain = struct({ key: key32, index: count });

/** The next header keys: the one we take up with our next turn, and the one the other takes up with theirs. */
const headerKeys = struct({ sending: key32, receiving: key32 });
export type HeaderKeys = TypeOf<typeof headerKeys>;

/** A secret that is to go into a root step: with our next turn, or when the other's next turn says that it did. */
const mix = struct({ by: word("us", "them"), number: count, secret: key32 });
export type Mix = TypeOf<typeof mix>;

/** `next` and `headerKey` are `null` in protocols whose headers are in clear. */
const stateOf = <N extends HeaderKeys | null, K extends Uint8Array | null>(next: Field<N>, headerKey: Field<K>) =>
  struct({
    /** Whose turn it is to take the next Diffie-Hellman step. */
    turn: union({
      /** Nothing has come yet: the responder before its first message. */
      waiting: struct({ root: key32, self: dhKey, next }),
      /** The other's newest key has arrived: our next message brings a fresh key of ours. */
      turning: struct({ root: key32, remote: key32, previousCount: count, next }),
      /** Our key is out: the next key is to come from the other. `mixed` is the secret that our turn mixed in, or 0. */
      sending: struct({ root: key32, self: dhKey, chain, previousCount: count, mixed: count, headerKey, next }),
    }),
    /** The newest last. */
    receiving: list(
      struct({
        /** The other's ratchet key of this chain. */
        remote: key32,
        headerKey,
        /** `null` once the other has begun a newer chain: then only skipped messages of this one can come. */
        chain: nullable(chain),
        skipped: skippedKeysField(RATCHET.maxSkippedKeys),
      }),
      RATCHET.maxOldChains + 1,
    ),
    /** How many secrets of the post-quantum exchange have gone into the root. */
    mixed: count,
    mix: nullable(mix),
  });

/** The state of a ratchet in memory, of any suite. */
export type RatchetState = TypeOf<ReturnType<typeof stateOf<HeaderKeys | null, Uint8Array | null>>>;
export type Turn = RatchetState["turn"];
export type ReceivingChain = RatchetState["receiving"][number];
export type Chain = TypeOf<typeof chain>;

export const ratchetState: Field<RatchetState> = stateOf(headerKeys, key32);

const receivingChain1 = struct({
  remote: key32,
  chain: nullable(chain),
  skipped: skippedKeysField(RATCHET.maxSkippedKeys),
});
const turn1 = union({
  waiting: struct({ root: key32, self: dhKey }),
  turning: struct({ root: key32, remote: key32, previousCount: count }),
  sending: struct({ root: key32, self: dhKey, chain, previousCount: count }),
});
const state1 = struct({ turn: turn1, receiving: list(receivingChain1, RATCHET.maxOldChains + 1) });

/** As version 1 stored it: headers in clear, nothing mixed. */
export const ratchetState1: Field<RatchetState> = mapped<TypeOf<typeof state1>, RatchetState>(
  state1,
  (state) => state,
  ({ turn, receiving }) =>
    ok({
      turn: turn.t === "sending" ? { ...turn, mixed: 0, headerKey: null, next: null } : { ...turn, next: null },
      receiving: receiving.map((each) => ({ ...each, headerKey: null })),
      mixed: 0,
      mix: null,
    }),
);
