/** What two members' devices say to each other about one guild, on a link on which both have proven themselves. */
import { WIRE } from "../limits.ts";
import { bytes, codec, struct, type TypeOf, union } from "./schema.ts";

const body = bytes(1, WIRE.maxFrameBytes - 64);

/** Each body is decoded by the part that it is for. */
export const guildFrameCodec = codec(
  union({
    /** Ops: `logSync.ts`. */
    log: struct({ body }),
    /** Content of channels: `contentSync.ts`. */
    content: struct({ body }),
    /** Names and pictures: `profileSync.ts`. */
    profile: struct({ body }),
    /** Which deals there are: `guildDeal.ts`. */
    deals: struct({ body }),
  }),
  WIRE.maxFrameBytes,
);
export type GuildFrame = TypeOf<typeof guildFrameCodec>;
