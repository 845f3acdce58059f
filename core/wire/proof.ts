/** The four frames of the device proof: SPEC section 4. */
import { certificateField } from "./certificate.ts";
import { topicField } from "./ids.ts";
import { bytes, codec, struct, type TypeOf, union } from "./schema.ts";

const nonce = bytes(32);
const mac = bytes(32);
const sealed = bytes(64, 320);

export const proofFrameCodec = codec(
  union({
    hello: struct({ nonce, topic: topicField }),
    answer: struct({ nonce, mac }),
    reveal: struct({ mac, sealed }),
    confirm: struct({ sealed }),
  }),
  512,
);
export type ProofFrame = TypeOf<typeof proofFrameCodec>;

/** What `sealed` holds. */
export const proofSecretCodec = codec(struct({ certificate: certificateField, signature: bytes(64) }), 320);
