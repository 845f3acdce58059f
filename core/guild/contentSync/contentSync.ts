/**
 * The content of a guild's channels, brought together with all peers to which a link stands. Pure: what is here is told
 * by an index, bytes are read and opened by the caller, and nothing of the state has to outlive a link. SPEC section 24.
 */
import type { ChannelId, DeviceId } from "../../ids.ts";
import type { ContentSyncFrame } from "../../wire/contentSync.ts";
import { answerAsk, answerRead, answerWant, type ReadItem } from "./answering.ts";
import { busyCame, itemsCame, offerCame, phaseTick, taken } from "./asking.ts";
import { allCame, allOf, digestsCame, digestsOf } from "./comparing.ts";
import type { ContentIndex } from "./contentIndex.ts";
import {
  type ContentRead,
  type ContentTook,
  type Grown,
  newPeer,
  type PeerStep,
  type PeerSync,
  phaseDueAtMs,
  quiet,
  withWaste,
} from "./peer.ts";
import { type ContentSync, type ContentSyncStep, PeersTurn } from "./peersTurn.ts";
import { pushCame, pushed, tellCame, tellTick, toTell } from "./telling.ts";

export const NO_CONTENT_PEERS: ContentSync = new Map();

/** A link to a member's device stands. */
export function openContentPeer(
  before: ContentSync,
  index: ContentIndex,
  peer: DeviceId,
  nowMs: number,
): ContentSyncStep {
  const turn = new PeersTurn(index, new Map(before).set(peer, newPeer(nowMs)), nowMs);
  turn.step(peer, (state) => ({ ...quiet(state), send: [{ t: "all", digest: allOf(index, peer) }] }));
  return turn.result();
}

/** What was under way from it is asked of others. */
export function closeContentPeer(
  before: ContentSync,
  index: ContentIndex,
  peer: DeviceId,
  nowMs: number,
): ContentSyncStep {
  const left = new Map(before);
  left.delete(peer);
  return new PeersTurn(index, left, nowMs).result();
}

/** [CSYNC2] Who reads these channels has changed, or what may be given of them: compared anew with all peers. */
export function compareContent(
  before: ContentSync,
  index: ContentIndex,
  channels: ReadonlySet<ChannelId>,
  nowMs: number,
): ContentSyncStep {
  const turn = new PeersTurn(index, before, nowMs);
  for (const peer of before.keys()) {
    const some = index.channels(peer).filter((channel) => channels.has(channel));
    if (some.length === 0) continue;
    turn.step(peer, (state) => ({
      ...quiet({ ...state, isHeard: false }),
      send: digestsOf(index, peer, some, true),
    }));
  }
  return turn.result();
}

export function contentSyncStep(
  before: ContentSync,
  index: ContentIndex,
  peer: DeviceId,
  frame: ContentSyncFrame,
  nowMs: number,
): ContentSyncStep {
  const turn = new PeersTurn(index, before, nowMs);
  turn.step(peer, (state) => frameCame(index, peer, state, frame, nowMs));
  return turn.result(peer);
}

function frameCame(
  index: ContentIndex,
  peer: DeviceId,
  state: PeerSync,
  frame: ContentSyncFrame,
  nowMs: number,
): PeerStep {
  switch (frame.t) {
    case "all":
      return allCame(index, peer, state, frame, nowMs);
    case "digests":
      return digestsCame(index, peer, state, frame, nowMs);
    case "ask":
      return answerAsk(index, peer, state, frame, nowMs);
    case "offer":
      return offerCame(state, frame);
    case "tell":
      return tellCame(index, peer, state, frame, nowMs);
    case "want":
      return answerWant(index, peer, state, frame, nowMs);
    case "items":
      return itemsCame(index, peer, state, frame, nowMs);
    case "push":
      return pushCame(index, peer, state, frame, nowMs);
    case "busy":
      return busyCame(state, frame, nowMs);
  }
}

/** When `contentSyncTick` is due, or `null`. */
export function contentSyncDueAtMs(sync: ContentSync): number | null {
  const due = [...sync.values()].flatMap((peer) => [phaseDueAtMs(peer), peer.tellAtMs]).filter((atMs) => atMs !== null);
  return due.length === 0 ? null : Math.min(...due);
}

/** Before it is due it does nothing. */
export function contentSyncTick(before: ContentSync, index: ContentIndex, nowMs: number): ContentSyncStep {
  const turn = new PeersTurn(index, before, nowMs);
  for (const peer of before.keys()) {
    turn.step(peer, (state) => phaseTick(state, nowMs));
    turn.step(peer, (state) => tellTick(index, peer, state, nowMs));
  }
  return turn.result();
}

/** What the store had of `read.keys`, in their order; what it has no more is left out. */
export function contentRead(
  before: ContentSync,
  index: ContentIndex,
  read: ContentRead,
  items: readonly ReadItem[],
  nowMs: number,
): ContentSyncStep {
  const turn = new PeersTurn(index, before, nowMs);
  turn.step(read.peer, (state) => answerRead(index, state, read, items, nowMs));
  return turn.result();
}

/** `gainedBytes` of the envelopes were new and are kept; `index` has them. */
export function tookContent(
  before: ContentSync,
  index: ContentIndex,
  { peer, number, items }: ContentTook,
  gainedBytes: number,
  nowMs: number,
): ContentSyncStep {
  const turn = new PeersTurn(index, before, nowMs);
  const lostBytes = items.reduce((sum, { envelope }) => sum + envelope.length, 0) - gainedBytes;
  turn.step(peer, (state) => {
    if (number === null) return quiet(withWaste(state, lostBytes, nowMs));
    const { phase } = state;
    const isDue = phase.t === "taking" && number === state.number;
    return isDue ? taken(index, state, phase.wastedBytes + lostBytes, nowMs) : quiet(state);
  });
  return turn.result(peer);
}

/** [CSYNC7] These are here now, and open: told to all peers but the one that they came from. */
export function tellContent(
  before: ContentSync,
  grown: readonly Grown[],
  from: DeviceId | null,
  nowMs: number,
): ContentSync {
  const peers = new Map(before);
  for (const [peer, state] of before) if (peer !== from) peers.set(peer, toTell(state, grown, nowMs));
  return peers;
}

/** [CSYNC7] What our own device has just written: sent to all peers that read the channel. */
export function pushContent(
  before: ContentSync,
  index: ContentIndex,
  own: DeviceId,
  content: { readonly channel: ChannelId; readonly seq: number; readonly envelope: Uint8Array },
  nowMs: number,
): ContentSyncStep {
  const turn = new PeersTurn(index, before, nowMs);
  for (const peer of before.keys()) {
    if (!index.channels(peer).includes(content.channel)) continue;
    turn.step(peer, (state) => pushed(state, own, content, nowMs));
  }
  return turn.result();
}

/** Whether the peer has shown all that it has of this device's content and we have not. */
export function hasShown(sync: ContentSync, peer: DeviceId, author: DeviceId): boolean {
  const state = sync.get(peer);
  if (state === undefined || !state.isHeard || state.isForgotten || state.toAsk.size > 0) return false;
  if (state.phase.t === "asking") return false;
  return [...state.offered.values()].every((chains) => !chains.has(author));
}
