/** Content of channels for tests: by people by name, under whatever heads they choose to name. */
import { contentIdOf, type ReceivedContent } from "../../core/guild/contentChain.ts";
import type { ChannelId } from "../../core/ids.ts";
import type { LoggedOp } from "../../core/log/log.ts";
import { CONTENT_VERSION, encodeGuildContent, type GuildContent } from "../../core/wire/guildContent.ts";
import type { BodyOf } from "../../core/wire/opBody.ts";
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

/** The same with its id, after another one of the chain. */
export function linked(content: GuildContent, before: ReceivedContent | null): ReceivedContent {
  const placed = { ...content, previous: before?.id ?? null };
  return { id: contentIdOf(encodeGuildContent(placed)), content: placed };
}

/** As many as there are words, each after the one before. */
export function chainOf(
  device: string,
  channel: ChannelId,
  heads: readonly LoggedOp[],
  words: readonly string[],
  before: ReceivedContent | null = null,
): readonly ReceivedContent[] {
  const chain: ReceivedContent[] = [];
  for (const body of words) {
    const last = chain.at(-1) ?? before;
    chain.push(linked(said(device, channel, heads, { seq: (last?.content.seq ?? 0) + 1, body }), last));
  }
  return chain;
}

/** What a removal says of the last content that was seen. */
export const lastSeen = (
  { id, content: { channel, device, seq } }: ReceivedContent,
): BodyOf<"remove">["seen"][number] => ({
  channel,
  device,
  seq,
  id,
});
