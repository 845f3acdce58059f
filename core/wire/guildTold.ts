/** What members' devices tell each other about one guild inside ratchet messages only: all that holds a key. */
import { MESSAGE } from "../limits.ts";
import { bytes, codec, struct, type TypeOf, union } from "./schema.ts";

const body = bytes(1, MESSAGE.maxContentBytes - 64);

/** Each body is decoded by the part that it is for. */
export const guildToldCodec = codec(
  union({
    /** Chains and keys of channels: `guildKeys.ts`. */
    keys: struct({ body }),
    /** A secret of the guild: `guildDeal.ts`. */
    deal: struct({ body }),
  }),
  MESSAGE.maxContentBytes,
);
export type GuildTold = TypeOf<typeof guildToldCodec>;
