/** Control messages of a call. They travel inside ratchet messages only, which say who sent them. */
import { VOICE } from "../limits.ts";
import { callIdField as call } from "./ids.ts";
import { bytes, codec, struct, type TypeOf, uint, union } from "./schema.ts";

/** Key ids have 48 bits: 32 of the sender, 16 of generation. */
const kid = uint(2 ** 48 - 1);

/** One side's share of the key agreement. */
const share = {
  call,
  /** An uncompressed P-256 point. */
  ephemeral: bytes(65),
  /** Fresh random bytes, secret to the ratchet. */
  fresh: bytes(32),
  /** Ed25519, by the device key. */
  signature: bytes(64),
};

const callControlField = union({
  offer: struct(share),
  answer: struct(share),
  decline: struct({ call }),
  busy: struct({ call }),
  hangup: struct({ call }),
  /** WebRTC signaling of the voice engine. */
  signal: struct({ call, signal: bytes(1, VOICE.maxSignalBytes) }),
  /** The sender's media secret of one generation, sealed to the receiver's pairwise key. */
  key: struct({ call, kid, wrapped: bytes(48) }),
  keyAck: struct({ call, kid }),
});

export type CallControl = TypeOf<typeof callControlField>;
export type CallShare = Omit<Extract<CallControl, { t: "offer" }>, "t">;

export const callControl = codec<CallControl>(callControlField, VOICE.maxSignalBytes + 64);
