/** A device's part in a guild from its store: what it knows after a start. SPEC section 26. */
import type { ChannelId, ContentId, DeviceId, GuildId, OpId } from "../../ids.ts";
import { decodeReceiver } from "../../group/receiver.ts";
import { decodeSender } from "../../group/sender.ts";
import { ok, type Reason, refuse, type Result } from "../../errors.ts";
import type { LocalDevice } from "../../identity/identity.ts";
import { LIVE } from "../../limits.ts";
import type { OpLog } from "../../log/log.ts";
import { restoreLog } from "../../log/restore.ts";
import { fromOwnStore } from "../../log/signedOp.ts";
import type { Env, Store, StoredRecord } from "../../ports.ts";
import { decodeGroupEnvelope } from "../../wire/groupEnvelope.ts";
import { decodeGuildContent } from "../../wire/guildContent.ts";
import { contentRecord, type Unsaid, unsaidRecord } from "../../wire/guildRecords.ts";
import { listsOf } from "../content.ts";
import type { Hindsight } from "../hindsight.ts";
import { type Deals, decodeDeals, NO_DEALS, settleDeals } from "../join/deals.ts";
import { type Profiles, receiveProfiles, takePicture } from "../profiles/profiles.ts";
import { chainIdOf, lamportOf } from "./receiving.ts";
import { guildKeys } from "./keys.ts";
import { confirmed, emptyDeviceShelf, type Kept, shelved } from "./shelf.ts";
import { EMPTY_CHANNEL, type LiveChannel, type LiveGuild, withLog } from "./state.ts";

type Unreadable = { readonly ok: false; readonly reason: Reason; readonly key: string };
export type LoadedGuild = { readonly ok: true; readonly value: LiveGuild } | Unreadable;

class BadRecord extends Error {
  constructor(readonly key: string, readonly reason: Reason) {
    super(reason);
  }
}

/** The state in the store, or the key of the first record that is not what it should be and why. Nothing is repaired. */
export async function loadGuild(
  store: Store,
  guild: GuildId,
  device: LocalDevice,
  { nowMs }: Pick<Env, "nowMs">,
): Promise<LoadedGuild> {
  try {
    const log = logOf(await store.read(guildKeys(guild).ops));
    const unsaid = new Map<number, Unsaid>();
    for (const record of await store.read(guildKeys(guild).unsaid)) {
      unsaid.set(parseInt(lastOf(record.key), 16), must(record, unsaidRecord.decode(record.value)));
    }
    const deals = await loadDeals(store, guild);
    const state = withLog(device, log, deals, nowMs + LIVE.quietMs);
    const channels = await loadChannels(store, guild, state.ruled.hindsight);
    const settled = settleDeals(deals, state.ruled.hindsight, nowMs);
    const profiles = await loadProfiles(store, state);
    return ok({ ...state, deals: settled, profiles, channels, unsaid });
  } catch (error) {
    if (error instanceof BadRecord) return { ...refuse(error.reason), key: error.key };
    throw error;
  }
}

function must<T>(record: Pick<StoredRecord, "key">, result: Result<T>): T {
  if (!result.ok) throw new BadRecord(record.key, result.reason);
  return result.value;
}

async function loadDeals(store: Store, guild: GuildId): Promise<Deals> {
  const [record] = await store.read(guildKeys(guild).deals);
  return record === undefined ? NO_DEALS : must(record, decodeDeals(record.value, guild));
}

/** [PROF3] One by a device that is no member's by now is as if it were not there. */
async function loadProfiles(store: Store, { log, profiles, ruled }: LiveGuild): Promise<Profiles> {
  const keys = guildKeys(log.guild);
  const records = (await store.read(keys.profiles)).map(({ value }) => value);
  const received = receiveProfiles(profiles, ruled.guild, records).profiles;
  return (await store.read(keys.pictures)).reduce((known, { value }) => takePicture(known, value), received);
}

const lastOf = (key: string): string => key.slice(key.lastIndexOf("/") + 1);

function logOf(records: readonly StoredRecord[]): OpLog {
  const log = restoreLog(records.map((record) => fromOwnStore(lastOf(record.key) as OpId, record.value)));
  if (!log.ok) throw new BadRecord(records[log.at]?.key ?? "op", log.reason);
  return log.value;
}

async function loadChannels(
  store: Store,
  guild: GuildId,
  hindsight: Hindsight,
): Promise<ReadonlyMap<ChannelId, LiveChannel>> {
  const keys = guildKeys(guild);
  const channels = new Map<ChannelId, LiveChannel>();
  const change = (id: ChannelId, what: (channel: LiveChannel) => Partial<LiveChannel>) => {
    const channel = channels.get(id) ?? EMPTY_CHANNEL;
    channels.set(id, { ...channel, ...what(channel) });
  };
  const holders = new Map((await store.read(keys.holders)).map(({ key, value }) => [lastOf(key), value]));
  for (const record of await store.read(keys.senders)) {
    const sender = must(record, decodeSender(record.value, holders.get(lastOf(record.key)) ?? new Uint8Array(0)));
    change(sender.channel, () => ({ sender }));
  }
  for (const record of await store.read(keys.receivers)) {
    const receiver = must(record, decodeReceiver(record.value));
    change(receiver.channel, ({ receivers }) => ({ receivers: new Map(receivers).set(receiver.sender, receiver) }));
  }
  const confirmations = new Set((await store.read(keys.confirmations)).map(({ key }) => lastOf(key)));
  for (const [path, records] of Map.groupBy(await store.read(keys.contents), ({ key }) => parentOf(key))) {
    const [channel, device] = path.slice(keys.contents.length).split("/") as [ChannelId, DeviceId];
    const kept = records.map((record) => keptOf(record, channel, device));
    const ids = kept.map(({ id }) => id).filter((id) => confirmations.has(id));
    const lamport = kept.reduce((greatest, one) => Math.max(greatest, lamportOf(one)), 0);
    const shelf = shelved(emptyDeviceShelf(device), kept, listsOf(hindsight, channel, device));
    change(channel, (before) => ({
      shelf: new Map(before.shelf).set(device, confirmed(shelf, ids)),
      lamport: Math.max(before.lamport, lamport),
    }));
  }
  return channels;
}

/** `.../channel/device/number/id` without the last two. */
const parentOf = (key: string): string => key.split("/").slice(0, -2).join("/");

function keptOf(record: StoredRecord, channel: ChannelId, device: DeviceId): Kept {
  const { content, envelope } = must(record, contentRecord.decode(record.value));
  const id = lastOf(record.key) as ContentId;
  // The same texts for all of a chain: they are most of what it holds.
  const read = { ...must(record, decodeGuildContent(content)), channel, device };
  const { chain, first, position } = must(record, decodeGroupEnvelope(envelope));
  return { id, content: read, chain: chainIdOf(chain), index: first + position, sizeBytes: envelope.length };
}
