/** Asking one peer for what is not here: one request is under way at a time. SPEC section 24. */
import { CONTENT, CSYNC } from "../../limits.ts";
import type { ContentItem, ContentSyncFrame } from "../../wire/contentSync.ts";
import type { ChannelId, DeviceId } from "../../ids.ts";
import type { ContentIndex } from "./contentIndex.ts";
import {
  type Asked,
  type Away,
  choose,
  sizeOf,
  withChains,
  withEntries,
  withoutAsked,
  withoutChains,
} from "./offered.ts";
import { type PeerStep, type PeerSync, quiet, withWaste } from "./peer.ts";
import { countOf, includes, minus } from "./ranges.ts";

type FrameOf<T extends ContentSyncFrame["t"]> = Extract<ContentSyncFrame, { readonly t: T }>;

/** The next request, if there is something to ask for and none is under way. */
export function ask(
  index: ContentIndex,
  peer: DeviceId,
  state: PeerSync,
  awayOf: (channel: ChannelId) => Away,
  nowMs: number,
): PeerStep {
  if (state.phase.t !== "idle" || state.offered.size + state.toAsk.size === 0) return quiet(state);
  let { offered } = state;
  const number = state.number + 1;
  const untilMs = nowMs + CSYNC.answerTimeoutMs;
  const channels = index.channels(peer);
  for (const channel of channels) {
    const known = offered.get(channel);
    const { chains, asked } = known === undefined
      ? { chains: known, asked: null }
      : choose(index, channel, known, awayOf(channel));
    if (chains !== undefined && chains.size !== known?.size) offered = withChains(offered, channel, chains);
    if (asked !== null) {
      const { wants, ids } = asked;
      const next: PeerSync = { ...state, offered, number, phase: { t: "wanting", asked, untilMs } };
      return { ...quiet(next), send: [{ t: "want", number, channel, wants, ids }] };
    }
    const from = state.toAsk.get(channel);
    if (from === undefined || sizeOf(offered) > CSYNC.maxKept) continue;
    const next: PeerSync = { ...state, offered, number, phase: { t: "asking", channel, from, untilMs } };
    return { ...quiet(next), send: [{ t: "ask", number, channel, from }] };
  }
  // What we do not read any more, or the other does not, is nobody's to ask for.
  const isRead = new Set(channels);
  const toAsk = new Map([...state.toAsk].filter(([channel]) => isRead.has(channel)));
  return quiet({ ...state, toAsk, offered: new Map([...offered].filter(([channel]) => isRead.has(channel))) });
}

/** [CSYNC3] One page; the next is asked for when nothing of it is left to ask for. */
export function offerCame(state: PeerSync, frame: FrameOf<"offer">): PeerStep {
  const { phase } = state;
  if (phase.t !== "asking" || frame.number !== state.number || frame.channel !== phase.channel) {
    return quiet(state, "sync.unasked");
  }
  const { channel, entries, more } = frame;
  const next = phase.from + entries.length;
  const toAsk = new Map(state.toAsk);
  if (more && entries.length > 0 && next < CSYNC.maxPages * CSYNC.maxEntries) toAsk.set(channel, next);
  else toAsk.delete(channel);
  const offered = withEntries(state.offered, channel, entries);
  return quiet({ ...state, unanswered: 0, toAsk, offered, phase: { t: "idle" } });
}

/** [CSYNC6] Of an answer, what was asked for. */
export function itemsCame(
  index: ContentIndex,
  peer: DeviceId,
  state: PeerSync,
  { number, chains, items, more }: FrameOf<"items">,
  nowMs: number,
): PeerStep {
  const { phase } = state;
  const sizeBytes = items.reduce((sum, { envelope }) => sum + envelope.length, 0);
  if (phase.t !== "wanting" || number !== state.number) {
    return quiet(withWaste(state, sizeBytes, nowMs), "sync.unasked");
  }
  const { asked } = phase;
  const due = askedFor(asked, items);
  const wastedBytes = sizeBytes - due.reduce((sum, { envelope }) => sum + envelope.length, 0);
  const taking: PeerSync = { ...state, phase: { t: "taking", asked, more, wastedBytes } };
  if (due.length === 0) return taken(index, taking, wastedBytes, nowMs);
  const took = { peer, number, channel: asked.channel, chains, items: due };
  return { ...quiet(taking, due.length < items.length ? "sync.unasked" : null), took };
}

