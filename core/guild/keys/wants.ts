/** Keys of which messages are wanted, by chain, and what becomes of them. SPEC section 22. */
import type { ChainId, ChannelId, DeviceId } from "../../ids.ts";
import { GUILD_KEYS } from "../../limits.ts";
import { type Indexes, NO_INDEXES } from "../../wire/chainIndexes.ts";

export interface ChainPlace {
  readonly channel: ChannelId;
  /** Whose chain it is. */
  readonly device: DeviceId;
  readonly chain: ChainId;
}

/** Some messages of one chain. */
export interface ChainPart extends ChainPlace {
  readonly indexes: Indexes;
}

/** By `nameOf`; those that were wanted first come first. */
export type Wants = ReadonlyMap<string, ChainPart>;

export type Parts = ReadonlyMap<string, Indexes>;

export const nameOf = ({ channel, device, chain }: ChainPlace): string => `${channel} ${device} ${chain}`;

export const partIn = (parts: Parts, name: string): Indexes => parts.get(name) ?? NO_INDEXES;

/** [GKEY9] With more, as far as there is room for further chains. */
export function withWanted(wants: Wants, parts: readonly ChainPart[]): Wants {
  const next = new Map(wants);
  for (const part of parts) {
    const name = nameOf(part);
    const known = next.get(name);
    if (known === undefined && next.size >= GUILD_KEYS.maxWantedChains) continue;
    const indexes = part.indexes | (known?.indexes ?? NO_INDEXES);
    if (indexes !== NO_INDEXES) next.set(name, { ...part, indexes });
  }
  return next;
}

export function withoutWanted(wants: Wants, parts: readonly ChainPart[]): Wants {
  const next = new Map(wants);
  for (const part of parts) {
    const known = next.get(nameOf(part));
    if (known === undefined) continue;
    const indexes = known.indexes & ~part.indexes;
    if (indexes === NO_INDEXES) next.delete(nameOf(part));
    else next.set(nameOf(part), { ...known, indexes });
  }
  return next;
}

/** Both; `kept` says which names are still of interest. */
export function joined(a: Parts, b: Parts, kept: (name: string) => boolean = () => true): Parts {
  const all = new Map([...a].filter(([name]) => kept(name)));
  for (const [name, indexes] of b) if (kept(name)) all.set(name, partIn(all, name) | indexes);
  return all;
}
