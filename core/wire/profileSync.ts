/** What two members say to each other so that both have the newest profiles of everybody. SPEC section 25. */
import { PROFILE } from "../limits.ts";
import { userIdField } from "./ids.ts";
import { bytes, codec, list, nullable, positive, struct, type TypeOf, uint, union } from "./schema.ts";

/** `number` is that of the request, in its answer too. */
const ofRequest = { number: positive } as const;

const entry = struct({ user: userIdField, number: uint(PROFILE.maxNumber), digest: bytes(16) });

const frame = union({
  /** Of all that the sender has, by the first byte of people's ids: unasked. */
  digests: struct({ buckets: bytes(PROFILE.buckets * PROFILE.bucketBytes) }),
  /** Some that the sender has: unasked. */
  entries: struct({ entries: list(entry, PROFILE.maxEntries) }),
  want: struct({ ...ofRequest, users: list(userIdField, PROFILE.maxWanted) }),
  /** The answer: signed profiles, as far as they are there. */
  records: struct({ ...ofRequest, records: list(bytes(1, PROFILE.maxSignedBytes), PROFILE.maxWanted) }),
  wantPicture: struct({ ...ofRequest, sha256: bytes(32) }),
  /** The answer: `null` where it is not there. */
  picture: struct({ ...ofRequest, bytes: nullable(bytes(0, PROFILE.maxPictureBytes)) }),
  /** No answer now. */
  busy: struct({ ...ofRequest, retryAfterMs: uint(PROFILE.maxRetryAfterMs) }),
});

export const profileSyncCodec = codec(frame, PROFILE.maxFrameBytes);
export type ProfileFrame = TypeOf<typeof profileSyncCodec>;
/** `digest`: the first 16 bytes of the profile's SHA-256. */
export type ProfileEntry = TypeOf<typeof entry>;
