/** The person's and the device's own secret keys, as stored. SPEC section 3. */
import { certificateField } from "./certificate.ts";
import { bytes, codec, struct, type TypeOf, versioned } from "./schema.ts";

export const identityRecord = versioned(
  1,
  codec(
    struct({
      /** Seed of the Ed25519 identity key. */
      identity: bytes(32),
      /** Seed of the device's Ed25519 signing key. */
      signing: bytes(32),
      /** The device's X25519 secret. */
      dh: bytes(32),
      certificate: certificateField,
    }),
    512,
  ),
);
export type IdentityRecord = TypeOf<typeof identityRecord>;
