/** The body of content of kind `text`. SPEC section 26. */
import { CONTENT, TIME } from "../limits.ts";
import { codec, struct, text, type TypeOf, uint } from "./schema.ts";

/** Of `GuildContent.kind`. */
export const TEXT_KIND = "text";

export const guildTextCodec = codec(
  struct({
    /** Lamport time in the channel: one more than the largest that the author had seen there. */
    lamport: uint(CONTENT.maxLamport),
    sentAtMs: uint(TIME.maxMs),
    text: text(CONTENT.maxTextBytes),
  }),
  CONTENT.maxBodyBytes,
);
export type GuildText = TypeOf<typeof guildTextCodec>;
