/**
 * Mail as a server keeps it: version 1 | ephemeral key 32 | ciphertext. What is in it: kind 1 | sender's UserId 32 |
 * sender's DeviceId 32 | envelopes, each behind its length of 2 bytes. Binary, because every message has both, and
 * several to a piece of mail, because a piece has one of two lengths however little is in it. SPEC section 9a.
 */
import { ok, refuse, type Result } from "../errors.ts";
import { type DeviceId, deviceId, fromHex, type UserId, userId } from "../ids.ts";
import { MAILBOX } from "../limits.ts";
import { bytesUint, concat } from "./bytes.ts";
import type { WireReason } from "./schema.ts";

export interface SealedMail {
  /** Version and ephemeral key: covered by the seal. */
  readonly head: Uint8Array;
  /** X25519, 32 bytes. */
  readonly ephemeral: Uint8Array;
  readonly ciphertext: Uint8Array;
}

const VERSION = 1;
export const SEALED_HEAD_BYTES = 33;
const TAG_BYTES = 16;

export const sealedHead = (ephemeral: Uint8Array): Uint8Array => concat(Uint8Array.of(VERSION), ephemeral);

/** The lengths that sealed mail can have, the smallest first. */
export const SEALED_LENGTHS: readonly number[] = MAILBOX.bucketsBytes.map((size) =>
  SEALED_HEAD_BYTES + size + TAG_BYTES
);

/** Views into `input`, no copies. Only padded lengths are taken, by a server too. */
export function decodeSealedMail(input: Uint8Array): Result<SealedMail, WireReason> {
  if (input.length > Math.max(...SEALED_LENGTHS)) return refuse("wire.too-large");
  if (input.length === 0) return refuse("wire.malformed");
  if (input[0] !== VERSION) return refuse("wire.unknown-version");
  if (!SEALED_LENGTHS.includes(input.length)) return refuse("wire.malformed");
  return ok({
    head: input.subarray(0, SEALED_HEAD_BYTES),
    ephemeral: input.subarray(1, SEALED_HEAD_BYTES),
    ciphertext: input.subarray(SEALED_HEAD_BYTES),
  });
}

export interface Mail {
  /** Whose session, or whose sender chain, opens the envelopes. */
  readonly kind: "pairwise" | "group";
  readonly user: UserId;
  readonly device: DeviceId;
  /** In the order in which they were sealed; one at least. */
  readonly envelopes: readonly Uint8Array[];
}

const KIND = { pairwise: 1, group: 2 } as const;
const USER_AT = 1;
const DEVICE_AT = 33;
const ENVELOPES_AT = 65;
const LENGTH_BYTES = 2;

/** Bytes of mail before it is padded. */
export const mailBytes = (envelopes: readonly Uint8Array[]): number =>
  envelopes.reduce((sum, { length }) => sum + LENGTH_BYTES + length, ENVELOPES_AT);

export const encodeMail = ({ kind, user, device, envelopes }: Mail): Uint8Array =>
  concat(
    Uint8Array.of(KIND[kind]),
    fromHex(user),
    fromHex(device),
    ...envelopes.flatMap((envelope) => [uint16(envelope.length), envelope]),
  );

const uint16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);

export function decodeMail(input: Uint8Array): Result<Mail, WireReason> {
  if (input.length <= ENVELOPES_AT) return refuse("wire.malformed");
  const kind = input[0] === KIND.pairwise ? "pairwise" : input[0] === KIND.group ? "group" : null;
  if (kind === null) return refuse("wire.malformed");
  const user = userId(input.subarray(USER_AT, DEVICE_AT));
  const device = deviceId(input.subarray(DEVICE_AT, ENVELOPES_AT));
  if (!user.ok) return user;
  if (!device.ok) return device;
  const envelopes = decodeEnvelopes(input.subarray(ENVELOPES_AT));
  return envelopes.ok ? ok({ kind, user: user.value, device: device.value, envelopes: envelopes.value }) : envelopes;
}

function decodeEnvelopes(input: Uint8Array): Result<readonly Uint8Array[], WireReason> {
  const envelopes: Uint8Array[] = [];
  for (let at = 0; at < input.length;) {
    if (envelopes.length === MAILBOX.maxInOneMail) return refuse("wire.too-large");
    const length = at + LENGTH_BYTES <= input.length ? bytesUint(input.subarray(at, at + LENGTH_BYTES)) : 0;
    const end = at + LENGTH_BYTES + length;
    if (length === 0 || end > input.length) return refuse("wire.malformed");
    envelopes.push(input.slice(at + LENGTH_BYTES, end));
    at = end;
  }
  return ok(envelopes);
}
