/** Device certificates: the person's identity key vouches for a device's two keys. SPEC section 3. */
import { LABELS } from "../crypto/labels.ts";
import { isX25519Key } from "../crypto/dh.ts";
import { isSigningKey, sign, type SigningKey, verify } from "../crypto/sign.ts";
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import { type DeviceId, deviceId, type UserId, userId } from "../ids.ts";
import { type Certificate, certificateToSign } from "../wire/certificate.ts";

declare const verified: unique symbol;

/** A certificate whose signature was checked: made by `verifyCertificate` alone. */
export interface VerifiedCertificate {
  readonly [verified]: true;
  readonly user: UserId;
  readonly device: DeviceId;
  readonly wire: Certificate;
}

/** `device` is the device's Ed25519 key, `dh` its X25519 key, both 32 bytes. */
export function issueCertificate(
  identity: SigningKey,
  device: Uint8Array,
  dh: Uint8Array,
  createdAtMs: number,
): Certificate {
  const unsigned = { user: identity.publicKey, device, dh, createdAtMs };
  return { ...unsigned, signature: sign(identity, LABELS.deviceCertificate, certificateToSign(unsigned)) };
}

/** [ID2] Who owns which device; refused when the signature is wrong or a key is not one ([KEY3]). */
export function verifyCertificate(
  certificate: Certificate,
): Result<VerifiedCertificate, Extract<Reason, "crypto.bad-key" | "crypto.bad-signature" | "wire.wrong-shape">> {
  const { user, signature } = certificate;
  if (!verify(user, signature, LABELS.deviceCertificate, certificateToSign(certificate))) {
    return refuse("crypto.bad-signature");
  }
  const { device: signing, dh } = certificate;
  if (!isSigningKey(user) || !isSigningKey(signing) || !isX25519Key(dh)) return refuse("crypto.bad-key");
  const owner = userId(user);
  const device = deviceId(certificate.device);
  if (!owner.ok) return owner;
  if (!device.ok) return device;
  return ok({ user: owner.value, device: device.value, wire: certificate } as VerifiedCertificate);
}
