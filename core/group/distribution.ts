/** Handing a chain over: made by its owner, checked by who gets it. SPEC section 6a. */
import { LABELS } from "../crypto/labels.ts";
import { sign, type SigningKey, verify } from "../crypto/sign.ts";
import { refuse, type Result } from "../errors.ts";
import { type ChannelId, type DeviceId, fromHex } from "../ids.ts";
import { type Distribution, distributionCodec } from "../wire/distribution.ts";
import type { WireReason } from "../wire/schema.ts";

export type Owned = Pick<Distribution, "channel" | "chain" | "signer">;

/** The device's word that messages signed by `signer` in this chain are its own. */
export const claim = (device: SigningKey, { channel, chain, signer }: Owned): Uint8Array =>
  sign(device, LABELS.groupOwner, fromHex(channel), chain, signer);

export type DistributionReason = WireReason | "group.wrong-channel" | "group.wrong-sender";

/** [SK6] A distribution for `channel` that `owner` itself vouches for. */
export function verifyDistribution(
  channel: ChannelId,
  owner: DeviceId,
  bytes: Uint8Array,
): Result<Distribution, DistributionReason> {
  const decoded = distributionCodec.decode(bytes);
  if (!decoded.ok) return decoded;
  if (decoded.value.channel !== channel) return refuse("group.wrong-channel");
  return isOwnedBy(owner, decoded.value, decoded.value.ownership) ? decoded : refuse("group.wrong-sender");
}

/** Whether the device says so, by `ownership`: a signature check. */
export const isOwnedBy = (device: DeviceId, { channel, chain, signer }: Owned, ownership: Uint8Array): boolean =>
  verify(fromHex(device), ownership, LABELS.groupOwner, fromHex(channel), chain, signer);
