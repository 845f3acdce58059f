/** What one peer is given that asks for keys of channels. SPEC section 22. */
import type { ChainId, ChannelId, DeviceId } from "../../ids.ts";
import { GUILD_KEYS } from "../../limits.ts";
import { type Allowance, refilled } from "../../log/serving.ts";
import type { GuildKeysFrame, KeysWant } from "../../wire/guildKeys.ts";
import type { Hindsight } from "../hindsight.ts";
import { countAll, type FoundChain, give, type Reading, readingOf } from "./giving.ts";
import { isReader } from "./readers.ts";

/** Towards one peer, for as long as the link stands. */
export interface Answering {
  readonly served: Allowance;
  /** The request that is being answered. */
  readonly reading: Reading | null;
  /** [GKEY8] Channels of which it was not given all that it asked for. */
  readonly owed: ReadonlySet<ChannelId>;
  /** [GKEY8] Those of them that it is to be told to ask about again. */
  readonly untold: ReadonlySet<ChannelId>;
  readonly toldAtMs: number;
  /** [GKEY12] When it was handed our chain again. */
  readonly handedAtMs: ReadonlyMap<ChannelId, number>;
}

export interface AnswerStep {
  readonly answering: Answering;
  readonly send: GuildKeysFrame | null;
  readonly read: Reading | null;
  /** [GKEY12] The peer seems to lack our chain: `handAgain` says whether it may be handed it once more. */
  readonly handsAgain: boolean;
}

export const openAnswering = (nowMs: number): Answering => ({
  served: { bytes: GUILD_KEYS.servedBurstBytes, atMs: nowMs },
  reading: null,
  owed: new Set(),
  untold: new Set(),
  toldAtMs: 0,
  handedAtMs: new Map(),
});

/** [GKEY11] A request; `own` is our device, with our chain in that channel. */
export function takeWant(
  before: Answering,
  { state }: Hindsight,
  peer: DeviceId,
  want: KeysWant,
  own: { readonly device: DeviceId; readonly chain: ChainId } | null,
  nowMs: number,
): AnswerStep {
  const { number, channel } = want;
  const served = refilled(before.served, GUILD_KEYS.servedBytesPerS, GUILD_KEYS.servedBurstBytes, nowMs);
  const answering = { ...before, served };
  if (before.reading !== null || served.bytes < GUILD_KEYS.maxFrameBytes) {
    const lackMs = Math.ceil((GUILD_KEYS.maxFrameBytes - served.bytes) * 1000 / GUILD_KEYS.servedBytesPerS);
    const retryAfterMs = Math.min(GUILD_KEYS.maxPauseMs, Math.max(GUILD_KEYS.firstPauseMs, lackMs));
    return { ...still(answering), send: { t: "busy", number, retryAfterMs } };
  }
  if (!isReader(state, channel, peer)) {
    const none = { t: "keys", number, channel, chains: [], stop: null } as const;
    return { ...still(owing(spent(answering, 0), channel)), send: none };
  }
  const reading = readingOf(want);
  const next = { ...spent(answering, countAll(reading) * GUILD_KEYS.lookupBytes), reading };
  return handedAgain({ ...still(next), read: reading }, want, own, nowMs);
}

/** [GKEY12] Who asks for keys of the chain that we are sealing with was handed it, and lost it. */
function handedAgain(
  step: AnswerStep,
  { channel, chains }: KeysWant,
  own: { readonly device: DeviceId; readonly chain: ChainId } | null,
  nowMs: number,
): AnswerStep {
  const lastMs = step.answering.handedAtMs.get(channel) ?? -Infinity;
  const isAsked = own !== null && chains.some(({ device, chain }) => device === own.device && chain === own.chain);
  if (!isAsked || nowMs < lastMs + GUILD_KEYS.handAgainMs) return step;
  const handedAtMs = new Map(step.answering.handedAtMs).set(channel, nowMs);
  return { ...step, answering: { ...step.answering, handedAtMs }, handsAgain: true };
}

/** What was found for the reading under way. */
export function answerWant(
  before: Answering,
  hindsight: Hindsight,
  peer: DeviceId,
  found: readonly FoundChain[],
  nowMs: number,
): AnswerStep {
  if (before.reading === null) return still(before);
  const { answer, isWhole, sizeBytes } = give(hindsight, peer, before.reading, found);
  const served = refilled(before.served, GUILD_KEYS.servedBytesPerS, GUILD_KEYS.servedBurstBytes, nowMs);
  const done = { ...spent({ ...before, served }, sizeBytes), reading: null };
  return { ...still(isWhole ? done : owing(done, answer.channel)), send: answer };
}

/** [GKEY8] Something came, or changed, in these channels: what the peer was not given of them it may ask for again. */
export function gained(answering: Answering, channels: Iterable<ChannelId>): Answering {
  const named = [...channels].filter((channel) => answering.owed.has(channel));
  if (named.length === 0) return answering;
  const owed = new Set([...answering.owed].filter((channel) => !named.includes(channel)));
  return { ...answering, owed, untold: new Set([...answering.untold, ...named]) };
}

/** When `answerTick` is due, or `null`. */
export const answerDueAtMs = ({ untold, toldAtMs }: Answering): number | null =>
  untold.size === 0 ? null : toldAtMs + GUILD_KEYS.againEveryMs;

/** What was gained is told together with what was gained since. Before it is due it does nothing. */
export function answerTick(answering: Answering, nowMs: number): AnswerStep {
  const dueAtMs = answerDueAtMs(answering);
  if (dueAtMs === null || nowMs < dueAtMs) return still(answering);
  const all = [...answering.untold];
  const send = { t: "again", channels: all.slice(0, GUILD_KEYS.maxChannels) } as const;
  return { ...still({ ...answering, untold: new Set(all.slice(GUILD_KEYS.maxChannels)), toldAtMs: nowMs }), send };
}

/** Of channels that are not known here it may be told later: so they are kept, the latest of them. */
const owing = (answering: Answering, channel: ChannelId): Answering => ({
  ...answering,
  owed: new Set([...new Set(answering.owed).add(channel)].slice(-GUILD_KEYS.maxOwed)),
});

const spent = (answering: Answering, sizeBytes: number): Answering => {
  const bytes = answering.served.bytes - Math.max(GUILD_KEYS.minServedBytes, sizeBytes);
  return { ...answering, served: { ...answering.served, bytes } };
};

const still = (answering: Answering): AnswerStep => ({ answering, send: null, read: null, handsAgain: false });
