/** What of a guild's state is on disk, in a form that can be compared: what a start has to find again. */
import { encodeReceiver } from "../../core/group/receiver.ts";
import { encodeHolders, encodeSender } from "../../core/group/sender.ts";
import { knownDeals } from "../../core/guild/join/deals.ts";
import type { LiveGuild } from "../../core/guild/live/index.ts";
import { verdictsOn } from "../../core/guild/live/judging.ts";
import type { DeviceShelf } from "../../core/guild/live/shelf.ts";
import { toHex } from "../../core/ids.ts";

const sorted = <T>(entries: Iterable<readonly [string, T]>) =>
  [...entries].toSorted(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);

/** Nothing of peers, of what waits for keys or ops, nor of time. */
export function recordOf(state: LiveGuild): unknown {
  const { log, ruled, channels, deals, profiles, unsaid } = state;
  return {
    ops: sorted([...log.ops].map(([id, { bytes, depth }]) => [id, `${depth} ${toHex(bytes)}`] as const)),
    heads: [...log.heads].sort(),
    members: [...ruled.guild.members.keys()].sort(),
    readers: sorted([...ruled.readers].map(([channel, devices]) => [channel, [...devices].sort()] as const)),
    owners: sorted(ruled.owners),
    deals: knownDeals(deals).toSorted(),
    current: sorted([...deals.kept].map(([id, { endedAtMs }]) => [id, endedAtMs === null] as const)),
    profiles: sorted([...profiles.records].map(([user, { bytes }]) => [user, toHex(bytes)] as const)),
    pictures: sorted([...profiles.pictures].map(([name, bytes]) => [name, toHex(bytes)] as const)),
    unsaid: [...unsaid].toSorted(([a], [b]) => a - b),
    channels: sorted(channels).map(([id, { sender, receivers, shelf, lamport }]) => ({
      id,
      sender: sender === null ? null : [toHex(encodeSender(sender)), toHex(encodeHolders(sender))],
      receivers: sorted([...receivers].map(([device, one]) => [device, toHex(encodeReceiver(one))] as const)),
      shelf: sorted(shelf).map(([device, one]) => [device, shelfOf(state, one)]),
      lamport,
    })).filter(({ sender, receivers, shelf }) => sender !== null || receivers.length + shelf.length > 0),
  };
}

function shelfOf(state: LiveGuild, shelf: DeviceShelf): unknown {
  const { kept, places, confirmed, held, newest, chain } = shelf;
  return {
    kept: sorted(kept),
    places: [...places.keys()].sort(),
    confirmed: [...confirmed.keys()].sort(),
    ranges: held.ranges,
    tips: held.tips.toSorted((a, b) => a.id < b.id ? -1 : 1),
    newest: newest?.content.seq,
    numbers: [...chain.ids].map(([seq, ids]) => [seq, ids.toSorted()] as const).toSorted(([a], [b]) => a - b),
    rules: sorted(verdictsOn(state.ruled.hindsight, shelf)),
  };
}
