/** Signed ops: making them, and the checked form of those that others made. SPEC section 17. */
import { sha256 } from "../crypto/kdf.ts";
import { LABELS } from "../crypto/labels.ts";
import { isSigningKey, sign, type SigningKey, verify } from "../crypto/sign.ts";
import { verifyOften } from "../crypto/verifyOften.ts";
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import { type DeviceId, fromHex, type GuildId, type OpId, opId, type UserId, userId } from "../ids.ts";
import { verifyCertificate } from "../identity/certificate.ts";
import { framed } from "../wire/bytes.ts";
import type { Certificate } from "../wire/certificate.ts";
import { type Op, OP_VERSION, opCodec, signedOpCodec } from "../wire/op.ts";
import { decodeOpBody, encodeOpBody, type OpBody, type UnknownBody } from "../wire/opBody.ts";
import { utf8 } from "../wire/text.ts";

declare const verified: unique symbol;

/** An op whose shape, author and signature were checked, and that follows its device's op before. */
export interface VerifiedOp {
  readonly [verified]: true;
  readonly id: OpId;
  readonly op: Op;
  readonly body: OpBody | UnknownBody;
  readonly author: UserId;
  /** When the device's certificate was made: it tells devices of one person apart by age. */
  readonly deviceCreatedAtMs: number;
  /** As they came: to be kept and passed on. */
  readonly bytes: Uint8Array;
}

/** [LOG2] The name of an op: nothing of its signature is in it. */
export function opIdOf(op: Uint8Array): OpId {
  const id = opId(sha256(framed(utf8(LABELS.opId), op)));
  if (!id.ok) throw new Error("a SHA-256 has 32 bytes");
  return id.value;
}

/** Where an op of ours stands: all but what it says. */
export type Placed = Pick<Op, "guild" | "device" | "previous" | "parents" | "seq">;

/** The bytes of an op by the device whose key this is. */
export function signOp(key: SigningKey, placed: Placed, body: OpBody): Uint8Array {
  const parents = placed.parents.toSorted();
  const op = opCodec.encode({ ...placed, parents, v: OP_VERSION, type: body.t, body: encodeOpBody(body) });
  return signedOpCodec.encode({ op, signature: sign(key, LABELS.opSignature, op) });
}

/** What the key of an invite signs, so that its holder, and nobody who looks on, joins. */
const redemption = (guild: GuildId, invite: OpId, user: UserId, device: DeviceId) =>
  [fromHex(guild), fromHex(invite), fromHex(user), fromHex(device)] as const;

export const signRedemption = (key: SigningKey, guild: GuildId, invite: OpId, user: UserId, device: DeviceId) =>
  sign(key, LABELS.guildRedeem, ...redemption(guild, invite, user, device));

/** An op whose shape and place are right, of which nobody knows yet who made it. */
export interface DecodedOp {
  readonly id: OpId;
  readonly op: Op;
  readonly body: OpBody | UnknownBody;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  readonly bytes: Uint8Array;
}

export type OpReason = Extract<Reason, `wire.${string}` | `log.${string}` | `crypto.${string}`>;

/** [LOG1] [LOG3] What can be told from the bytes alone. */
export function decodeOp(bytes: Uint8Array): Result<DecodedOp, OpReason> {
  const read = readOp(bytes);
  return read.ok ? ok({ id: opIdOf(read.value.signed), ...read.value }) : read;
}

function readOp(bytes: Uint8Array): Result<Omit<DecodedOp, "id">, OpReason> {
  const outer = signedOpCodec.decode(bytes);
  if (!outer.ok) return outer;
  const { op: signed, signature } = outer.value;
  const inner = opCodec.decode(signed);
  if (!inner.ok) return inner;
  const op = inner.value;
  const body = op.v === OP_VERSION ? decodeOpBody(op.type, op.body) : ok({ t: "unknown" } as const);
  if (!body.ok) return body;
  if (!isPlaced(op, body.value)) return refuse("log.bad-link");
  return ok({ op, body: body.value, signed, signature, bytes });
}

