/** The secret part of a link into a guild, which stands behind `#` and so never reaches a server: SPEC section 23. */
import { ok, refuse, type Result } from "../errors.ts";
import { GUILD, JOIN } from "../limits.ts";
import { fromBase64Url, toBase64Url } from "./base64url.ts";
import { guildIdField, opIdField } from "./ids.ts";
import { bytes, codec, list, struct, text, type TypeOf, uint } from "./schema.ts";

const link1 = codec(
  struct({
    v: uint(1),
    guild: guildIdField,
    /** The op that made the invite. */
    invite: opIdField,
    /** The keys of the invite follow from it. */
    secret: bytes(32),
    /** Where the door and the sealed log may be. */
    servers: list(text(GUILD.maxServerBytes), JOIN.maxServers),
  }),
  JOIN.maxTokenBytes,
);

export type GuildLink = Omit<TypeOf<typeof link1>, "v">;

/** Of many or long servers the first that fit. */
export function encodeGuildLink(link: GuildLink): string {
  const servers = link.servers.slice(0, JOIN.maxServers);
  for (;;) {
    const token = link1.encode({ v: 1, ...link, servers });
    if (token.length <= JOIN.maxTokenBytes) return toBase64Url(token);
    servers.pop();
  }
}

export function decodeGuildLink(token: string): Result<GuildLink, "invite.broken"> {
  const input = token.length > 2 * JOIN.maxTokenBytes ? null : fromBase64Url(token);
  if (input === null) return refuse("invite.broken");
  const read = link1.decode(input);
  if (!read.ok || !read.value.servers.every(isShown)) return refuse("invite.broken");
  const { v, ...link } = read.value;
  return v === 1 ? ok(link) : refuse("invite.broken");
}

/** A name of a server is shown before it is asked: without control and direction characters it is what it looks like. */
const isShown = (server: string): boolean => server.trim() !== "" && !/[\p{Cc}\p{Cf}]/u.test(server);
