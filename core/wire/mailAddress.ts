/** Where one contact, or whoever holds one invite, leaves mail for a person: SPEC section 9a. */
import { ok, refuse, type Result } from "../errors.ts";
import { MAILBOX } from "../limits.ts";
import { spaceIdField } from "./ids.ts";
import { bytes, codec, struct, text, type TypeOf, uint, type WireReason } from "./schema.ts";

const VERSION = 1;

const fields = {
  /** The origin of the rendezvous that keeps the space: where clients find it. */
  server: text(MAILBOX.maxServerBytes),
  space: spaceIdField,
  /** Opens the space's prekey bundles, and is part of every seal. The same for all who have an address of the space. */
  secret: bytes(32),
  /** X25519 key that mail is sealed to. */
  sealing: bytes(32),
  /** Seed of the Ed25519 key by which this depositor, and nobody else, signs. */
  depositor: bytes(32),
} as const;

/** As part of a record. */
export const mailAddressField = struct(fields);
export type MailAddress = TypeOf<typeof mailAddressField>;

const address = codec(struct({ v: uint(0xff), ...fields }), MAILBOX.maxAddressBytes);

export const encodeMailAddress = (value: MailAddress): Uint8Array => address.encode({ v: VERSION, ...value });

export function decodeMailAddress(bytes: Uint8Array): Result<MailAddress, WireReason> {
  const decoded = address.decode(bytes);
  if (!decoded.ok) return decoded;
  const { v, ...value } = decoded.value;
  return v === VERSION ? ok(value) : refuse("wire.unknown-version");
}
