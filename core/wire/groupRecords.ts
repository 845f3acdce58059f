/** Sender keys as stored: one's own chain, who holds it, and the chains of another sender. SPEC section 6a. */
import { ok, refuse } from "../errors.ts";
import { GROUP } from "../limits.ts";
import { replacedChain } from "./distribution.ts";
import { channelIdField, deviceIdField } from "./ids.ts";
import { bool, bytes, codec, type Field, list, mapped, struct, type TypeOf, uint, versioned } from "./schema.ts";
import { skippedKeysField } from "./skippedKeys.ts";

const key32 = bytes(32);
/** `index` is the number of the next message; `key` makes that message's key and the next chain key. */
const chain = struct({ key: key32, index: uint(GROUP.maxMessages) });

const DIGEST_BYTES = 32;

/** Digests of 32 bytes, one behind the other. */
const digests: Field<readonly Uint8Array[]> = mapped(
  bytes(0, DIGEST_BYTES * GROUP.maxVouched),
  (values) => {
    const packed = new Uint8Array(DIGEST_BYTES * values.length);
    values.forEach((value, i) => packed.set(value, DIGEST_BYTES * i));
    return packed;
  },
  (packed) =>
    packed.length % DIGEST_BYTES === 0
      ? ok(
        Array.from(
          { length: packed.length / DIGEST_BYTES },
          (_, i) => packed.slice(DIGEST_BYTES * i, DIGEST_BYTES * (i + 1)),
        ),
      )
      : refuse("wire.wrong-shape"),
);

/** One's own chain. It changes with every message, so the list of its holders is a record of its own. */
export const senderRecord = versioned(
  1,
  codec(
    struct({
      channel: channelIdField,
      device: deviceIdField,
      id: bytes(16),
      startedAtMs: uint(),
      chain,
      signer: struct({ secret: key32, publicKey: key32 }),
      ownership: bytes(64),
      /** Digest of the last block, zeros before the first. */
      previous: key32,
      replaces: replacedChain,
      /** Nothing more is sealed in it. */
      isRetired: bool,
    }),
    GROUP.maxSenderRecordBytes,
  ),
);
export type SenderRecord = TypeOf<typeof senderRecord>;

/** The devices that a chain was handed to. */
export const holdersRecord = versioned(
  1,
  codec(struct({ chain: bytes(16), devices: list(deviceIdField, GROUP.maxHolders) }), GROUP.maxHoldersRecordBytes),
);

const receivingChain = struct({
  id: bytes(16),
  signer: key32,
  ownership: bytes(64),
  /** Number of the first message that was handed over. */
  start: uint(GROUP.maxMessages),
  /** Messages that the chain has: fewer than it could have once its sender has replaced it. */
  end: uint(GROUP.maxMessages),
  chain,
  skipped: skippedKeysField(GROUP.maxSkippedKeys),
  vouched: digests,
});

export const receiverRecord = versioned(
  1,
  codec(
    struct({
      channel: channelIdField,
      /** The device whose chains these are. */
      sender: deviceIdField,
      /** The newest last. */
      chains: list(receivingChain, GROUP.maxChains),
    }),
    GROUP.maxReceiverRecordBytes,
  ),
);
export type GroupReceiver = TypeOf<typeof receiverRecord>;
export type ReceivingChain = TypeOf<typeof receivingChain>;
