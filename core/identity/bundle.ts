/** Prekey bundles as their readers see them: from wire form to checked form. SPEC section 3. */
import { isX25519Key } from "../crypto/dh.ts";
import { isKemKey } from "../crypto/kem.ts";
import { LABELS } from "../crypto/labels.ts";
import { verify } from "../crypto/sign.ts";
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import type { UserId } from "../ids.ts";
import { PREKEYS } from "../limits.ts";
import { type Bundle, bundleToSign } from "../wire/bundle.ts";
import { type VerifiedCertificate, verifyCertificate } from "./certificate.ts";

declare const verified: unique symbol;

/** A bundle whose certificate, owner, signature and age were checked: made by `verifyBundle` alone. */
export interface VerifiedBundle {
  readonly [verified]: true;
  readonly peer: VerifiedCertificate;
  readonly wire: Bundle;
}

export type BundleReason = Extract<
  Reason,
  "crypto.bad-key" | "crypto.bad-signature" | "wire.wrong-shape" | "identity.wrong-user" | "identity.stale-bundle"
>;

/**
 * [ID5] The bundle of a device of `expectedUser`. Refused when another person's, when a signature is wrong, when a key is
 * not one ([KEY3]), and when so old that its signed prekey may be deleted.
 */
export function verifyBundle(
  bundle: Bundle,
  expectedUser: UserId,
  nowMs: number,
): Result<VerifiedBundle, BundleReason> {
  const certificate = verifyCertificate(bundle.certificate);
  if (!certificate.ok) return certificate;
  if (certificate.value.user !== expectedUser) return refuse("identity.wrong-user");
  const { signature } = bundle;
  if (!verify(bundle.certificate.device, signature, LABELS.prekeyBundle, bundleToSign(bundle))) {
    return refuse("crypto.bad-signature");
  }
  const keys = bundle.oneTime === null ? [bundle.signed.dh] : [bundle.signed.dh, bundle.oneTime.dh];
  if (!keys.every(isX25519Key) || !isKemKey(bundle.kem)) return refuse("crypto.bad-key");
  if (nowMs - bundle.createdAtMs > PREKEYS.signedGraceMs) return refuse("identity.stale-bundle");
  return ok({ peer: certificate.value, wire: bundle } as VerifiedBundle);
}
