/** What a peer says to have that is not here, and what of it to ask for next. SPEC section 24. */
import type { ChannelId, ContentId, DeviceId } from "../../ids.ts";
import { CSYNC } from "../../limits.ts";
import type { ContentOffer } from "../../wire/contentSync.ts";
import type { ContentIndex, DeviceContentId, DeviceRanges } from "./contentIndex.ts";
import type { Named } from "./held.ts";
import { countOf, includes, minus, newest, type Ranges, union } from "./ranges.ts";

export type OfferedChain = Omit<ContentOffer, "device">;
export type OfferedChains = ReadonlyMap<DeviceId, OfferedChain>;
export type Offered = ReadonlyMap<ChannelId, OfferedChains>;

/** What was asked for, of one channel. */
export interface Asked {
  readonly channel: ChannelId;
  readonly wants: readonly DeviceRanges[];
  readonly ids: readonly DeviceContentId[];
  /** The peer said to have some of it. */
  readonly isPromised: boolean;
}

/** What is under way from other peers. */
export interface Away {
  readonly ranges: ReadonlyMap<DeviceId, Ranges>;
  readonly ids: ReadonlySet<ContentId>;
}

/** Ranges and ends. */
export function sizeOf(offered: Offered): number {
  let size = 0;
  for (const chains of offered.values()) {
    for (const { ranges, tips } of chains.values()) size += ranges.length + tips.length;
  }
  return size;
}

export function withEntries(offered: Offered, channel: ChannelId, entries: readonly ContentOffer[]): Offered {
  const chains = new Map(offered.get(channel));
  for (const { device, ranges, tips } of entries) {
    const before = chains.get(device);
    const names = [...tips, ...before?.tips.filter(({ id }) => !tips.some((tip) => tip.id === id)) ?? []];
    chains.set(device, { ranges: union(before?.ranges ?? [], ranges), tips: names });
  }
  return withChains(offered, channel, chains);
}

export function withChains(offered: Offered, channel: ChannelId, chains: OfferedChains): Offered {
  const next = new Map(offered);
  if (chains.size > 0) next.set(channel, chains);
  else next.delete(channel);
  return next;
}

/** [CSYNC5] The peer does not have them, or does not give them. */
export function withoutAsked(offered: Offered, { channel, wants, ids }: Asked): Offered {
  const chains = new Map(offered.get(channel));
  const taken = new Map(wants.map(({ device, ranges }) => [device, ranges] as const));
  for (const { device, seq } of ids) taken.set(device, union(taken.get(device) ?? [], [{ from: seq, to: seq }]));
  for (const [device, ranges] of taken) {
    const chain = chains.get(device);
    if (chain === undefined) continue;
    chains.set(device, {
      ranges: minus(chain.ranges, ranges),
      tips: chain.tips.filter(({ seq }) => !includes(ranges, seq)),
    });
  }
  return withChains(offered, channel, chains);
}

/** [CSYNC5] The peer has nothing of what it promised: no more of these chains is believed, or it could promise for ever. */
export function withoutChains(offered: Offered, { channel, wants, ids }: Asked): Offered {
  const chains = new Map(offered.get(channel));
  for (const { device } of [...wants, ...ids]) chains.delete(device);
  return withChains(offered, channel, chains);
}

interface Lacked {
  readonly device: DeviceId;
  readonly ranges: Ranges;
  readonly ids: readonly Named[];
  readonly isPromised: boolean;
}

export interface Choice {
  /** Without what is here by now. */
  readonly chains: OfferedChains;
  readonly asked: Asked | null;
}

/** [CSYNC4] What to ask for of one channel: of the first chains, so that those of late come first, the newest of each. */
export function choose(index: ContentIndex, channel: ChannelId, offered: OfferedChains, away: Away): Choice {
  const done: DeviceId[] = [];
  const lacked: Lacked[] = [];
  for (const [device, chain] of offered) {
    const ranges = minus(chain.ranges, index.here(channel, device));
    const lacks = (named: Named) => !includes(ranges, named.seq) && index.lacks(channel, device, named);
    const tips = chain.tips.filter(lacks);
    const linked = linkedTo(index, channel, device)
      .filter((named) => includes(chain.ranges, named.seq) && !tips.some(({ id }) => id === named.id));
    if (ranges.length + tips.length + linked.length === 0) {
      done.push(device);
      continue;
    }
    const free = minus(ranges, away.ranges.get(device) ?? []);
    const isFree = ({ id }: Named) => !away.ids.has(id);
    const ids = [...tips, ...linked].filter(isFree);
    if (free.length + ids.length === 0) continue;
    lacked.push({ device, ranges: free, ids, isPromised: free.length > 0 || tips.some(isFree) });
    if (lacked.length === CSYNC.maxWanted) break;
  }
  return { chains: without(offered, done), asked: lacked.length === 0 ? null : sharedOut(channel, lacked) };
}

/** What links name where something else is here: whoever has that number may have it. No more of it than one want holds. */
function linkedTo(index: ContentIndex, channel: ChannelId, device: DeviceId): readonly Named[] {
  const some: Named[] = [];
  for (const named of index.awaited(channel, device).slice(0, CSYNC.maxAwaited)) {
    if (index.lacks(channel, device, named)) some.push(named);
    if (some.length === CSYNC.maxWantedIds) break;
  }
  return some;
}

function without(offered: OfferedChains, done: readonly DeviceId[]): OfferedChains {
  if (done.length === 0) return offered;
  const chains = new Map(offered);
  for (const device of done) chains.delete(device);
  return chains;
}

/** Of a chain that lacks more, more is asked for: so what comes is about of one time. */
function sharedOut(channel: ChannelId, lacked: readonly Lacked[]): Asked {
  const counts = lacked.map(({ ranges }) => countOf(ranges));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const wants: DeviceRanges[] = [];
  const ids: DeviceContentId[] = [];
  let left: number = CSYNC.maxWanted;
  for (const [at, { device, ranges, ids: named }] of lacked.entries()) {
    const share = Math.min(left, Math.max(1, Math.floor(CSYNC.maxWanted * counts[at]! / total)));
    const some = newest(ranges, share).slice(-CSYNC.maxRanges);
    if (some.length > 0 && left > 0) wants.push({ device, ranges: some });
    left -= Math.min(left, countOf(some));
    for (const { seq, id } of named) if (ids.length < CSYNC.maxWantedIds) ids.push({ device, seq, id });
  }
  return { channel, wants, ids, isPromised: lacked.some(({ isPromised }) => isPromised) };
}
