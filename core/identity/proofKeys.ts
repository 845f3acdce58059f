/** What the two ends of a device proof compute from their conversation. SPEC section 4. */
import { chachaPoly } from "../crypto/aead.ts";
import { hkdfSha256, hmacSha256, sha256 } from "../crypto/kdf.ts";
import { LABELS } from "../crypto/labels.ts";
import { sign, verify } from "../crypto/sign.ts";
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import { fromHex, type PeerId, type Topic } from "../ids.ts";
import { framed } from "../wire/bytes.ts";
import { proofSecretCodec } from "../wire/proof.ts";
import type { WireReason } from "../wire/schema.ts";
import { utf8 } from "../wire/text.ts";
import { type VerifiedCertificate, verifyCertificate } from "./certificate.ts";
import type { LocalDevice } from "./identity.ts";

export type ProofRole = "initiator" | "responder";

/** What both ends agree on after two frames, and what they derive from it. */
export interface Conversation {
  /** Both PeerIds, both nonces, topic: framed, the initiator's first. */
  readonly transcript: Uint8Array;
  readonly secret: Uint8Array;
}

interface Parties {
  readonly initiator: PeerId;
  readonly responder: PeerId;
  /** The initiator's, then the responder's: 32 bytes each. */
  readonly nonces: readonly [Uint8Array, Uint8Array];
  readonly topic: Topic;
  readonly secret: Uint8Array;
}

export const conversation = ({ initiator, responder, nonces, topic, secret }: Parties): Conversation => ({
  transcript: framed(utf8(initiator), utf8(responder), ...nonces, fromHex(topic)),
  secret,
});

const NO_SALT = new Uint8Array(0);
/** Each sealing key depends on both fresh nonces and the role, so it seals once. */
const ONLY_NONCE = new Uint8Array(chachaPoly.nonceBytes);

/** [PROOF2] 32 bytes that only a holder of the topic's secret can make, for this role in this conversation. */
export function proofMac({ transcript, secret }: Conversation, role: ProofRole): Uint8Array {
  const key = hkdfSha256(secret, NO_SALT, LABELS.proofMac, 32);
  return hmacSha256(key, framed(utf8(LABELS.proofMac), utf8(role), transcript));
}

/** [PROOF3] The device's certificate and its signature over the conversation, for the other end's eyes only. */
export function sealCertificate(talk: Conversation, role: ProofRole, device: LocalDevice): Uint8Array {
  const signature = sign(device.signing, LABELS.proofSignature, utf8(role), talk.transcript);
  const secret = proofSecretCodec.encode({ certificate: device.certificate, signature });
  return chachaPoly.seal(sealingKey(talk, role), ONLY_NONCE, secret, utf8(role));
}

/** [PROOF4] Opens and checks what `role` sealed. */
export function openCertificate(
  talk: Conversation,
  role: ProofRole,
  sealed: Uint8Array,
): Result<VerifiedCertificate, WireReason | Extract<Reason, "crypto.not-authentic" | "proof.bad-signature">> {
  const opened = chachaPoly.open(sealingKey(talk, role), ONLY_NONCE, sealed, utf8(role));
  if (!opened.ok) return opened;
  const secret = proofSecretCodec.decode(opened.value);
  if (!secret.ok) return secret;
  const { certificate, signature } = secret.value;
  if (!verify(certificate.device, signature, LABELS.proofSignature, utf8(role), talk.transcript)) {
    return refuse("proof.bad-signature");
  }
  const verified = verifyCertificate(certificate);
  return verified.ok ? ok(verified.value) : refuse("proof.bad-signature");
}

const sealingKey = ({ transcript, secret }: Conversation, role: ProofRole): Uint8Array =>
  hkdfSha256(secret, sha256(transcript), framed(utf8(LABELS.proofSeal), utf8(role)), 32);
