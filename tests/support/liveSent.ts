/** What is said between two devices of a guild, named: for tests that lose some of it, or look for it. */
import { contentSyncCodec } from "../../core/wire/contentSync.ts";
import { type GuildFrame, guildFrameCodec } from "../../core/wire/guildFrame.ts";
import { guildKeysCodec } from "../../core/wire/guildKeys.ts";
import { type GuildTold, guildToldCodec } from "../../core/wire/guildTold.ts";
import { logSyncCodec, type LogSyncFrame } from "../../core/wire/logSync.ts";
import type { ContentSyncFrame } from "../../core/wire/contentSync.ts";
import type { GuildKeysFrame } from "../../core/wire/guildKeys.ts";
import type { Sent } from "./liveStage.ts";
import { must } from "./world.ts";

/** "log ops", "content push", "keys chain", "profile", "deals" or "deal". */
export function nameOf({ kind, bytes }: Pick<Sent, "kind" | "bytes">): string {
  const outer = kind === "frame" ? must(guildFrameCodec.decode(bytes)) : must(guildToldCodec.decode(bytes));
  switch (outer.t) {
    case "log":
      return `log ${must(logSyncCodec.decode(outer.body)).t}`;
    case "content":
      return `content ${must(contentSyncCodec.decode(outer.body)).t}`;
    case "keys":
      return `keys ${must(guildKeysCodec.decode(outer.body)).t}`;
    default:
      return outer.t;
  }
}

const frame = (t: GuildFrame["t"], body: Uint8Array): Uint8Array => guildFrameCodec.encode({ t, body });
export const logFrameOf = (inner: LogSyncFrame): Uint8Array => frame("log", logSyncCodec.encode(inner));
export const contentFrameOf = (inner: ContentSyncFrame): Uint8Array => frame("content", contentSyncCodec.encode(inner));

const told = (t: GuildTold["t"], body: Uint8Array): Uint8Array => guildToldCodec.encode({ t, body });
export const keysToldOf = (inner: GuildKeysFrame): Uint8Array => told("keys", guildKeysCodec.encode(inner));
export const dealToldOf = (bytes: Uint8Array): Uint8Array => told("deal", bytes);

export const contentOf = ({ bytes }: Pick<Sent, "bytes">): ContentSyncFrame =>
  must(contentSyncCodec.decode(must(guildFrameCodec.decode(bytes)).body));
export const logOf = ({ bytes }: Pick<Sent, "bytes">): LogSyncFrame =>
  must(logSyncCodec.decode(must(guildFrameCodec.decode(bytes)).body));
export const keysOf = ({ bytes }: Pick<Sent, "bytes">): GuildKeysFrame =>
  must(guildKeysCodec.decode(must(guildToldCodec.decode(bytes)).body));
