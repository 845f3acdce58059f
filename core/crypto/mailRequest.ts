/**
 * Requests to a space: how they are signed, and what a server that knows no accounts can check. It remembers nothing
 * about keys: each connection begins with a fresh challenge of the server's, every request is signed over it, and numbers
 * go up, so no request is good twice, nor on another connection, nor at another server. SPEC section 9a.
 */
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import { type EnvelopeId, envelopeId, type SpaceId, spaceId } from "../ids.ts";
import { framed } from "../wire/bytes.ts";
import {
  isOwnerRequest,
  type MailRequest,
  requestToSign,
  type SignedRequest,
  signedRequestCodec,
  type UnsignedRequest,
} from "../wire/mailRequest.ts";
import type { WireReason } from "../wire/schema.ts";
import { utf8 } from "../wire/text.ts";
import { sha256 } from "./kdf.ts";
import { LABELS } from "./labels.ts";
import { sign, type SigningKey, verify } from "./sign.ts";

/** Where a request is good. */
export interface MailConnection {
  /** The server's name, as it stands in addresses. */
  readonly server: string;
  /** 32 bytes, the server's first word. */
  readonly challenge: Uint8Array;
}

declare const verified: unique symbol;

/** A request whose number, signer and signature were checked: made by `verifyRequest` alone. */
export type VerifiedRequest = SignedRequest & { readonly [verified]: true };

/** [MBX1] The id of the space that `ownerKey` owns. */
export function spaceIdOf(ownerKey: Uint8Array): SpaceId {
  const id = spaceId(sha256(framed(utf8(LABELS.space), ownerKey)));
  if (!id.ok) throw new Error("a SHA-256 has 32 bytes");
  return id.value;
}

/** The name of sealed mail, by which it is acknowledged, and a copy of it known. */
export function envelopeIdOf(sealed: Uint8Array): EnvelopeId {
  const id = envelopeId(sha256(sealed).slice(0, 16));
  if (!id.ok) throw new Error("an envelope id has 16 bytes");
  return id.value;
}

const labelOf = (request: MailRequest) => isOwnerRequest(request) ? LABELS.spaceOwner : LABELS.spaceDepositor;

const signedParts = ({ server, challenge }: MailConnection, request: UnsignedRequest) =>
  [utf8(server), challenge, requestToSign(request)] as const;

/** [MBX7] The bytes of a request; `number` is larger than that of any before on this connection. */
export function signRequest(
  key: SigningKey,
  connection: MailConnection,
  { space, number, request }: Omit<UnsignedRequest, "signer">,
): Uint8Array {
  const unsigned = { space, signer: key.publicKey, number, request };
  const signature = sign(key, labelOf(request), ...signedParts(connection, unsigned));
  return signedRequestCodec.encode({ ...unsigned, signature });
}

/**
 * [MBX8] What a server checks before it looks anything up; `lastNumber` is that of the last request that passed on this
 * connection, 0 at first. Whether a depositor is registered, and its quota, are the server's next question.
 */
export function verifyRequest(
  bytes: Uint8Array,
  connection: MailConnection,
  lastNumber: number,
): Result<VerifiedRequest, WireReason | Extract<Reason, "mail.replayed" | "mail.not-owner" | "crypto.bad-signature">> {
  const decoded = signedRequestCodec.decode(bytes);
  if (!decoded.ok) return decoded;
  const { space, signer, number, request, signature } = decoded.value;
  if (number <= lastNumber) return refuse("mail.replayed");
  if (isOwnerRequest(request) && spaceIdOf(signer) !== space) return refuse("mail.not-owner");
  const isSigned = verify(signer, signature, labelOf(request), ...signedParts(connection, decoded.value));
  return isSigned ? ok(decoded.value as VerifiedRequest) : refuse("crypto.bad-signature");
}