/** At most as many under each number as there can be. */
function askedFor({ wants, ids }: Asked, items: readonly ContentItem[]): readonly ContentItem[] {
  const counts = new Map<string, number>();
  return items.filter(({ device, seq }) => {
    const isAsked = wants.some((want) => want.device === device && includes(want.ranges, seq)) ||
      ids.some((id) => id.device === device && id.seq === seq);
    const place = `${device}/${seq}`;
    const count = (counts.get(place) ?? 0) + 1;
    counts.set(place, count);
    return isAsked && count <= CONTENT.maxForks;
  });
}

/** [CSYNC5] What was taken has been opened, as far as it can be: each answer has to bring something. */
export function taken(index: ContentIndex, before: PeerSync, wastedBytes: number, nowMs: number): PeerStep {
  const { phase } = before;
  if (phase.t !== "taking") return quiet(before);
  const { asked, more } = phase;
  const { channel, wants, ids } = asked;
  const isHere = ({ device, ranges }: Asked["wants"][number]) =>
    countOf(minus(ranges, index.here(channel, device))) < countOf(ranges);
  const isGained = wants.some(isHere) ||
    ids.some(({ device, ...named }) => !index.lacks(channel, device, named));
  const isFruitless = !isGained && asked.isPromised;
  const offered = more && isGained
    ? before.offered
    : isFruitless
    ? withoutChains(before.offered, asked)
    : withoutAsked(before.offered, asked);
  const state = withWaste({ ...before, offered, unanswered: isGained ? 0 : before.unanswered }, wastedBytes, nowMs);
  if (state.waste.bytes < 0) {
    const pauseMs = Math.ceil(-state.waste.bytes * 1000 / CSYNC.wasteBytesPerS);
    return quiet({ ...state, phase: { t: "paused", untilMs: nowMs + pauseMs } }, "sync.wasteful");
  }
  if (!isFruitless) return quiet({ ...state, phase: { t: "idle" } });
  const phaseNow = { t: "paused", untilMs: nowMs + CSYNC.fruitlessPauseMs } as const;
  return quiet({ ...state, phase: phaseNow }, "sync.fruitless");
}

export function busyCame(state: PeerSync, { number, retryAfterMs }: FrameOf<"busy">, nowMs: number): PeerStep {
  const isDue = state.phase.t === "wanting" || state.phase.t === "asking";
  if (!isDue || number !== state.number) return quiet(state, "sync.unasked");
  return unmet(state, Math.max(CSYNC.minRetryAfterMs, retryAfterMs), nowMs);
}

/** [CSYNC8] No answer came, or a pause has ended. Before that it does nothing. */
export function phaseTick(state: PeerSync, nowMs: number): PeerStep {
  const { phase } = state;
  if (!("untilMs" in phase) || nowMs < phase.untilMs) return quiet(state);
  return phase.t === "paused" ? quiet({ ...state, phase: { t: "idle" } }) : unmet(state, 0, nowMs);
}

/** One more request that was not answered: others are asked first, and after a few nothing is wanted of this peer. */
function unmet(before: PeerSync, pauseMs: number, nowMs: number): PeerStep {
  const unanswered = before.unanswered + 1;
  const slowMs = Math.min(CSYNC.maxSlowPauseMs, CSYNC.slowPauseMs * unanswered);
  const isLost = unanswered >= CSYNC.maxUnanswered;
  return quiet({
    ...before,
    unanswered,
    isForgotten: before.isForgotten || isLost,
    toAsk: isLost ? new Map() : before.toAsk,
    offered: isLost ? new Map() : before.offered,
    phase: { t: "paused", untilMs: nowMs + Math.max(pauseMs, slowMs) },
  }, "sync.silent");
}
