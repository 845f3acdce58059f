/** What is here of all channels, as the sync of content asks for it. SPEC sections 24 and 26. */
import type { ChannelId, ContentId, DeviceId } from "../../ids.ts";
import { CONTENT } from "../../limits.ts";
import { listsOf } from "../content.ts";
import { type LastSeen, type LinksHere, vouchedBy } from "../contentChain.ts";
import type { ContentIndex, Found } from "../contentSync/contentIndex.ts";
import { includes, type Ranges, withNumber } from "../contentSync/ranges.ts";
import { mayHave } from "../keys/granting.ts";
import { guildKeys } from "./keys.ts";
import { offersTo } from "./offers.ts";
import { type DeviceShelf, emptyDeviceShelf, type Kept, type Sealed } from "./shelf.ts";
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
    offers: (peer, channel) => offersTo(hindsight, peer, channel, channelOf(channel).shelf),
    here: (channel, device) => hereOf(shelfOf(channel, device), channelOf(channel).sealed.values(), device, nowMs),
    awaited: (channel, device) => shelfOf(channel, device).held.awaited,
    lacks(channel, device, { seq, id }) {
      const { kept, chain } = shelfOf(channel, device);
      if (kept.has(id)) return false;
      const names = chain.ids.get(seq) ?? [];
      const isKnownSurplus = names.length >= CONTENT.maxForks && !names.includes(id) &&
        !isVouched(chain.here, listsOf(hindsight, channel, device), seq, id);
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

/** [CNT10] What removals vouch for is taken where others have the room under its number. */
function isVouched(here: LinksHere, lists: readonly LastSeen[], seq: number, id: ContentId): boolean {
  const named = new Set(lists.map((last) => vouchedBy(here, last).get(seq)).filter((one) => one !== undefined));
  return named.size === 1 && named.has(id);
}

function* inRanges({ chain, kept }: DeviceShelf, ranges: Ranges): Generator<Kept> {
  for (const [seq, names] of chain.ids) {
    if (!includes(ranges, seq)) continue;
    for (const id of names) {
      const one = kept.get(id);
      // A link may name content under a number that is not its own.
      if (one?.content.seq === seq) yield one;
    }
  }
}

function hereOf({ held }: DeviceShelf, sealed: Iterable<Sealed>, device: DeviceId, nowMs: number): Ranges {
  let here = held.ranges;
  for (const one of sealed) if (one.device === device && one.untilMs > nowMs) here = withNumber(here, one.seq);
  return here;
}