function isPlaced({ guild, previous, parents, seq }: Op, body: OpBody | UnknownBody): boolean {
  const isAscending = parents.every((id, at) => at === 0 || parents[at - 1]! < id);
  if (!isAscending || (previous !== null && parents.includes(previous))) return false;
  if ((previous === null) !== (seq === 1)) return false;
  const isFirst = guild === null;
  if (isFirst !== (body.t === "genesis")) return false;
  return isFirst ? previous === null && parents.length === 0 : previous !== null || parents.length > 0;
}

/** Every op that this one follows directly. */
export const linksOf = ({ previous, parents }: Op): readonly OpId[] =>
  previous === null ? parents : [previous, ...parents];

/** [LOG4] [LOG5] [LOG6] `previous` is the checked op that is named so, or `null` where none is named. */
export function verifyOp(
  decoded: DecodedOp,
  previous: VerifiedOp | null,
  guild: GuildId | null,
): Result<VerifiedOp, OpReason> {
  const { op, body } = decoded;
  if (op.guild !== guild) return refuse("log.wrong-guild");
  const author = previous === null ? introduced(op, body) : continued(op, previous);
  if (!author.ok) return author;
  if (!verifyOften(fromHex(op.device), decoded.signature, LABELS.opSignature, decoded.signed)) {
    return refuse("crypto.bad-signature");
  }
  if (body.t === "redeem" && guild !== null) {
    const parts = redemption(guild, body.invite, author.value.author, op.device);
    if (!isSigningKey(body.key)) return refuse("crypto.bad-key");
    if (!verify(body.key, body.proof, LABELS.guildRedeem, ...parts)) return refuse("crypto.bad-signature");
  }
  const { id, bytes } = decoded;
  return ok({ id, op, body, ...author.value, bytes } as VerifiedOp);
}

declare const stored: unique symbol;

/** An op from the store of this device, under the id by which it was written there: it was verified before that. */
export type StoredOp = Pick<VerifiedOp, "id" | "bytes"> & { readonly [stored]: true };

/** For records that nobody but this device can have written: no signature of them is checked any more. */
export const fromOwnStore = (id: OpId, bytes: Uint8Array): StoredOp => ({ id, bytes }) as StoredOp;

/** As `verifyOp` says of the same bytes. */
export function restoreOp(
  { id, bytes }: StoredOp,
  opOf: (id: OpId) => VerifiedOp | undefined,
): Result<VerifiedOp, OpReason> {
  const read = readOp(bytes);
  if (!read.ok) return read;
  const { op, body } = read.value;
  const previous = op.previous === null ? null : opOf(op.previous) ?? null;
  const author = previous === null ? restored(body) : continued(op, previous);
  return author.ok ? ok({ id, op, body, ...author.value, bytes } as VerifiedOp) : author;
}

function restored(body: OpBody | UnknownBody): Result<Author, OpReason> {
  const certificate = certificateOf(body);
  if (certificate === null) return refuse("log.no-certificate");
  const author = userId(certificate.user);
  return author.ok ? ok({ author: author.value, deviceCreatedAtMs: certificate.createdAtMs }) : author;
}

type Author = Pick<VerifiedOp, "author" | "deviceCreatedAtMs">;

function continued(op: Op, previous: VerifiedOp): Result<Author, OpReason> {
  if (previous.id !== op.previous || previous.op.seq !== op.seq - 1) return refuse("log.bad-link");
  if (previous.op.device !== op.device) return refuse("log.wrong-author");
  return ok({ author: previous.author, deviceCreatedAtMs: previous.deviceCreatedAtMs });
}

function introduced(op: Op, body: OpBody | UnknownBody): Result<Author, OpReason> {
  if (op.previous !== null) return refuse("log.bad-link");
  const certificate = certificateOf(body);
  if (certificate === null) return refuse("log.no-certificate");
  const checked = verifyCertificate(certificate);
  if (!checked.ok) return checked;
  if (checked.value.device !== op.device) return refuse("log.wrong-author");
  return ok({ author: checked.value.user, deviceCreatedAtMs: certificate.createdAtMs });
}

const certificateOf = (body: OpBody | UnknownBody): Certificate | null =>
  body.t === "genesis" || body.t === "device" || body.t === "redeem" ? body.certificate : null;
