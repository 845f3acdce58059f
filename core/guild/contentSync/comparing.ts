/** What two members have, held against each other: first all in one digest, then by channel. SPEC section 24. */
import type { Reason } from "../../errors.ts";
import type { ChannelId, DeviceId } from "../../ids.ts";
import { CSYNC } from "../../limits.ts";
import { refilled } from "../../log/serving.ts";
import { sameBytes } from "../../wire/bytes.ts";
import type { ContentSyncFrame } from "../../wire/contentSync.ts";
import { charged, waitMs } from "./answering.ts";
import type { ContentIndex } from "./contentIndex.ts";
import { digestOf, digestOfAll, isEmpty } from "./digest.ts";
import { type PeerStep, type PeerSync, quiet } from "./peer.ts";

type FrameOf<T extends ContentSyncFrame["t"]> = Extract<ContentSyncFrame, { readonly t: T }>;
type Digest = FrameOf<"digests">["entries"][number];

/** [CSYNC2] All in one digest. */
export const allOf = (index: ContentIndex, peer: DeviceId): Uint8Array =>
  digestOfAll(index.channels(peer).map((channel) => [channel, index.offers(peer, channel)]));

/** Of some channels; an empty one is left out, since there is nothing to be asked for. */
export function digestsOf(
  index: ContentIndex,
  peer: DeviceId,
  channels: Iterable<ChannelId>,
  answer: boolean,
): readonly FrameOf<"digests">[] {
  const entries: Digest[] = [];
  for (const channel of channels) {
    const offers = index.offers(peer, channel);
    if (answer || !isEmpty(offers)) entries.push({ channel, digest: digestOf(offers) });
  }
  const frames: FrameOf<"digests">[] = [];
  do {
    const some = entries.splice(0, CSYNC.maxDigests);
    frames.push({ t: "digests", entries: some, answer, more: entries.length > 0 });
  } while (entries.length > 0);
  return frames;
}

/** Whether the peer may say so much unasked. */
export function heard(state: PeerSync, sizeBytes: number, nowMs: number): readonly [PeerSync, Reason | null] {
  const said = refilled(state.said, CSYNC.saidBytesPerS, CSYNC.saidBurstBytes, nowMs);
  if (said.bytes < sizeBytes) return [{ ...state, said }, "sync.flood"];
  return [{ ...state, said: { ...said, bytes: said.bytes - sizeBytes } }, null];
}

/** What an entry of a digest frame, and any frame, count for. */
export const SAID_BYTES = 70;

export function allCame(
  index: ContentIndex,
  peer: DeviceId,
  state: PeerSync,
  { digest }: FrameOf<"all">,
  nowMs: number,
): PeerStep {
  if (sameBytes(digest, allOf(index, peer))) return quiet({ ...state, isHeard: true });
  return sayDigests(index, peer, state, false, nowMs);
}

/** They are many bytes for few: a peer has them from its share. */
export function sayDigests(
  index: ContentIndex,
  peer: DeviceId,
  state: PeerSync,
  answer: boolean,
  nowMs: number,
): PeerStep {
  if (waitMs(state, nowMs) > 0) return quiet(state, "sync.flood");
  const channels = index.channels(peer);
  const send = digestsOf(index, peer, channels, answer);
  return { ...quiet(charged(state, SAID_BYTES * channels.length, nowMs)), send };
}

/** [CSYNC3] Of what differs the offers are asked for. */
export function digestsCame(
  index: ContentIndex,
  peer: DeviceId,
  before: PeerSync,
  { entries, answer, more }: FrameOf<"digests">,
  nowMs: number,
): PeerStep {
  const [state, refused] = heard(before, SAID_BYTES * (1 + entries.length), nowMs);
  if (refused !== null) return quiet(state, refused);
  const isRead = new Set(index.channels(peer));
  const differing = entries.filter(({ channel, digest }) =>
    isRead.has(channel) && !sameBytes(digest, digestOf(index.offers(peer, channel)))
  ).map(({ channel }) => channel);
  const toAsk = new Map(state.toAsk);
  for (const channel of differing) toAsk.set(channel, 0);
  const next = { ...state, toAsk, isHeard: state.isHeard || !more };
  return answer ? { ...quiet(next), send: digestsOf(index, peer, differing, false) } : quiet(next);
}
