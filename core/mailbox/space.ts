/** A space of one's own on a rendezvous: its keys, and the addresses by which others leave mail there. SPEC section 9a. */
import { type DhKey, x25519Key } from "../crypto/dh.ts";
import { hkdfSha256 } from "../crypto/kdf.ts";
import { LABELS } from "../crypto/labels.ts";
import { type SigningKey, signingKey } from "../crypto/sign.ts";
import { type EntryContext, signEntry, spaceIdOf } from "../crypto/spaceEntry.ts";
import { type DepositorId, depositorId, type SpaceId } from "../ids.ts";
import { MAILBOX } from "../limits.ts";
import type { MailAddress } from "../wire/mailAddress.ts";
import type { Grant } from "../wire/spaceRequest.ts";

export interface SpaceKeys {
  readonly id: SpaceId;
  /** Pseudonymous: made for this space, and known to no server or person as anybody's. */
  readonly owner: SigningKey;
  /** 32 bytes, told to everybody who gets an address. */
  readonly secret: Uint8Array;
  /** What mail is sealed to. */
  readonly sealing: DhKey;
}

const NO_SALT = new Uint8Array(0);

/** [MBX1] All keys of a space from its seed of 32 fresh random bytes. */
export function spaceKeys(seed: Uint8Array): SpaceKeys {
  const owner = signingKey(hkdfSha256(seed, NO_SALT, LABELS.spaceOwnerKey, 32));
  return {
    id: spaceIdOf(owner.publicKey),
    owner,
    secret: hkdfSha256(seed, NO_SALT, LABELS.spaceSecret, 32),
    sealing: x25519Key(hkdfSha256(seed, NO_SALT, LABELS.spaceSealing, 32)),
  };
}

/** [MBX2] The address for one contact or invite; `depositorSeed` is 32 fresh random bytes, never given to two. */
export const addressOf = (keys: SpaceKeys, server: string, depositorSeed: Uint8Array): MailAddress => ({
  server,
  space: keys.id,
  secret: keys.secret,
  sealing: keys.sealing.publicKey,
  depositor: depositorSeed,
});

export function depositorOf({ depositor }: Pick<MailAddress, "depositor">): DepositorId {
  const id = depositorId(signingKey(depositor).publicKey);
  if (!id.ok) throw new Error("an Ed25519 key has 32 bytes");
  return id.value;
}

/** [MBX3] What the owner lets a contact do, or whoever holds an invite until it ends. */
export const grantOf = (address: Pick<MailAddress, "depositor">, inviteExpiresAtMs: number | null): Grant =>
  grantTo(depositorOf(address), inviteExpiresAtMs);

export const grantTo = (depositor: DepositorId, inviteExpiresAtMs: number | null): Grant => ({
  depositor,
  ...(inviteExpiresAtMs === null ? MAILBOX.contactGrant : MAILBOX.inviteGrant),
  expiresAtMs: inviteExpiresAtMs,
});

/** [MBX7] The first word of the space's owner on a stream. */
export const ownerEntry = ({ owner, id }: SpaceKeys, context: EntryContext): Uint8Array =>
  signEntry(owner, "owner", id, context);

/** [MBX7] The first word on a stream of whoever holds the address. */
export const depositorEntry = ({ depositor, space }: MailAddress, context: EntryContext): Uint8Array =>
  signEntry(signingKey(depositor), "depositor", space, context);
