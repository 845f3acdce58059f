/** Content of channels for tests: by people by name, under whatever heads they choose to name. */
import type { ChannelId } from "../../core/ids.ts";
import type { LoggedOp } from "../../core/log/log.ts";
import { CONTENT_VERSION, type GuildContent } from "../../core/wire/guildContent.ts";
import { utf8 } from "../../core/wire/text.ts";
import { deviceNamed } from "./guild.ts";

export const NO_CLAIMS: GuildContent["claims"] = {
  mentionsEveryone: false,
  attaches: false,
  playsSound: false,
  deletes: null,
  mutes: null,
};

export interface Saying {
  readonly seq?: number;
  readonly claims?: Partial<GuildContent["claims"]>;
  readonly body?: string;
}

/** What the device says under these heads; number 1 if none is given. `previous` is left out: it is looked at elsewhere. */
export const said = (
  device: string,
  channel: ChannelId,
  heads: readonly LoggedOp[],
  { seq = 1, claims, body = "hello" }: Saying = {},
): GuildContent => ({
  v: CONTENT_VERSION,
  kind: "text",
  channel,
  device: deviceNamed(device),
  seq,
  previous: null,
  heads: heads.map(({ id }) => id).toSorted(),
  claims: { ...NO_CLAIMS, ...claims },
  body: utf8(body),
});
