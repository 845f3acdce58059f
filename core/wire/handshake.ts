/** What an initiator tells the responder in front of each message until the first reply: 1,296 bytes, SPEC section 5. */
import { ok, refuse, type Result } from "../errors.ts";
import { bytesUint, concat, uintBytes } from "./bytes.ts";
import { type Certificate, CERTIFICATE_BYTES, decodeCertificate, encodeCertificate } from "./certificate.ts";

export interface Handshake {
  readonly certificate: Certificate;
  /** The initiator's X25519 key of this handshake alone, 32 bytes. */
  readonly ephemeral: Uint8Array;
  readonly signedId: number;
  readonly oneTimeId: number | null;
  /** 1,088 bytes, for the KEM key of the one-time prekey, or of the signed one where there is no one-time prekey. */
  readonly kemCiphertext: Uint8Array;
}

const EPHEMERAL_AT = CERTIFICATE_BYTES;
const SIGNED_ID_AT = EPHEMERAL_AT + 32;
const ONE_TIME_ID_AT = SIGNED_ID_AT + 4;
const KEM_AT = ONE_TIME_ID_AT + 4;
export const HANDSHAKE_BYTES = KEM_AT + 1088;

export const encodeHandshake = (handshake: Handshake): Uint8Array =>
  concat(
    encodeCertificate(handshake.certificate),
    handshake.ephemeral,
    uintBytes(handshake.signedId, 4),
    uintBytes(handshake.oneTimeId ?? 0, 4),
    handshake.kemCiphertext,
  );

export function decodeHandshake(input: Uint8Array): Result<Handshake, "wire.wrong-shape"> {
  if (input.length !== HANDSHAKE_BYTES) return refuse("wire.wrong-shape");
  const certificate = decodeCertificate(input.subarray(0, CERTIFICATE_BYTES));
  if (!certificate.ok) return certificate;
  const oneTimeId = bytesUint(input.subarray(ONE_TIME_ID_AT, KEM_AT));
  return ok({
    certificate: certificate.value,
    ephemeral: input.slice(EPHEMERAL_AT, SIGNED_ID_AT),
    signedId: bytesUint(input.subarray(SIGNED_ID_AT, ONE_TIME_ID_AT)),
    oneTimeId: oneTimeId === 0 ? null : oneTimeId,
    kemCiphertext: input.slice(KEM_AT),
  });
}
