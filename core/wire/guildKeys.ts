/** What members' devices tell each other about keys of channels, inside ratchet messages only. SPEC section 22. */
import { ok, refuse } from "../errors.ts";
import { CONTENT, GROUP, GUILD_KEYS } from "../limits.ts";
import { indexesField } from "./chainIndexes.ts";
import { chainIdField, channelIdField, deviceIdField, opIdField } from "./ids.ts";
import {
  bytes,
  codec,
  type Field,
  list,
  mapped,
  nullable,
  positive,
  struct,
  type TypeOf,
  uint,
  union,
} from "./schema.ts";
import { type SkippedKey, skippedKeysField } from "./skippedKeys.ts";

/** A chain of which something is wanted, or given. */
const ofChain = { device: deviceIdField, chain: chainIdField } as const;

const messageKeys: Field<readonly SkippedKey[]> = mapped(
  skippedKeysField(GUILD_KEYS.maxKeys),
  (keys: readonly SkippedKey[]) => keys,
  (keys) => keys.every(({ index }) => index < GROUP.maxMessages) ? ok(keys) : refuse("wire.wrong-shape"),
);

/** `number` is that of the request, in its answer too. */
const ofRequest = { number: positive } as const;

const frame = union({
  /** The sender's own chain: unasked. */
  chain: struct({
    /** Of the log, as its sender sees it: by them the other is a reader. */
    heads: list(opIdField, CONTENT.maxHeads),
    /** Number of the first content of the sender's device in the channel that the chain opens. */
    next: positive,
    distribution: bytes(1, GROUP.maxDistributionBytes),
  }),
  want: struct({
    ...ofRequest,
    channel: channelIdField,
    chains: list(struct({ ...ofChain, indexes: indexesField(GUILD_KEYS.maxRanges) }), GUILD_KEYS.maxChains),
  }),
  /** The answer. What was wanted, is before `stop`, and is not in it, is not there or not given. */
  keys: struct({
    ...ofRequest,
    channel: channelIdField,
    chains: list(
      struct({ ...ofChain, signer: bytes(32), ownership: bytes(64), keys: messageKeys }),
      GUILD_KEYS.maxChains,
    ),
    /** Not looked for: of the chain at that place of the want, that number and those below, and the chains after it. */
    stop: nullable(struct({ at: uint(GUILD_KEYS.maxChains - 1), index: uint(GROUP.maxMessages - 1) })),
  }),
  /** No answer now. */
  busy: struct({ ...ofRequest, retryAfterMs: uint(GUILD_KEYS.maxPauseMs) }),
  /** In these channels there is something now that was not, or may be given: unasked. */
  again: struct({ channels: list(channelIdField, GUILD_KEYS.maxChannels) }),
});

export const guildKeysCodec = codec(frame, GUILD_KEYS.maxFrameBytes);
export type GuildKeysFrame = TypeOf<typeof guildKeysCodec>;
export type KeysWant = Extract<GuildKeysFrame, { readonly t: "want" }>;
export type KeysAnswer = Extract<GuildKeysFrame, { readonly t: "keys" }>;
export type GivenChain = KeysAnswer["chains"][number];
