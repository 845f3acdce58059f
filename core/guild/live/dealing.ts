/** The secrets of the guild: dealt anew when somebody has gone, and passed on to whom they are due. SPEC sections 23, 26. */
import type { DeviceId } from "../../ids.ts";
import { DEAL, LIVE } from "../../limits.ts";
import { sameBytes } from "../../wire/bytes.ts";
import { dealListCodec } from "../../wire/guildDeal.ts";
import { makeDeal, type VerifiedDeal, verifyDeal } from "../join/deal.ts";
import { dealingOf, dealsToTell } from "../join/dealing.ts";
import { type Deals, encodeDeals, knownDeals, settleDeals, withDeal } from "../join/deals.ts";
import { headsToName } from "./heads.ts";
import { isMembers } from "./ruled.ts";
import type { LiveGuild } from "./state.ts";
import type { GuildTurn } from "./turn.ts";

/** What the other does not have of these it is told, or tells. */
export function sayDeals(turn: GuildTurn, device: DeviceId): void {
  const peer = turn.state.peers.get(device);
  if (peer === undefined || !isMembers(turn.state.ruled, device)) return;
  turn.setPeer(device, { ...peer, saidDealsAtMs: turn.nowMs });
  turn.send(device, { t: "deals", body: dealListCodec.encode({ ids: [...knownDeals(turn.state.deals)] }) });
}

export function dealsFrame(turn: GuildTurn, device: DeviceId, bytes: Uint8Array): void {
  const list = dealListCodec.decode(bytes);
  if (!list.ok) return turn.refuse(list.reason);
  const { deals, ruled } = turn.state;
  tellDeals(turn, device, dealsToTell(deals, ruled.guild, device, list.value.ids));
  const known = new Set(knownDeals(deals));
  const { saidDealsAtMs } = turn.state.peers.get(device)!;
  const isTime = saidDealsAtMs === null || turn.nowMs - saidDealsAtMs >= LIVE.sayDealsEveryMs;
  if (isTime && list.value.ids.some((id) => !known.has(id))) sayDeals(turn, device);
}

/** Who does not take a deal, because it knows other ops, is not told it over and over. */
export function tellDeals(turn: GuildTurn, device: DeviceId, due: readonly VerifiedDeal[]): void {
  const peer = turn.state.peers.get(device)!;
  const told = new Map(peer.toldDeals);
  for (const { id, bytes } of due) {
    if (turn.nowMs < (told.get(id) ?? -Infinity) + LIVE.tellDealEveryMs) continue;
    told.set(id, turn.nowMs);
    turn.tell([device], { t: "deal", body: bytes });
  }
  turn.setPeer(device, { ...peer, toldDeals: told });
}

export function dealTold(turn: GuildTurn, bytes: Uint8Array): void {
  const dealt = verifyDeal(bytes, turn.state.log.guild);
  if (!dealt.ok) return turn.refuse(dealt.reason);
  take(turn, dealt.value);
}

function take(turn: GuildTurn, dealt: VerifiedDeal): void {
  const { deals } = turn.state;
  const next = withDeal(deals, dealt);
  if (next === deals) return;
  setDeals(turn, settleDeals(next, turn.state.ruled.hindsight, turn.nowMs));
  if (!knownDeals(turn.state.deals).includes(dealt.id)) return;
  for (const device of turn.state.peers.keys()) sayDeals(turn, device);
}

/** [JOIN6] When an ended deal is answered no more. */
export function dealEndsAtMs({ deals }: LiveGuild): number | null {
  const ended = [...deals.kept.values()].flatMap(({ endedAtMs }) => endedAtMs ?? []);
  return ended.length === 0 ? null : Math.min(...ended) + DEAL.graceMs;
}

export function tickDeals(turn: GuildTurn): void {
  const endsAtMs = dealEndsAtMs(turn.state);
  if (endsAtMs !== null && endsAtMs <= turn.nowMs) reviewDeals(turn);
}

/** By the ops that there are now. */
export function reviewDeals(turn: GuildTurn): void {
  const { deals, ruled } = turn.state;
  setDeals(turn, settleDeals(deals, ruled.hindsight, turn.nowMs));
}

function setDeals(turn: GuildTurn, deals: Deals): void {
  const [before, record] = [encodeDeals(turn.state.deals), encodeDeals(deals)];
  turn.set({ deals });
  if (!sameBytes(before, record)) turn.write(turn.keys.deals, record);
}

/** Whoever's turn it is deals for all. */
export function dealAnew(turn: GuildTurn): void {
  const dueAtMs = dealDueAtMs(turn.state);
  if (dueAtMs === null || dueAtMs > turn.nowMs) return;
  const { device, log, ruled } = turn.state;
  const dealt = makeDeal(log.guild, headsToName(turn, []), device, turn.env);
  take(turn, dealt);
  const devices = [...ruled.guild.members.values()].flatMap((member) => [...member.devices]);
  turn.tell(devices.filter((one) => one !== device.id), { t: "deal", body: dealt.bytes });
}

/** [JOIN7] Where a deal cannot name all heads, they are joined before it: not while [LIVE4] no op can be made. */
export function dealDueAtMs({ deals, ruled, device, peers, log, quietUntilMs }: LiveGuild): number | null {
  const linked = [...peers.keys()].filter((peer) => isMembers(ruled, peer));
  const dueAtMs = dealingOf(deals, ruled.guild, device.id, linked)?.dueAtMs ?? null;
  return dueAtMs === null || log.heads.size <= DEAL.maxHeads ? dueAtMs : Math.max(dueAtMs, quietUntilMs ?? 0);
}
