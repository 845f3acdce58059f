/** One deal: made, checked, and what follows from its secret. SPEC section 23. */
import { hkdfSha256, sha256 } from "../../crypto/kdf.ts";
import { LABELS } from "../../crypto/labels.ts";
import { sign, verify } from "../../crypto/sign.ts";
import { ok, type Reason, refuse, type Result } from "../../errors.ts";
import { type DealId, dealId, fromHex, type GuildId, type OpId } from "../../ids.ts";
import type { LocalDevice } from "../../identity/identity.ts";
import type { Env } from "../../ports.ts";
import { framed } from "../../wire/bytes.ts";
import { DEAL_VERSION, dealToSign, decodeGuildDeal, encodeGuildDeal, type GuildDeal } from "../../wire/guildDeal.ts";
import { utf8 } from "../../wire/text.ts";

declare const verified: unique symbol;

/** A deal whose signature was checked: whether its dealer is a member is another question. */
export interface VerifiedDeal {
  readonly [verified]: true;
  readonly id: DealId;
  readonly deal: GuildDeal;
  /** As they came: to be kept and passed on, in sessions only. */
  readonly bytes: Uint8Array;
}

/** [JOIN1] Nothing of the signature is in it; the secret is, so that only who has the deal knows its name. */
function dealIdOf(signed: Uint8Array): DealId {
  const id = dealId(sha256(framed(utf8(LABELS.guildDealId), signed)).slice(0, 16));
  if (!id.ok) throw new Error("16 bytes are an id");
  return id.value;
}

/** [JOIN1] A fresh secret, dealt to whoever is a member at `heads`: 1 to `DEAL.maxHeads`. */
export function makeDeal(guild: GuildId, heads: readonly OpId[], device: LocalDevice, { rng }: Env): VerifiedDeal {
  const unsigned = { v: DEAL_VERSION, guild, secret: rng.bytes(32), heads: heads.toSorted(), device: device.id };
  const signed = dealToSign(unsigned);
  const deal: GuildDeal = { ...unsigned, signature: sign(device.signing, LABELS.guildDealer, signed) };
  return { id: dealIdOf(signed), deal, bytes: encodeGuildDeal(deal) } as Omit<VerifiedDeal, symbol> as VerifiedDeal;
}

export type DealReason = Extract<Reason, `wire.${string}` | "deal.wrong-guild" | "crypto.bad-signature">;

/** [JOIN2] What can be told without the log. */
export function verifyDeal(bytes: Uint8Array, guild: GuildId): Result<VerifiedDeal, DealReason> {
  const decoded = decodeGuildDeal(bytes);
  if (!decoded.ok) return decoded;
  const deal = decoded.value;
  if (deal.guild !== guild) return refuse("deal.wrong-guild");
  const signed = dealToSign(deal);
  if (!verify(fromHex(deal.device), deal.signature, LABELS.guildDealer, signed)) return refuse("crypto.bad-signature");
  return ok({ id: dealIdOf(signed), deal, bytes } as VerifiedDeal);
}

const NO_SALT = new Uint8Array(0);

/** [JOIN1] 32 bytes, from which the daily topics follow ([TOPIC1]). */
export const discoverySecretOf = ({ deal: { secret, guild } }: VerifiedDeal): Uint8Array =>
  hkdfSha256(secret, NO_SALT, framed(utf8(LABELS.guildDiscovery), fromHex(guild)), 32);

/** [JOIN1] 32 bytes, from which the keys of sealed pages follow. */
export const logKeyOf = ({ deal: { secret, guild } }: VerifiedDeal): Uint8Array =>
  hkdfSha256(secret, NO_SALT, framed(utf8(LABELS.guildLog), fromHex(guild)), 32);
