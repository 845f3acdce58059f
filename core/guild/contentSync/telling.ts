/** What is said to a peer unasked, and what is made of what it says so. SPEC section 24. */
import type { ChannelId, DeviceId } from "../../ids.ts";
import { CSYNC } from "../../limits.ts";
import { type Allowance, refilled } from "../../log/serving.ts";
import type { ContentOffer, ContentSyncFrame } from "../../wire/contentSync.ts";
import { fitting } from "./answering.ts";
import { heard, SAID_BYTES, sayDigests } from "./comparing.ts";
import type { ContentIndex } from "./contentIndex.ts";
import { entriesOf, type Held } from "./held.ts";
import { sizeOf, withEntries } from "./offered.ts";
import { type Grown, type PeerStep, type PeerSync, quiet, withWaste } from "./peer.ts";
import { includes, minus, type Ranges, union, withNumber } from "./ranges.ts";

export type { Grown };

type FrameOf<T extends ContentSyncFrame["t"]> = Extract<ContentSyncFrame, { readonly t: T }>;

/** [CSYNC7] */
export function tellCame(
  index: ContentIndex,
  peer: DeviceId,
  before: PeerSync,
  { channel, entries }: FrameOf<"tell">,
  nowMs: number,
): PeerStep {
  if (!index.channels(peer).includes(channel)) return quiet(before);
  const [state, refused] = heard(before, SAID_BYTES * (1 + entries.length), nowMs);
  if (refused !== null || sizeOf(state.offered) > CSYNC.maxKept) {
    return quiet({ ...state, toAsk: new Map(state.toAsk).set(channel, 0) }, refused);
  }
  const offered = withEntries(state.offered, channel, entries);
  return revived(index, peer, withoutTold(index, peer, { ...state, offered }, channel, entries), nowMs);
}

/** [CSYNC8] A peer that was given up speaks again: what it had offered is to be had anew. */
function revived(index: ContentIndex, peer: DeviceId, state: PeerSync, nowMs: number): PeerStep {
  if (!state.isForgotten) return quiet(state);
  return sayDigests(index, peer, { ...state, isForgotten: false, isHeard: false }, true, nowMs);
}

/** What the peer shows to have is not told to it: but where it has something else under a number. */
function withoutTold(
  index: ContentIndex,
  peer: DeviceId,
  state: PeerSync,
  channel: ChannelId,
  entries: readonly ContentOffer[],
): PeerSync {
  if (state.toTell.length === 0) return state;
  const tips = new Map(index.offers(peer, channel).map((held) => [held.device, held.tips]));
  const shown = new Map<DeviceId, Ranges>();
  for (const entry of entries) {
    const others = (tips.get(entry.device) ?? []).filter(({ id }) => !entry.tips.some((tip) => tip.id === id));
    const ranges = minus(entry.ranges, others.map(({ seq }) => ({ from: seq, to: seq })).reverse());
    shown.set(entry.device, union(shown.get(entry.device) ?? [], ranges));
  }
  const isShown = (one: Grown) => one.channel === channel && includes(shown.get(one.device) ?? [], one.seq);
  const toTell = state.toTell.map((grown) => grown.filter((one) => !isShown(one))).filter(({ length }) => length > 0);
  return { ...state, toTell, tellAtMs: toTell.length === 0 ? null : state.tellAtMs };
}

/** [CSYNC7] They have come: to be told a while from now, with what comes until then. */
export const toTell = (state: PeerSync, grown: readonly Grown[], nowMs: number): PeerSync =>
  grown.length === 0
    ? state
    : { ...state, toTell: [...state.toTell, grown], tellAtMs: state.tellAtMs ?? nowMs + CSYNC.tellAfterMs };

export function tellTick(index: ContentIndex, peer: DeviceId, before: PeerSync, nowMs: number): PeerStep {
  if (before.tellAtMs === null || nowMs < before.tellAtMs) return quiet(before);
  const grown = before.toTell.flat();
  const send: FrameOf<"tell">[] = [];
  const left: Grown[] = [];
  for (const channel of index.channels(peer)) {
    const some = grown.filter((one) => one.channel === channel);
    if (some.length === 0) continue;
    const numbers = numbersOf(some);
    const all = index.offers(peer, channel).flatMap((held) => entriesOf(within(held, numbers.get(held.device) ?? [])));
    const [entries] = fitting(all);
    if (entries.length > 0) send.push({ t: "tell", channel, entries });
    const rest = new Set(all.slice(entries.length).map(({ device }) => device));
    left.push(...some.filter(({ device }) => rest.has(device)));
  }
  const tellAtMs = left.length === 0 ? null : nowMs + CSYNC.tellAfterMs;
  return { ...quiet({ ...before, toTell: left.length === 0 ? [] : [left], tellAtMs }), send };
}

function numbersOf(grown: readonly Grown[]): ReadonlyMap<DeviceId, Ranges> {
  const numbers = new Map<DeviceId, Ranges>();
  for (const { device, seq } of grown) numbers.set(device, withNumber(numbers.get(device) ?? [], seq));
  return numbers;
}

/** Of what is held, these numbers. */
const within = (held: Held, numbers: Ranges): Held => ({
  ...held,
  ranges: minus(numbers, minus(numbers, held.ranges)),
  tips: held.tips.filter(({ seq }) => includes(numbers, seq)),
});

/** [CSYNC7] Own content, at once; where there is much of it, told. */
export function pushed(
  state: PeerSync,
  own: DeviceId,
  { channel, seq, envelope }: Omit<FrameOf<"push">, "t">,
  nowMs: number,
): PeerStep {
  const [pushesOut, isAllowed] = withoutPush(state.pushesOut, nowMs);
  if (!isAllowed) return quiet(toTell({ ...state, pushesOut }, [{ channel, device: own, seq }], nowMs));
  return { ...quiet({ ...state, pushesOut }), send: [{ t: "push", channel, seq, envelope }] };
}

/** What is not taken now is an offer of it. */
export function pushCame(
  index: ContentIndex,
  peer: DeviceId,
  before: PeerSync,
  { channel, seq, envelope }: FrameOf<"push">,
  nowMs: number,
): PeerStep {
  if (!index.channels(peer).includes(channel)) return quiet(before);
  const [pushesIn, isAllowed] = withoutPush(before.pushesIn, nowMs);
  const state = withWaste({ ...before, pushesIn }, 0, nowMs);
  if (includes(index.here(channel, peer), seq)) return quiet(withWaste(state, envelope.length, nowMs));
  if (isAllowed && state.waste.bytes > 0) {
    const took = { peer, number: null, channel, chains: [], items: [{ device: peer, seq, envelope }] };
    return { ...quiet(state), took };
  }
  if (sizeOf(state.offered) > CSYNC.maxKept) return quiet(state, "sync.flood");
  const entry = { device: peer, ranges: [{ from: seq, to: seq }], tips: [] };
  return quiet({ ...state, offered: withEntries(state.offered, channel, [entry]) }, "sync.flood");
}

function withoutPush(before: Allowance, nowMs: number): readonly [Allowance, boolean] {
  const pushes = refilled(before, CSYNC.pushesPerS, CSYNC.pushBurst, nowMs);
  return pushes.bytes < 1 ? [pushes, false] : [{ ...pushes, bytes: pushes.bytes - 1 }, true];
}
