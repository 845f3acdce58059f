/** The secret part of an invite link, which stands behind `#` and so never reaches a server: SPEC section 9. */
import { ok, refuse, type Result } from "../errors.ts";
import { INVITE, MAILBOX, NAME, TIME } from "../limits.ts";
import { fromBase64Url, toBase64Url } from "./base64url.ts";
import { spaceIdField, userIdField } from "./ids.ts";
import { bytes, codec, struct, text, type TypeOf, uint } from "./schema.ts";

const fields = {
  /** Whoever knows it may redeem the invite, once. */
  secret: bytes(INVITE.secretBytes),
  /** Who invites: the visitor's client speaks to nobody else. */
  user: userIdField,
  name: text(NAME.maxBytes),
  expiresAtMs: uint(TIME.maxMs),
} as const;

/** Where to introduce oneself while the inviter is away; the depositor's key follows from the secret. */
const mail = struct({
  server: text(MAILBOX.maxServerBytes),
  space: spaceIdField,
  secret: bytes(32),
  sealing: bytes(32),
});

const invite1 = codec(struct({ v: uint(1), ...fields }), INVITE.maxTokenBytes);
const invite2 = codec(struct({ v: uint(2), ...fields, mail }), INVITE.maxTokenBytes);

export type InviteToken = Omit<TypeOf<typeof invite1>, "v"> & { readonly mail: TypeOf<typeof mail> | null };

export function encodeInviteToken({ mail, ...token }: InviteToken): string {
  return toBase64Url(mail === null ? invite1.encode({ v: 1, ...token }) : invite2.encode({ v: 2, ...token, mail }));
}

export function decodeInviteToken(text: string): Result<InviteToken, "invite.broken"> {
  if (text.length > 2 * INVITE.maxTokenBytes) return refuse("invite.broken");
  const bytes = fromBase64Url(text);
  const token = bytes === null ? null : readToken(bytes);
  return token !== null && isShown(token.name) ? ok(token) : refuse("invite.broken");
}

function readToken(bytes: Uint8Array): InviteToken | null {
  const first = invite1.decode(bytes);
  if (first.ok) {
    const { v, ...token } = first.value;
    return v === 1 ? { ...token, mail: null } : null;
  }
  const second = invite2.decode(bytes);
  if (!second.ok) return null;
  const { v, ...token } = second.value;
  return v === 2 ? token : null;
}

/** A genuine name has no control and direction characters, by which another could be made to look like it. */
const isShown = (name: string): boolean => name.trim() !== "" && !/[\p{Cc}\p{Cf}]/u.test(name);
