/** The secret part of an invite link, which stands behind `#` and so never reaches a server: SPEC section 9. */
import { refuse, type Result } from "../errors.ts";
import { INVITE, NAME, TIME } from "../limits.ts";
import { fromBase64Url, toBase64Url } from "./base64url.ts";
import { userIdField } from "./ids.ts";
import { bytes, codec, struct, text, type TypeOf, uint } from "./schema.ts";

const VERSION = 1;

const invite = codec(
  struct({
    v: uint(VERSION),
    /** Whoever knows it may redeem the invite, once. */
    secret: bytes(INVITE.secretBytes),
    /** Who invites: the visitor's client speaks to nobody else. */
    user: userIdField,
    name: text(NAME.maxBytes),
    expiresAtMs: uint(TIME.maxMs),
  }),
  INVITE.maxTokenBytes,
);

export type InviteToken = Omit<TypeOf<typeof invite>, "v">;

export const encodeInviteToken = (token: InviteToken): string => toBase64Url(invite.encode({ v: VERSION, ...token }));

export function decodeInviteToken(text: string): Result<InviteToken, "invite.broken"> {
  if (text.length > 2 * INVITE.maxTokenBytes) return refuse("invite.broken");
  const bytes = fromBase64Url(text);
  const decoded = bytes === null ? null : invite.decode(bytes);
  return decoded?.ok && isShown(decoded.value.name) ? decoded : refuse("invite.broken");
}

/** A genuine name has no control and direction characters, by which another could be made to look like it. */
const isShown = (name: string): boolean => name.trim() !== "" && !/[\p{Cc}\p{Cf}]/u.test(name);
