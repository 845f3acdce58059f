/** The redemption of an invite: made when the log is read, left for the members, and held against what they know. */
import { ok, type Reason, refuse, type Result } from "../../errors.ts";
import { type DeviceId, type UserId, userId } from "../../ids.ts";
import type { LocalDevice } from "../../identity/identity.ts";
import { LOG } from "../../limits.ts";
import { receiveOps } from "../../log/log.ts";
import { decodeOp, type OpReason, signOp, signRedemption } from "../../log/signedOp.ts";
import { frontier } from "../../log/walk.ts";
import type { Env } from "../../ports.ts";
import { sameBytes } from "../../wire/bytes.ts";
import type { GuildLink } from "../../wire/guildLink.ts";
import type { BodyOf } from "../../wire/opBody.ts";
import { explain, wouldBe } from "../explain.ts";
import { Hindsight, type Hindsighted } from "../hindsight.ts";
import { extend } from "../resolver.ts";
import { type GuildState, stateOf } from "../state.ts";
import type { VerifiedDeal } from "./deal.ts";
import { currentDeals, type Deals, endedDeals, NO_DEALS, settleDeals, withDeal } from "./deals.ts";
import { inviteFault } from "./doorway.ts";
import type { InviteKeys } from "./inviteKeys.ts";
import type { Joining, Read } from "./joining.ts";
import { sealPage } from "./sealedLog.ts";

export interface Redeemed {
  readonly joining: Joining;
  /** The signed op, for a member who is there. */
  readonly op: Uint8Array;
  /** The same in a page, to be left where the sealed log is. */
  readonly page: Uint8Array;
}

export type RedeemReason = Extract<Reason, `invite.${string}` | `join.${string}`>;

/** [JOIN12] [JOIN17] Only by what the ops say: under a checkpoint alone nothing is signed, nor sealed. */
export function redeem(joining: Joining, device: LocalDevice, env: Env): Result<Redeemed, RedeemReason> {
  const { stage, link, keys, deals } = joining;
  if (stage.t !== "showing" || stage.shown.t !== "read") return refuse("join.too-early");
  const { shown } = stage;
  const fault = joinFault(shown, link, keys, device.user, env.nowMs);
  if (fault !== null) return refuse(fault);
  const counted = dealsThatCount(shown, deals, env.nowMs);
  const deal = currentDeals(counted)[0] ?? endedDeals(counted)[0];
  if (deal === undefined) return refuse("join.unknown-deal");
  const body = redemptionBy(device, link, keys);
  if (typeof wouldBe(shown.resolver.rulings, { author: device.user, device: device.id, body }) !== "number") {
    return refuse("invite.revoked");
  }
  const parents = frontier(shown.log, shown.log.heads, LOG.maxParents);
  const op = signOp(device.signing, { guild: link.guild, device: device.id, previous: null, parents, seq: 1 }, body);
  const { log, added } = receiveOps(shown.log, [op]);
  const redemption = added[0];
  if (redemption === undefined) throw new Error("a redemption that was just signed is refused");
  const resolver = extend(shown.resolver, added);
  const read: Read = { ...shown, log, resolver, state: stateOf(resolver.rulings) };
  const next = { t: "waiting", shown: read, redemption: redemption.id, user: device.user } as const;
  return ok({
    joining: { ...joining, incoming: { ...joining.incoming, log }, stage: next },
    op,
    page: sealPage(deal, { kind: "redemption", ops: [op] }, env),
  });
}

/**
 * [JOIN2] Of the deals behind the doors those that members made, by what was read. A door may be anybody's who knows the
 * invite: under the secret of another deal nothing is sealed, and nobody looked for.
 */
export const dealsThatCount = (
  { resolver: { rulings }, state }: Read,
  deals: readonly VerifiedDeal[],
  nowMs: number,
): Deals => settleDeals(deals.reduce(withDeal, NO_DEALS), new Hindsight(rulings, state), nowMs);

function redemptionBy(device: LocalDevice, { guild, invite }: GuildLink, { key }: InviteKeys): BodyOf<"redeem"> {
  const proof = signRedemption(key, guild, invite, device.user, device.id);
  return { t: "redeem", invite, key: key.publicKey, proof, certificate: device.certificate };
}

/** [JOIN12] What is told to the person, the plainest first. */
function joinFault(
  { resolver: { rulings }, state }: Read,
  { invite }: GuildLink,
  { key }: InviteKeys,
  user: UserId,
  nowMs: number,
): RedeemReason | null {
  if (state.members.has(user)) return "join.is-member";
  if (state.banned.has(user)) return "join.banned";
  const { placeOf, ops } = rulings.history;
  const place = placeOf.get(invite);
  if (place === undefined) return "join.too-early";
  const { body } = ops[place]!;
  if (body.t !== "invite" || !sameBytes(body.key, key.publicKey)) return "invite.broken";
  return inviteFault(state.invites.get(invite), nowMs);
}

/**
 * [JOIN18] What a member does with an op that somebody left for the guild: `null` where it is a redemption that is good
 * now, on top of all that is known. Only such are taken from a keeper, so nobody fills the log by a link that is spent.
 */
export function leftOpFault(
  { rulings, state }: Hindsighted,
  bytes: Uint8Array,
  nowMs: number,
): RedeemReason | OpReason | null {
  const decoded = decodeOp(bytes);
  if (!decoded.ok) return decoded.reason;
  const { op, body } = decoded.value;
  if (op.guild !== rulings.history.ops[0]!.id as string) return "join.wrong-guild";
  if (body.t !== "redeem") return "invite.broken";
  const user = userId(body.certificate.user);
  if (!user.ok) return user.reason;
  if (state.banned.has(user.value)) return "join.banned";
  const fault = inviteFault(state.invites.get(body.invite), nowMs);
  if (fault !== null) return fault;
  const act = { author: user.value, device: op.device, body };
  return typeof wouldBe(rulings, act) === "number" ? null : "invite.revoked";
}

/**
 * [JOIN17] A member is there, whose log ours has taken in: whether we came to be one. `readLog` comes before. By what was
 * known to others the redemption may be void; then the person is told why.
 */
export function meetMember(joining: Joining, member: DeviceId, nowMs: number): Result<Joining, RedeemReason> {
  const { stage, link } = joining;
  if (stage.t !== "waiting") return refuse("join.too-early");
  const { shown, user, redemption } = stage;
  if (!isAnothersDevice(shown.state, member, user)) return refuse("join.not-a-member");
  if (shown.state.members.has(user)) return ok({ ...joining, stage: { t: "member", shown, user } });
  if (explain(shown.resolver.rulings, redemption).rule === "banned" || shown.state.banned.has(user)) {
    return refuse("join.banned");
  }
  return refuse(inviteFault(shown.state.invites.get(link.invite), nowMs) ?? "invite.revoked");
}

const isAnothersDevice = ({ members }: GuildState, device: DeviceId, user: UserId): boolean =>
  [...members].some(([id, { devices }]) => id !== user && devices.has(device));
