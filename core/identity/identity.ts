/** A person's identity key and this device's keys. SPEC section 3. */
import { type DhKey, x25519Key } from "../crypto/dh.ts";
import { type SigningKey, signingKey } from "../crypto/sign.ts";
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import type { DeviceId, UserId } from "../ids.ts";
import type { Env } from "../ports.ts";
import { sameBytes } from "../wire/bytes.ts";
import type { Certificate } from "../wire/certificate.ts";
import { identityRecord } from "../wire/identityRecord.ts";
import { issueCertificate, verifyCertificate } from "./certificate.ts";

export interface LocalDevice {
  readonly user: UserId;
  readonly id: DeviceId;
  readonly signing: SigningKey;
  readonly dh: DhKey;
  readonly certificate: Certificate;
}

export interface Identity {
  readonly identity: SigningKey;
  readonly device: LocalDevice;
}

/** A new person with a first device. */
export function createIdentity({ nowMs, rng }: Env): Identity {
  const identity = signingKey(rng.bytes(32));
  const signing = signingKey(rng.bytes(32));
  const dh = x25519Key(rng.bytes(32));
  const certificate = issueCertificate(identity, signing.publicKey, dh.publicKey, nowMs);
  const verified = verifyCertificate(certificate);
  if (!verified.ok) throw new Error("a certificate that was just signed does not verify");
  return { identity, device: { user: verified.value.user, id: verified.value.device, signing, dh, certificate } };
}

export const encodeIdentity = ({ identity, device }: Identity): Uint8Array =>
  identityRecord.encode({
    identity: identity.secret,
    signing: device.signing.secret,
    dh: device.dh.secret,
    certificate: device.certificate,
  });

/** Refuses a record whose secrets are not those that its certificate names. */
export function decodeIdentity(bytes: Uint8Array): Result<Identity, Reason> {
  const record = identityRecord.decode(bytes);
  if (!record.ok) return record;
  const { certificate } = record.value;
  const verified = verifyCertificate(certificate);
  if (!verified.ok) return verified;
  const identity = signingKey(record.value.identity);
  const signing = signingKey(record.value.signing);
  const dh = x25519Key(record.value.dh);
  const own = sameBytes(identity.publicKey, certificate.user) && sameBytes(signing.publicKey, certificate.device) &&
    sameBytes(dh.publicKey, certificate.dh);
  if (!own) return refuse("identity.wrong-device");
  return ok({ identity, device: { user: verified.value.user, id: verified.value.device, signing, dh, certificate } });
}
