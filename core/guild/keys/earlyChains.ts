/** [GKEY5] Chains of devices that no op here makes readers yet: kept for a while, not opened. SPEC section 22. */
import type { ChannelId, DeviceId, OpId } from "../../ids.ts";
import { GUILD_KEYS } from "../../limits.ts";
import type { Hindsight } from "../hindsight.ts";
import { standingOfChain } from "./granting.ts";

export interface EarlyChain {
  readonly device: DeviceId;
  readonly channel: ChannelId;
  readonly heads: readonly OpId[];
  /** As it came. */
  readonly distribution: Uint8Array;
}

/** By device and channel; the earliest first. */
export type EarlyChains = ReadonlyMap<string, EarlyChain>;

export const NO_EARLY_CHAINS: EarlyChains = new Map();

/** The latest of each device and channel. Who sends many drives out its own first. */
export function holdChain(early: EarlyChains, chain: EarlyChain): EarlyChains {
  const next = new Map(early);
  const name = `${chain.device} ${chain.channel}`;
  next.delete(name);
  next.set(name, chain);
  const own = [...next].filter(([, { device }]) => device === chain.device);
  const earliest = own.length > GUILD_KEYS.maxEarlyOfDevice
    ? own[0]![0]
    : next.size > GUILD_KEYS.maxEarly
    ? next.keys().next().value!
    : null;
  if (earliest !== null) next.delete(earliest);
  return next;
}

/** What can be taken now that there are more ops; what never can be goes. */
export function releaseChains(
  early: EarlyChains,
  hindsight: Hindsight,
): { readonly early: EarlyChains; readonly taken: readonly EarlyChain[] } {
  if (early.size === 0) return { early, taken: [] };
  const waiting = new Map<string, EarlyChain>();
  const taken: EarlyChain[] = [];
  for (const [name, chain] of early) {
    const standing = standingOfChain(hindsight, chain.device, chain);
    if (standing === "waits") waiting.set(name, chain);
    else if (standing === "taken") taken.push(chain);
  }
  return { early: waiting, taken };
}
