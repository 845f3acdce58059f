/** What is here of all channels, as the sync of content asks for it. SPEC sections 24 and 26. */
import type { ChannelId, DeviceId } from "../../ids.ts";
import { CONTENT } from "../../limits.ts";
import type { ContentIndex, Found } from "../contentSync/contentIndex.ts";
import { type Held, heldOf } from "../contentSync/held.ts";
import { includes, type Ranges, withNumber } from "../contentSync/ranges.ts";
import type { Hindsight } from "../hindsight.ts";
import { mayHave } from "../keys/granting.ts";
import { guildKeys } from "./keys.ts";
import { type DeviceShelf, emptyDeviceShelf, type Kept, type Sealed, type Shelf } from "./shelf.ts";
import { EMPTY_CHANNEL, type LiveGuild } from "./state.ts";

/** A function of the state and the time: what it says holds within a step. */
export function libraryOf(state: LiveGuild, nowMs: number): ContentIndex {
  const { ruled: { readers, hindsight }, device: own } = state;
  const keys = guildKeys(state.log.guild);
  const channelOf = (channel: ChannelId) => state.channels.get(channel) ?? EMPTY_CHANNEL;
  const shelfOf = (channel: ChannelId, device: DeviceId) =>
    channelOf(channel).shelf.get(device) ?? emptyDeviceShelf(device);
  return {
    channels: (peer) =>
      [...readers].filter(([, devices]) => devices.has(own.id) && devices.has(peer)).map(([channel]) => channel),
    offers: (peer, channel) => offersTo(hindsight, peer, channelOf(channel).shelf),
    here: (channel, device) => hereOf(shelfOf(channel, device), channelOf(channel).sealed.values(), device, nowMs),
    awaited: (channel, device) => shelfOf(channel, device).held.awaited,
    lacks(channel, device, { seq, id }) {
      const { kept, chain } = shelfOf(channel, device);
      if (kept.has(id)) return false;
      const names = chain.ids.get(seq) ?? [];
      const isKnownSurplus = names.length >= CONTENT.maxForks && !names.includes(id);
      return !isKnownSurplus && names.some((name) => kept.has(name));
    },
    find(peer, channel, wants, ids) {
      const asked = [
        ...wants.flatMap(({ device, ranges }) => [...inRanges(shelfOf(channel, device), ranges)]),
        ...ids.flatMap(({ device, id }) => shelfOf(channel, device).kept.get(id) ?? []),
      ];
      const given = [...new Set(asked)].filter(({ content }) => mayHave(hindsight, peer, content));
      return given.sort((a, b) => b.content.seq - a.content.seq).map((
        { id, content: { device, seq }, sizeBytes },
      ): Found => ({
        key: keys.content(channel, device, seq, id),
        device,
        seq,
        sizeBytes,
      }));
    },
  };
}

function* inRanges({ chain, kept }: DeviceShelf, ranges: Ranges): Generator<Kept> {
  for (const [seq, names] of chain.ids) {
    if (!includes(ranges, seq)) continue;
    for (const id of names) {
      const one = kept.get(id);
      if (one !== undefined) yield one;
    }
  }
}

function hereOf({ held }: DeviceShelf, sealed: Iterable<Sealed>, device: DeviceId, nowMs: number): Ranges {
  let here = held.ranges;
  for (const one of sealed) if (one.device === device && one.untilMs > nowMs) here = withNumber(here, one.seq);
  return here;
}

interface Offering {
  readonly hindsight: Hindsight;
  readonly offers: readonly Held[];
}

/** A shelf is never changed, so what is offered of it is worked out once for each peer and state of the log. */
const offerings = new WeakMap<Shelf, Map<DeviceId, Offering>>();

function offersTo(hindsight: Hindsight, peer: DeviceId, shelf: Shelf): readonly Held[] {
  const known = offerings.get(shelf) ?? new Map<DeviceId, Offering>();
  offerings.set(shelf, known);
  const before = known.get(peer);
  if (before?.hindsight === hindsight) return before.offers;
  // Whoever has grown last is last on the shelf.
  const offers = [...shelf].reverse().flatMap(([device, one]) => offerTo(hindsight, peer, device, one));
  const isSame = before !== undefined && before.offers.length === offers.length &&
    before.offers.every((held, at) => held === offers[at]);
  known.set(peer, { hindsight, offers: isSame ? before.offers : offers });
  return known.get(peer)!.offers;
}

function offerTo(hindsight: Hindsight, peer: DeviceId, device: DeviceId, { kept, held }: DeviceShelf): readonly Held[] {
  const all = [...kept.values()];
  const given = all.filter(({ content }) => mayHave(hindsight, peer, content));
  if (given.length === 0) return [];
  if (given.length === all.length) return [held];
  return [heldOf(device, given.map(({ id, content: { seq, previous } }) => ({ id, seq, previous })))];
}
