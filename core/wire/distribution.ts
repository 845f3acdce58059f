/** What opens a sender's chain from an index on; it travels inside ratchet messages only. SPEC section 6a. */
import { GROUP } from "../limits.ts";
import { channelIdField } from "./ids.ts";
import { bytes, codec, nullable, struct, type TypeOf, uint } from "./schema.ts";

/** The chain that a fresh one takes the place of, and how many messages it had. */
export const replacedChain = nullable(struct({ chain: bytes(16), count: uint(GROUP.maxMessages) }));

export const distributionCodec = codec(
  struct({
    channel: channelIdField,
    /** The chain's id. */
    chain: bytes(16),
    /** Number of the first message that can be opened. */
    index: uint(GROUP.maxMessages),
    /** The chain key of that message. */
    key: bytes(32),
    /** The chain's Ed25519 key. */
    signer: bytes(32),
    /** By the device key of the sender, over channel, chain id and the chain's Ed25519 key. */
    ownership: bytes(64),
    /** `null` in a device's first chain. */
    replaces: replacedChain,
  }),
  GROUP.maxDistributionBytes,
);
export type Distribution = TypeOf<typeof distributionCodec>;
