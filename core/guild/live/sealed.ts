/** Envelopes that are here and that no key opens yet: the keys are asked for. SPEC section 26. */
import type { ChannelId, DeviceId } from "../../ids.ts";
import { GUILD_KEYS, LIVE } from "../../limits.ts";
import { indexBit, type Indexes, indexesOf } from "../../wire/chainIndexes.ts";
import { includes } from "../contentSync/ranges.ts";
import { unwantKeys, wantKeys } from "../keys/asking.ts";
import { placeOf, type Sealed } from "./shelf.ts";
import type { GuildTurn } from "./turn.ts";

const nameOf = ({ device, chain, index }: Pick<Sealed, "device" | "chain" | "index">) => `${device}/${chain}/${index}`;

const partOf = ({ channel, device, chain }: Sealed, indexes: Indexes) => ({ channel, device, chain, indexes });

/** Whether it is kept: what is here already, opened or sealed, is not. */
export function holdSealed(turn: GuildTurn, one: Sealed): boolean {
  const { channel, device } = one;
  const { sealed } = turn.channel(channel);
  if (sealed.has(nameOf(one)) || turn.shelf(channel, device).places.has(placeOf(one))) return false;
  const next = new Map(sealed).set(nameOf(one), one);
  turn.set({ asking: wantKeys(turn.state.asking, [partOf(one, indexBit(one.index))]) });
  turn.setSealed(channel, next);
  // What has to go is asked for again with the numbers that are missing.
  const [earliest] = next.values();
  if (next.size > LIVE.maxSealed) releaseSealed(turn, channel, [earliest!]);
  return true;
}

/** Opened, or given up. */
export function releaseSealed(turn: GuildTurn, channel: ChannelId, released: readonly Sealed[]): void {
  if (released.length === 0) return;
  const next = new Map(turn.channel(channel).sealed);
  for (const one of released) next.delete(nameOf(one));
  turn.setSealed(channel, next);
  const byChain = Map.groupBy(released, ({ device, chain }) => `${device}/${chain}`);
  const parts = [...byChain.values()].map((some) => partOf(some[0]!, indexesOf(some.map(({ index }) => index))));
  const { asking } = turn.state;
  turn.set({ asking: unwantKeys(asking, parts) });
  if (asking.wants.size >= GUILD_KEYS.maxWantedChains) wantAll(turn);
}

/** [GKEY9] There may be room by now for chains of which no keys were wanted. */
function wantAll(turn: GuildTurn): void {
  const all = [...turn.state.channels.values()].flatMap(({ sealed }) => [...sealed.values()]);
  turn.set({ asking: wantKeys(turn.state.asking, all.map((one) => partOf(one, indexBit(one.index)))) });
}

/** The number of which one came is its giver's word: where it was another's, that number is still missing. */
export function checkNumbers(turn: GuildTurn, channel: ChannelId, released: readonly Sealed[]): void {
  const isHere = ({ device, seq }: Sealed) => includes(turn.shelf(channel, device).held.ranges, seq);
  if (!released.every(isHere)) turn.missed.add(channel);
  for (const device of new Set(released.map((one) => one.device))) checkLinks(turn, channel, device);
}

/** What was opened late may follow other content than what is here under a number: nobody was asked for that yet. */
export function checkLinks(turn: GuildTurn, channel: ChannelId, device: DeviceId): void {
  const { awaited, ranges } = turn.shelf(channel, device).held;
  if (awaited.some(({ seq }) => includes(ranges, seq))) turn.missed.add(channel);
}

export const sealedOf = (turn: GuildTurn, channel: ChannelId, device: DeviceId): readonly Sealed[] =>
  [...turn.channel(channel).sealed.values()].filter((one) => one.device === device);
