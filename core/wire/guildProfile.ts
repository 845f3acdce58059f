/** What a member says of themselves in one guild: SPEC section 25. `guild/profiles.ts` checks who says it. */
import { GUILD, PROFILE } from "../limits.ts";
import { deviceIdField, guildIdField, userIdField } from "./ids.ts";
import { bytes, codec, nullable, struct, text, type TypeOf, uint } from "./schema.ts";

/** The version that this code writes and understands. */
export const PROFILE_VERSION = 1;

export const profileCodec = codec(
  struct({
    v: uint(255),
    guild: guildIdField,
    user: userIdField,
    /** The person's device, whose key signs. */
    device: deviceIdField,
    /** Of several by one person the one of the greatest number holds. */
    number: uint(PROFILE.maxNumber),
    name: text(GUILD.maxNameBytes),
    status: text(PROFILE.maxStatusBytes),
    picture: nullable(struct({ sha256: bytes(32), sizeBytes: uint(PROFILE.maxPictureBytes) })),
  }),
  PROFILE.maxBytes,
);
export type ProfileFields = TypeOf<typeof profileCodec>;

export const signedProfileCodec = codec(
  struct({
    /** The bytes of a profile, as they were signed. */
    profile: bytes(1, PROFILE.maxBytes),
    /** By the device's key, over those bytes. */
    signature: bytes(64),
  }),
  PROFILE.maxSignedBytes,
);
