/** What a longer log changes: what is ruled, who reads, which content counts, who is linked. SPEC section 26. */
import type { ChannelId, OpId, UserId } from "../../ids.ts";
import { LIVE } from "../../limits.ts";
import { type OpLog, unpark } from "../../log/log.ts";
import { unlinked } from "./linking.ts";
import { reviewDeals } from "./dealing.ts";
import { dropProfiles } from "./profiling.ts";
import { areSettled, currentDeals, type Deals } from "../join/deals.ts";
import { missingNames } from "./named.ts";
import { isTrusted } from "./logs.ts";
import { judgeShelf } from "./receiving.ts";
import { validOf } from "./room.ts";
import { isMembers, type Ruled, ruledBy } from "./ruled.ts";
import type { Kept } from "./shelf.ts";
import type { GuildTurn } from "./turn.ts";

/** `known` is the log that was ruled on last. The one that is now, or `null` where it has not grown. */
export function grow(turn: GuildTurn, known: OpLog): OpLog | null {
  const { log } = turn.state;
  if (log.ops.size === known.ops.size) return null;
  const { ruled: before, deals } = turn.state;
  const added = [...log.ops.after(known.ops.size)];
  for (const { depth, id, bytes } of added) turn.write(turn.keys.op(depth, id), bytes);
  turn.set({ ruled: ruledBy(turn.state.ruled, log, added) });
  const fresh = new Set(added.map(({ id }) => id));
  for (const channel of turn.state.channels.keys()) judgeUnconfirmed(turn, channel, fresh);
  takeParked(turn, before);
  unlinkRemoved(turn);
  const isSame = turn.state.ruled.hindsight.era === before.hindsight.era;
  if (!isSame || !areSettled(deals, added, turn.nowMs)) reviewDeals(turn);
  unlinkStrangers(turn, before, deals);
  dropProfiles(turn);
  turn.set({ headsDueAtMs: turn.state.headsDueAtMs ?? turn.nowMs + LIVE.tellAfterMs });
  return log;
}

/** [LOG10] What came meanwhile may name what is parked. */
export function takeNamed(turn: GuildTurn): void {
  const { log } = turn.state;
  if (log.parked.size === 0) return;
  const named = [...missingNames(turn.state)].filter((id) => log.parked.has(id));
  if (named.length > 0) turn.set({ log: unpark(log, named) });
}

/** [LOG10] Who was no member and is one now may have said what counts; or what was void is not any more. */
function takeParked(turn: GuildTurn, before: Ruled): void {
  const { log, ruled } = turn.state;
  if (log.parked.size === 0) return;
  const isBack = (user: UserId) => ruled.guild.members.has(user) && !before.guild.members.has(user);
  const back = [...log.parked.values()].filter(({ author }) => isBack(author)).map(({ id }) => id);
  // Without another ruling on what was here nothing comes to be valid.
  const valid = ruled.hindsight.era === before.hindsight.era ? [] : validOf(ruled, log);
  if (back.length + valid.length > 0) turn.set({ log: unpark(log, [...back, ...valid]) });
}

/** Content that waited for ops, or that lacked a permission which is there now. */
function judgeUnconfirmed(turn: GuildTurn, channel: ChannelId, added: ReadonlySet<OpId>): void {
  for (const [device, { kept, confirmed }] of turn.channel(channel).shelf) {
    if (confirmed.size === kept.size) continue;
    judgeShelf(turn, channel, device);
    const { ops } = turn.state.log;
    const isMet = ({ content: { heads } }: Kept) =>
      heads.some((id) => added.has(id)) && heads.every((id) => ops.has(id));
    turn.grew(channel, device, [...kept.values()].filter(isMet).map(({ content }) => content.seq), null);
  }
}

/** [LIVE2] Whom we knew as a member and who is none any more learns nothing further from us. */
function unlinkRemoved(turn: GuildTurn): void {
  for (const [device, peer] of turn.state.peers) {
    const wasKnown = turn.state.ruled.owners.has(device);
    if (!wasKnown || isMembers(turn.state.ruled, device) || isTrusted(turn, device, peer)) continue;
    turn.effects.push({ type: "Unlink", device });
    unlinked(turn, device);
  }
}

/** [LIVE2] What strangers have proven to know may be what somebody knows who is gone: they have to prove something newer. */
function unlinkStrangers(turn: GuildTurn, before: Ruled, dealsBefore: Deals): void {
  const { deals, ruled, peers } = turn.state;
  const known = new Set(currentDeals(deals).map(({ id }) => id));
  const isTaken = currentDeals(dealsBefore).some(({ id }) => !known.has(id)) ||
    [...before.guild.invites.keys()].some((id) => !ruled.guild.invites.has(id));
  if (!isTaken) return;
  for (const device of peers.keys()) {
    if (ruled.owners.has(device)) continue;
    turn.effects.push({ type: "Unlink", device });
    unlinked(turn, device);
  }
}
