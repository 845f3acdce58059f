/** A device certificate in its wire form: 168 bytes, SPEC section 3. Nothing in it is checked but its length. */
import { ok, refuse, type Result } from "../errors.ts";
import { bytesUint, concat, uintBytes } from "./bytes.ts";
import { bytes, type Field, mapped } from "./schema.ts";

export interface Certificate {
  /** The Ed25519 identity key, 32 bytes. */
  readonly user: Uint8Array;
  /** The device's Ed25519 signing key, 32 bytes. */
  readonly device: Uint8Array;
  /** The device's X25519 key, 32 bytes. */
  readonly dh: Uint8Array;
  readonly createdAtMs: number;
  /** By the identity key, 64 bytes. */
  readonly signature: Uint8Array;
}

export const CERTIFICATE_BYTES = 168;
const SIGNED_BYTES = 104;

/** The part that the identity key signs. */
export const certificateToSign = (certificate: Omit<Certificate, "signature">): Uint8Array =>
  concat(certificate.user, certificate.device, certificate.dh, uintBytes(certificate.createdAtMs, 8));

export const encodeCertificate = (certificate: Certificate): Uint8Array =>
  concat(certificateToSign(certificate), certificate.signature);

export function decodeCertificate(input: Uint8Array): Result<Certificate, "wire.wrong-shape"> {
  if (input.length !== CERTIFICATE_BYTES) return refuse("wire.wrong-shape");
  const createdAtMs = bytesUint(input.subarray(96, SIGNED_BYTES));
  if (!Number.isSafeInteger(createdAtMs)) return refuse("wire.wrong-shape");
  return ok({
    user: input.slice(0, 32),
    device: input.slice(32, 64),
    dh: input.slice(64, 96),
    createdAtMs,
    signature: input.slice(SIGNED_BYTES),
  });
}

export const certificateField: Field<Certificate> = mapped(
  bytes(CERTIFICATE_BYTES),
  encodeCertificate,
  decodeCertificate,
);
