/**
 * Doors: a deal, sealed to whoever holds the link of an invite, for anybody to keep. Each deal gets new doors for all
 * invites that are good, so a link outlives a removal. SPEC section 23.
 */
import { chachaPoly } from "../../crypto/aead.ts";
import { isX25519Key, x25519Key, x25519Shared } from "../../crypto/dh.ts";
import { hkdfSha256, sha256 } from "../../crypto/kdf.ts";
import { decapsulate, encapsulate, isKemKey } from "../../crypto/kem.ts";
import { LABELS } from "../../crypto/labels.ts";
import { ok, type Reason, refuse, type Result } from "../../errors.ts";
import { fromHex, type GuildId, type OpId } from "../../ids.ts";
import { JOIN } from "../../limits.ts";
import type { Env } from "../../ports.ts";
import { concat, framed } from "../../wire/bytes.ts";
import { decodeGuildDoor, doorHead } from "../../wire/guildDoor.ts";
import { pad, unpad } from "../../wire/padding.ts";
import type { BodyOf } from "../../wire/opBody.ts";
import { utf8 } from "../../wire/text.ts";
import type { Rulings } from "../rulings.ts";
import type { GuildState, Invite } from "../state.ts";
import { type VerifiedDeal, verifyDeal } from "./deal.ts";
import type { InviteKeys } from "./inviteKeys.ts";

/** The ephemeral key and the encapsulation are fresh, so each sealing key seals once. */
const ONLY_NONCE = new Uint8Array(chachaPoly.nonceBytes);
const NO_SALT = new Uint8Array(0);

/** The invite whose holders a door is for. */
export interface Doorstep {
  readonly guild: GuildId;
  readonly invite: OpId;
  /** X25519, 32 bytes; ML-KEM-768, 1,184 bytes. */
  readonly sealing: Uint8Array;
  readonly kem: Uint8Array;
}

/** [JOIN10] Under which 16 bytes a keeper has the door: members and holders of the link know them, and nobody else. */
export const doorAddress = (guild: GuildId, invite: OpId): Uint8Array =>
  sha256(framed(utf8(LABELS.guildDoorAddress), fromHex(guild), fromHex(invite))).slice(0, 16);

/** [JOIN9] Whoever breaks one of the two exchanges has not the other. */
function doorKey({ guild, invite, sealing, kem }: Doorstep, head: Uint8Array, secrets: Uint8Array): Uint8Array {
  const info = framed(utf8(LABELS.guildDoor), fromHex(guild), fromHex(invite), sealing, kem, head);
  return hkdfSha256(secrets, NO_SALT, info, 32);
}

/** [JOIN9] Some 1.5 ms. Refused where the keys of the invite are none. */
export function sealDoor(step: Doorstep, { bytes }: VerifiedDeal, { rng }: Env): Result<Uint8Array, "crypto.bad-key"> {
  if (!isX25519Key(step.sealing) || !isKemKey(step.kem)) return refuse("crypto.bad-key");
  const ephemeral = x25519Key(rng.bytes(32));
  const shared = x25519Shared(ephemeral.secret, step.sealing);
  if (!shared.ok) return shared;
  const encapsulated = encapsulate(step.kem, rng.bytes(32));
  if (!encapsulated.ok) return encapsulated;
  const head = doorHead(ephemeral.publicKey, encapsulated.value.ciphertext);
  const key = doorKey(step, head, concat(shared.value, encapsulated.value.secret));
  return ok(concat(head, chachaPoly.seal(key, ONLY_NONCE, pad(bytes, [JOIN.doorBytes]), head)));
}

export type DoorReason = Extract<Reason, `wire.${string}` | `crypto.${string}` | "deal.wrong-guild">;

/** [JOIN9] The deal, whose dealer's membership nobody has looked at yet. */
export function openDoor(
  { guild, invite }: Pick<Doorstep, "guild" | "invite">,
  { sealing, kem }: InviteKeys,
  door: Uint8Array,
): Result<VerifiedDeal, DoorReason> {
  const decoded = decodeGuildDoor(door);
  if (!decoded.ok) return decoded;
  const { head, ephemeral, encapsulation, ciphertext } = decoded.value;
  const shared = x25519Shared(sealing.secret, ephemeral);
  if (!shared.ok) return shared;
  const secret = decapsulate(kem, encapsulation);
  if (!secret.ok) return secret;
  const step = { guild, invite, sealing: sealing.publicKey, kem: kem.publicKey };
  const padded = chachaPoly.open(
    doorKey(step, head, concat(shared.value, secret.value)),
    ONLY_NONCE,
    ciphertext,
    head,
  );
  if (!padded.ok) return padded;
  const plain = unpad(padded.value, [JOIN.doorBytes]);
  return plain.ok ? verifyDeal(plain.value, guild) : plain;
}

/** [JOIN10] For which invites there should be a door to the current deal. */
export function doorsteps(rulings: Rulings, state: GuildState, nowMs: number): readonly Doorstep[] {
  const { facts: { everyone }, history: { placeOf, ops } } = rulings;
  return [...state.invites].flatMap(([id, invite]) => {
    if (inviteFault(invite, nowMs) !== null) return [];
    const { sealing, kem } = ops[placeOf.get(id)!]!.body as BodyOf<"invite">;
    return [{ guild: everyone as string as GuildId, invite: id, sealing, kem }];
  });
}

/** [JOIN12] Why nobody can join by it now; `null` where one can, as far as it depends on the invite. */
export function inviteFault(
  invite: Invite | undefined,
  nowMs: number,
): "invite.revoked" | "invite.expired" | "invite.used" | null {
  if (invite === undefined) return "invite.revoked";
  if (invite.expiresAtMs !== null && nowMs >= invite.expiresAtMs) return "invite.expired";
  return invite.maxUses !== null && invite.uses >= invite.maxUses ? "invite.used" : null;
}
