/** What two members say to each other to bring the content of channels together. SPEC section 24. */
import { ok, refuse, type Result } from "../errors.ts";
import { CSYNC, GROUP } from "../limits.ts";
import { channelIdField, contentIdField, deviceIdField } from "./ids.ts";
import {
  bool,
  bytes,
  codec,
  type Field,
  list,
  mapped,
  positive,
  struct,
  type TypeOf,
  uint,
  union,
  type WireReason,
} from "./schema.ts";

/** Numbers of one device's content in one channel, both ends included. */
export interface SeqRange {
  readonly from: number;
  readonly to: number;
}

/** Flat on the wire: from, to, from, to; ascending, and with a number between any two ranges. */
const ranges: Field<readonly SeqRange[]> = mapped(
  list(positive, 2 * CSYNC.maxRanges),
  (of) => of.flatMap(({ from, to }) => [from, to]),
  (flat): Result<readonly SeqRange[], WireReason> => {
    if (flat.length % 2 !== 0) return refuse("wire.wrong-shape");
    const found: SeqRange[] = [];
    for (let at = 0; at < flat.length; at += 2) {
      const [from, to] = [flat[at]!, flat[at + 1]!];
      if (from > to || at > 0 && from - flat[at - 1]! < 2) return refuse("wire.wrong-shape");
      found.push({ from, to });
    }
    return ok(found);
  },
);

const seq = positive;
const entry = struct({
  device: deviceIdField,
  ranges,
  /** The newest of those that nothing follows: several where the device said several things under one number. */
  tips: list(struct({ seq, id: contentIdField }), CSYNC.maxTips),
});
/** What somebody has of one device's content in one channel, and may give to the other. */
export type ContentOffer = TypeOf<typeof entry>;

const entries = list(entry, CSYNC.maxEntries);
const channel = channelIdField;
const digest = bytes(CSYNC.digestBytes);
const envelope = bytes(1, GROUP.maxEnvelopeBytes);
/** `number` is that of the request, in its answer too. */
const ofRequest = { number: positive } as const;

const frame = union({
  /** Digest of all that the other would be offered in all channels: unasked, when the link opens. */
  all: struct({ digest }),
  /** The same by channel. `answer`: say yours of those that differ. */
  digests: struct({ entries: list(struct({ channel, digest }), CSYNC.maxDigests), answer: bool, more: bool }),
  /** What do you have in this channel, from the entry of this place on? */
  ask: struct({ ...ofRequest, channel, from: uint() }),
  /** The answer: the chains of late first. */
  offer: struct({ ...ofRequest, channel, entries, more: bool }),
  /** The same, unasked, of chains that have grown. */
  tell: struct({ channel, entries }),
  /** Give me these; `ids` where content of that number is here and is other content. */
  want: struct({
    ...ofRequest,
    channel,
    wants: list(struct({ device: deviceIdField, ranges }), CSYNC.maxWanted),
    ids: list(struct({ device: deviceIdField, seq, id: contentIdField }), CSYNC.maxWantedIds),
  }),
  /** The answer: the newest of them, and whose the chains are that they are of. `more`: there are others of them. */
  items: struct({
    ...ofRequest,
    chains: list(
      struct({ device: deviceIdField, chain: bytes(16), signer: bytes(32), ownership: bytes(64) }),
      CSYNC.maxItems,
    ),
    items: list(struct({ device: deviceIdField, seq, envelope }), CSYNC.maxItems),
    more: bool,
  }),
  /** What the sender's own device has just written: unasked. */
  push: struct({ channel, seq, envelope }),
  /** No answer now. */
  busy: struct({ ...ofRequest, retryAfterMs: uint(CSYNC.maxRetryAfterMs) }),
});

export const contentSyncCodec = codec(frame, CSYNC.maxFrameBytes);
export type ContentSyncFrame = TypeOf<typeof contentSyncCodec>;
export type ContentItem = Extract<ContentSyncFrame, { readonly t: "items" }>["items"][number];
/** Proof that a chain is a device's: SPEC [SK2]. */
export type ChainOrigin = Extract<ContentSyncFrame, { readonly t: "items" }>["chains"][number];
