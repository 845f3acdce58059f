/** The sync of content, as part of the machine: SPEC sections 24 and 26. */
import { peekChain } from "../../group/receiver.ts";
import { type ChannelId, type DeviceId, toHex } from "../../ids.ts";
import { contentRecord } from "../../wire/guildRecords.ts";
import { contentSyncCodec } from "../../wire/contentSync.ts";
import { decodeGroupEnvelope } from "../../wire/groupEnvelope.ts";
import type { ReadItem } from "../contentSync/answering.ts";
import {
  closeContentPeer,
  compareContent,
  contentRead,
  contentSyncStep,
  contentSyncTick,
  openContentPeer,
  pushContent,
  tellContent,
  tookContent,
} from "../contentSync/contentSync.ts";
import type { ContentSyncStep } from "../contentSync/peersTurn.ts";
import type { ContentRead, ContentTook } from "../contentSync/peer.ts";
import { libraryOf } from "./library.ts";
import { envelopeCame } from "./receiving.ts";
import type { Kept } from "./shelf.ts";
import type { LiveGuild } from "./state.ts";
import type { GuildTurn } from "./turn.ts";

export const openContents = (turn: GuildTurn, device: DeviceId): void =>
  done(turn, openContentPeer(turn.state.contents, libraryOf(turn.state, turn.nowMs), device, turn.nowMs));

export const closeContents = (turn: GuildTurn, device: DeviceId): void =>
  done(turn, closeContentPeer(turn.state.contents, libraryOf(turn.state, turn.nowMs), device, turn.nowMs));

export const tickContents = (turn: GuildTurn): void =>
  done(turn, contentSyncTick(turn.state.contents, libraryOf(turn.state, turn.nowMs), turn.nowMs));

export function contentFrame(turn: GuildTurn, device: DeviceId, bytes: Uint8Array): void {
  const frame = contentSyncCodec.decode(bytes);
  if (!frame.ok) return turn.refuse(frame.reason);
  done(turn, contentSyncStep(turn.state.contents, libraryOf(turn.state, turn.nowMs), device, frame.value, turn.nowMs));
}

/** What our own device has just sealed. */
export function push(
  turn: GuildTurn,
  { content: { channel, seq } }: Pick<Kept, "content">,
  envelope: Uint8Array,
): void {
  const { contents, device } = turn.state;
  done(
    turn,
    pushContent(contents, libraryOf(turn.state, turn.nowMs), device.id, { channel, seq, envelope }, turn.nowMs),
  );
}

/** Records came of the store, `null` where one is gone by now. */
export function contentsWereRead(turn: GuildTurn, read: ContentRead, records: readonly (Uint8Array | null)[]): void {
  const items = records.flatMap((bytes, at): readonly ReadItem[] => {
    const record = bytes === null ? null : contentRecord.decode(bytes);
    if (!record?.ok) return [];
    const { envelope, signer, ownership } = record.value;
    const opened = decodeGroupEnvelope(envelope);
    return opened.ok
      ? [{ ...placeIn(read.keys[at]!), envelope, origin: { chain: opened.value.chain, signer, ownership } }]
      : [];
  });
  done(turn, contentRead(turn.state.contents, libraryOf(turn.state, turn.nowMs), read, items, turn.nowMs));
}

/** Of the key of a record: `.../device/number/id`. */
function placeIn(key: string): { readonly device: DeviceId; readonly seq: number } {
  const [device, seq] = key.split("/").slice(-3);
  return { device: device as DeviceId, seq: parseInt(seq!, 16) };
}

/** What has grown is told to all but whom it came from; what may be offered now, or is missing, is compared anew. */
export function tellContents(turn: GuildTurn, before: LiveGuild): void {
  for (const [from, grown] of turn.grown) {
    turn.set({ contents: tellContent(turn.state.contents, grown, from, turn.nowMs) });
  }
  const changed = new Set([...turn.missed, ...readOtherwise(turn.state, before)]);
  if (changed.size === 0) return;
  done(turn, compareContent(turn.state.contents, libraryOf(turn.state, turn.nowMs), changed, turn.nowMs));
}

/** Channels that are read by others than before, or whose past is. */
function readOtherwise({ ruled: { readers, guild }, ruled }: LiveGuild, before: LiveGuild): readonly ChannelId[] {
  if (ruled === before.ruled) return [];
  const historyIn = ({ channels }: typeof guild, channel: ChannelId) => channels.get(channel)?.history;
  return [...readers].filter(([channel, devices]) =>
    before.ruled.readers.get(channel) !== devices ||
    historyIn(before.ruled.guild, channel) !== historyIn(guild, channel)
  ).map(([channel]) => channel);
}

function done(turn: GuildTurn, step: ContentSyncStep): void {
  turn.set({ contents: step.state });
  for (const { to, frame } of step.send) turn.send(to, { t: "content", body: contentSyncCodec.encode(frame) });
  for (const read of step.read) turn.read({ t: "contents", read }, read.keys);
  for (const { reason } of step.refused) turn.refuse(reason);
  for (const took of step.took) takeIn(turn, took);
}

function takeIn(turn: GuildTurn, took: ContentTook): void {
  const { channel, peer } = took;
  const chains = new Map(
    took.chains.map((origin) => [`${origin.device}/${toHex(origin.chain)}`, { channel, ...origin }]),
  );
  let gainedBytes = 0;
  for (const { device, seq, envelope } of took.items) {
    const id = peekChain(envelope);
    const chain = id.ok ? chains.get(`${device}/${toHex(id.value)}`) ?? null : null;
    if (envelopeCame(turn, { channel, device, seq, envelope, chain }, peer)) gainedBytes += envelope.length;
  }
  done(turn, tookContent(turn.state.contents, libraryOf(turn.state, turn.nowMs), took, gainedBytes, turn.nowMs));
}
