/** What a peer is answered that asks for content: what it may have, and no more than its share. SPEC section 24. */
import { type DeviceId, toHex } from "../../ids.ts";
import { CSYNC } from "../../limits.ts";
import { refilled } from "../../log/serving.ts";
import type { ChainOrigin, ContentItem, ContentOffer, ContentSyncFrame } from "../../wire/contentSync.ts";
import type { ContentIndex, DeviceRanges, Found } from "./contentIndex.ts";
import { entriesOf, entryBytes } from "./held.ts";
import { type ContentRead, type PeerStep, type PeerSync, quiet } from "./peer.ts";
import { countOf, newest } from "./ranges.ts";

type Want = Extract<ContentSyncFrame, { readonly t: "want" }>;
type Ask = Extract<ContentSyncFrame, { readonly t: "ask" }>;

/** What the store had under a key. */
export interface ReadItem extends ContentItem {
  readonly origin: Omit<ChainOrigin, "device">;
}

export function charged(state: PeerSync, sizeBytes: number, nowMs: number): PeerSync {
  const served = refilled(state.served, CSYNC.servedBytesPerS, CSYNC.servedBurstBytes, nowMs);
  return { ...state, served: { ...served, bytes: served.bytes - Math.max(CSYNC.minServedBytes, sizeBytes) } };
}

/** How long until the peer can be answered again, or 0. */
export function waitMs({ served }: PeerSync, nowMs: number): number {
  const { bytes } = refilled(served, CSYNC.servedBytesPerS, CSYNC.servedBurstBytes, nowMs);
  const lackedBytes = CSYNC.maxFrameBytes - bytes;
  return lackedBytes <= 0 ? 0 : Math.min(CSYNC.maxRetryAfterMs, Math.ceil(lackedBytes * 1000 / CSYNC.servedBytesPerS));
}

const busy = (state: PeerSync, number: number, retryAfterMs: number): PeerStep => ({
  ...quiet(state),
  send: [{ t: "busy", number, retryAfterMs }],
});

/** [CSYNC3] The page of that place. */
export function answerAsk(index: ContentIndex, peer: DeviceId, state: PeerSync, asked: Ask, nowMs: number): PeerStep {
  const { number, channel, from } = asked;
  const retryAfterMs = waitMs(state, nowMs);
  if (retryAfterMs > 0) return busy(state, number, retryAfterMs);
  const offers = index.channels(peer).includes(channel) ? index.offers(peer, channel) : [];
  const all = offers.flatMap(entriesOf);
  const [entries, sizeBytes] = fitting(all.slice(from));
  const more = from + entries.length < all.length;
  return {
    ...quiet(charged(state, sizeBytes, nowMs)),
    send: [{ t: "offer", number, channel, entries, more }],
  };
}

/** The first of them, as many as a frame holds, and their bytes. */
export function fitting(entries: readonly ContentOffer[]): [readonly ContentOffer[], number] {
  let sizeBytes: number = CSYNC.answerBytes;
  for (const [at, entry] of entries.entries()) {
    const next = sizeBytes + entryBytes(entry);
    if (next > CSYNC.maxFrameBytes || at === CSYNC.maxEntries) return [entries.slice(0, at), sizeBytes];
    sizeBytes = next;
  }
  return [entries, sizeBytes];
}

/** [CSYNC4] What to read of the store for the answer, which `contentRead` then gives. */
export function answerWant(index: ContentIndex, peer: DeviceId, state: PeerSync, want: Want, nowMs: number): PeerStep {
  const { number, channel, ids } = want;
  // A frame that came twice.
  if (state.reading?.number === number) return quiet(state);
  const retryAfterMs = state.reading === null ? waitMs(state, nowMs) : CSYNC.minRetryAfterMs;
  if (retryAfterMs > 0) return busy(state, number, retryAfterMs);
  const isRead = index.channels(peer).includes(channel);
  const found = isRead ? index.find(peer, channel, limited(want.wants), ids) : [];
  if (found.length === 0) {
    return {
      ...quiet(charged(state, 0, nowMs)),
      send: [{ t: "items", number, chains: [], items: [], more: false }],
    };
  }
  const some = fittingFound(found);
  const reading = { number, more: some.length < found.length };
  return { ...quiet({ ...state, reading }), read: { peer, number, channel, keys: some.map(({ key }) => key) } };
}

/** Whatever was asked for: no more numbers than an honest want has. */
function limited(wants: readonly DeviceRanges[]): readonly DeviceRanges[] {
  let left: number = CSYNC.maxWanted;
  return wants.flatMap(({ device, ranges }) => {
    const some = newest(ranges, left);
    left -= countOf(some);
    return some.length === 0 ? [] : [{ device, ranges: some }];
  });
}

function fittingFound(found: readonly Found[]): readonly Found[] {
  let sizeBytes: number = CSYNC.answerBytes;
  const end = found.findIndex((one, at) => {
    sizeBytes += one.sizeBytes + CSYNC.perItemBytes;
    return at > 0 && sizeBytes > CSYNC.maxFrameBytes || at === CSYNC.maxItems;
  });
  return end < 0 ? found : found.slice(0, end);
}

/** [CSYNC4] What the store had, in the order in which it was to be read; what it has no more is left out. */
export function answerRead(
  index: ContentIndex,
  before: PeerSync,
  { peer, number, channel }: ContentRead,
  read: readonly ReadItem[],
  nowMs: number,
): PeerStep {
  if (before.reading?.number !== number) return quiet(before);
  const state = { ...before, reading: null };
  const chains = new Map<string, ChainOrigin>();
  const items: ContentItem[] = [];
  let sizeBytes: number = CSYNC.answerBytes;
  // Who may read can have changed while the store was read.
  for (const { device, seq, envelope, origin } of index.channels(peer).includes(channel) ? read : []) {
    const name = `${device}/${toHex(origin.chain)}`;
    sizeBytes += envelope.length + CSYNC.perItemBytes + (chains.has(name) ? 0 : CSYNC.perChainBytes);
    if (sizeBytes > CSYNC.maxFrameBytes) break;
    chains.set(name, { device, ...origin });
    items.push({ device, seq, envelope });
  }
  const more = before.reading.more || items.length > 0 && items.length < read.length;
  return {
    ...quiet(charged(state, sizeBytes, nowMs)),
    send: [{ t: "items", number, chains: [...chains.values()], items, more }],
  };
}
