/** Frames on a link between two peers, `/securecomm/peer/1`: SPEC section 7. */
import { WIRE } from "../limits.ts";
import { bytes, codec, struct, type TypeOf, union, word } from "./schema.ts";

const body = bytes(1, WIRE.maxFrameBytes - 64);

export const peerFrame = union({
  /** One step of the device proof; its body is decoded by the proof itself. */
  proof: struct({ body }),
  /** The inviter's prekey bundle, sent after both proofs on an open invite. */
  bundle: struct({ body }),
  /** The inviter's last words on an invite that is no longer good. */
  refused: struct({ reason: word("used", "expired", "revoked") }),
  /** A sealed envelope of a pairwise session. */
  envelope: struct({ body }),
  /** The sender's prekey bundle, for a new session in the place of one that does not serve any more. */
  renew: struct({ body }),
  ping: struct({}),
  pong: struct({}),
});

export const peerFrameCodec = codec(peerFrame, WIRE.maxFrameBytes);
export type PeerFrame = TypeOf<typeof peerFrameCodec>;
