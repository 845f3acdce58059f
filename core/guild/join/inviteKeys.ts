/** What the secret of a link is good for: joining, and opening doors. SPEC section 23. */
import { type DhKey, x25519Key } from "../../crypto/dh.ts";
import { hkdfSha256 } from "../../crypto/kdf.ts";
import { type KemKey, kemKey } from "../../crypto/kem.ts";
import { type Label, LABELS } from "../../crypto/labels.ts";
import { type SigningKey, signingKey } from "../../crypto/sign.ts";
import type { BodyOf } from "../../wire/opBody.ts";

export interface InviteKeys {
  /** Ed25519: signs redemptions. */
  readonly key: SigningKey;
  /** X25519. */
  readonly sealing: DhKey;
  /** ML-KEM-768. */
  readonly kem: KemKey;
}

const NO_SALT = new Uint8Array(0);

/** [JOIN8] `secret` is the 32 random bytes of the link. */
export function inviteKeys(secret: Uint8Array): InviteKeys {
  const derived = (label: Label, lengthBytes: number) => hkdfSha256(secret, NO_SALT, label, lengthBytes);
  return {
    key: signingKey(derived(LABELS.guildInviteSigning, 32)),
    sealing: x25519Key(derived(LABELS.guildInviteSealing, 32)),
    kem: kemKey(derived(LABELS.guildInviteKem, 64)),
  };
}

/** What the op says that makes the invite. */
export const inviteBody = (
  { key, sealing, kem }: InviteKeys,
  limits: Pick<BodyOf<"invite">, "maxUses" | "expiresAtMs">,
): BodyOf<"invite"> => ({
  t: "invite",
  key: key.publicKey,
  sealing: sealing.publicKey,
  kem: kem.publicKey,
  maxUses: limits.maxUses,
  expiresAtMs: limits.expiresAtMs,
});
