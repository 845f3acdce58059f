/**
 * Keys that one device lacks in a guild, and whom it asks for them: pure, and nothing in it has to outlive a run. It is
 * made anew from which envelopes are here and cannot be opened. SPEC section 22.
 */
import type { Reason } from "../../errors.ts";
import type { ChannelId, DeviceId } from "../../ids.ts";
import { GUILD_KEYS } from "../../limits.ts";
import { hasIndex, indexesOf, NO_INDEXES, upTo } from "../../wire/chainIndexes.ts";
import type { GivenChain, GuildKeysFrame, KeysAnswer } from "../../wire/guildKeys.ts";
import { type AskedPeer, failed, newPeer, type Remembered } from "./askedPeer.ts";
import { Choosing } from "./choosing.ts";
import type { Readers } from "./readers.ts";
import type { Tried } from "./trying.ts";
import { type ChainPart, joined, nameOf, partIn, type Parts, type Wants, withoutWanted, withWanted } from "./wants.ts";

export interface Asking {
  /** Of the last request. */
  readonly number: number;
  readonly wants: Wants;
  readonly peers: ReadonlyMap<DeviceId, AskedPeer>;
  /** [GKEY10] The latest last. */
  readonly remembered: ReadonlyMap<DeviceId, Remembered>;
}

export const NOTHING_ASKED: Asking = { number: 0, wants: new Map(), peers: new Map(), remembered: new Map() };

/**
 * Keys to be tried on the envelopes of these messages; `triedKeys` is told what came of all of them. Chain by chain, the
 * thread may be given up between: a chain that is new here takes two signature checks.
 */
export interface KeyTrial {
  readonly channel: ChannelId;
  readonly chains: readonly GivenChain[];
}

export interface AskStep {
  readonly asking: Asking;
  readonly send: readonly { readonly to: DeviceId; readonly frame: GuildKeysFrame }[];
  readonly trial: KeyTrial | null;
  /** What the peer did that an honest one does not, or does seldom: to be counted. The state stands all the same. */
  readonly refused: Reason | null;
}

/** [GKEY6] Envelopes of these messages are here, and nothing opens them. Of those that find no room nothing is kept. */
export const wantKeys = (asking: Asking, parts: readonly ChainPart[]): Asking => ({
  ...asking,
  wants: withWanted(asking.wants, parts),
});

/** They were opened by whatever way, or are not wanted any more. */
export const unwantKeys = (asking: Asking, parts: readonly ChainPart[]): Asking => ({
  ...asking,
  wants: withoutWanted(asking.wants, parts),
});

/** A link to a member's device stands. */
export function meetPeer(asking: Asking, device: DeviceId, nowMs: number): Asking {
  const before = asking.remembered.get(device) ?? { failures: 0, untilMs: 0 };
  const remembered = new Map(asking.remembered);
  remembered.delete(device);
  return { ...withPeer(asking, device, newPeer(nowMs, before)), remembered };
}

/** What it was asked for is free to be asked of others. */
export function losePeer(asking: Asking, device: DeviceId): Asking {
  const peers = new Map(asking.peers);
  const peer = peers.get(device);
  peers.delete(device);
  if (peer === undefined || peer.failures === 0) return { ...asking, peers };
  const untilMs = peer.phase.t === "paused" ? peer.phase.untilMs : 0;
  const remembered = new Map(asking.remembered).set(device, { failures: peer.failures, untilMs });
  if (remembered.size > GUILD_KEYS.maxRemembered) remembered.delete(remembered.keys().next().value!);
  return { ...asking, peers, remembered };
}

/** [GKEY7] A request to each peer that has none under way, where there is something to ask it for. */
export function askPeers(asking: Asking, readers: Readers, nowMs: number): AskStep {
  const choosing = new Choosing(asking.wants, asking.peers, readers);
  const peers = new Map(asking.peers);
  const send: AskStep["send"][number][] = [];
  let number = asking.number;
  for (const [device, peer] of asking.peers) {
    const choice = asking.wants.size > 0 && peer.phase.t === "idle" ? choosing.next(device) : null;
    if (choice === null) continue;
    const { channel, parts, asked } = choice;
    const untilMs = nowMs + GUILD_KEYS.answerTimeoutMs;
    peers.set(device, { ...peer, phase: { t: "asking", number: ++number, channel, asked, untilMs } });
    const chains = parts.map(({ device, chain, indexes }) => ({ device, chain, indexes }));
    send.push({ to: device, frame: { t: "want", number, channel, chains } });
  }
  return { asking: { ...asking, number, peers }, send, trial: null, refused: null };
}

type Heard = Extract<GuildKeysFrame, { readonly t: "keys" | "busy" | "again" }>;

/** What a peer says; after it `askPeers`. */
export function hearPeer(asking: Asking, device: DeviceId, frame: Heard, nowMs: number): AskStep {
  const peer = asking.peers.get(device);
  if (peer === undefined) return quiet(asking, "keys.unasked");
  if (frame.t === "again") {
    const again = new Set([...peer.again, ...frame.channels].slice(0, GUILD_KEYS.maxChannels));
    return quiet(withPeer(asking, device, heeded(asking, { ...peer, again }, nowMs)));
  }
  const { phase } = peer;
  if (phase.t !== "asking" || frame.number !== phase.number) return quiet(asking, "keys.unasked");
  if (frame.t === "busy") return quiet(withPeer(asking, device, failed(peer, nowMs, frame.retryAfterMs)));
  if (frame.channel !== phase.channel) return quiet(withPeer(asking, device, failed(peer, nowMs)), "keys.unasked");
  return answered(asking, device, { ...peer, phase }, frame, nowMs);
}

type AskingPeer = AskedPeer & { readonly phase: Extract<AskedPeer["phase"], { readonly t: "asking" }> };

/** Of what came, what was asked for is tried; of what was asked for and did not come, the peer is not asked again. */
function answered(
  asking: Asking,
  device: DeviceId,
  peer: AskingPeer,
  { channel, chains, stop }: KeysAnswer,
  nowMs: number,
): AskStep {
  const { asked } = peer.phase;
  const given = new Map<string, GivenChain>();
  for (const one of chains) {
    const name = nameOf({ ...one, channel });
    const keys = one.keys.filter(({ index }) => hasIndex(partIn(asked, name), index));
    if (keys.length > 0 && !given.has(name)) given.set(name, { ...one, keys });
  }
  const came = new Map([...given].map(([name, { keys }]) => [name, indexesOf(keys.map(({ index }) => index))]));
  const left = new Map([...looked(asked, stop)].map(([name, indexes]) => [name, indexes & ~partIn(came, name)]));
  const next = { ...peer, declined: declinedWith(asking, peer, left) };
  if (came.size > 0) {
    const trying = { ...next, phase: { t: "trying", channel, asked: came } } as const;
    return { ...quiet(withPeer(asking, device, trying)), trial: { channel, chains: [...given.values()] } };
  }
  const fruitless = peer.fruitless + 1;
  const idle = { ...next, fruitless, phase: { t: "idle" } } as const;
  const isTiring = fruitless > GUILD_KEYS.maxFruitless || [...left.values()].every((one) => one === NO_INDEXES);
  return quiet(withPeer(asking, device, isTiring ? failed(idle, nowMs) : idle));
}

/** What was looked for before the answer stopped. */
const looked = (asked: Parts, stop: KeysAnswer["stop"]): Parts =>
  stop === null ? asked : new Map(
    [...asked].slice(0, stop.at + 1).map(([name, indexes], at) => [
      name,
      at < stop.at ? indexes : indexes & ~upTo(indexes, stop.index),
    ]),
  );

/** [GKEY8] `tried` says of each chain of the trial what its keys opened; after it `askPeers`. */
export function triedKeys(asking: Asking, device: DeviceId, tried: readonly Tried[], nowMs: number): AskStep {
  const done = tried.map(({ wrong, ...place }) => ({ ...place, indexes: place.indexes & ~wrong }));
  const next = unwantKeys(asking, done);
  const peer = next.peers.get(device);
  if (peer === undefined || peer.phase.t !== "trying") return quiet(next);
  const lies = new Map(tried.filter(({ wrong }) => wrong !== NO_INDEXES).map((one) => [nameOf(one), one.wrong]));
  const isOfUse = done.some(({ indexes }) => indexes !== NO_INDEXES);
  const declined = declinedWith(next, peer, lies);
  const idle = { ...peer, declined, phase: { t: "idle" } } as const;
  const after = isOfUse ? { ...idle, failures: 0, fruitless: 0 } : failed(idle, nowMs);
  return quiet(withPeer(next, device, after), lies.size > 0 ? "keys.wrong" : null);
}

/** When `askTick` is due, or `null`. */
export function askDueAtMs({ peers }: Asking): number | null {
  const due = [...peers.values()].flatMap(({ phase, again, againFromMs }) => [
    ...(phase.t === "asking" || phase.t === "paused" ? [phase.untilMs] : []),
    ...(again.size > 0 ? [againFromMs] : []),
  ]);
  return due.length === 0 ? null : Math.min(...due);
}

/** [GKEY10] Pauses have ended, or no answer came; after it `askPeers`. Before anything is due it does nothing. */
export function askTick(asking: Asking, nowMs: number): AskStep {
  let [next, refused]: [Asking, Reason | null] = [asking, null];
  for (const [device, before] of asking.peers) {
    let peer = heeded(asking, before, nowMs);
    if (peer.phase.t === "asking" && nowMs >= peer.phase.untilMs) {
      [peer, refused] = [failed(peer, nowMs), "keys.silent"];
    } else if (peer.phase.t === "paused" && nowMs >= peer.phase.untilMs) peer = { ...peer, phase: { t: "idle" } };
    if (peer !== before) next = withPeer(next, device, peer);
  }
  return quiet(next, refused);
}

/** [GKEY8] What it declined in the channels that it named is asked for again, now or when that is heeded. */
function heeded({ wants }: Asking, peer: AskedPeer, nowMs: number): AskedPeer {
  if (peer.again.size === 0 || nowMs < peer.againFromMs) return peer;
  const declined = new Map([...peer.declined].filter(([name]) => {
    const want = wants.get(name);
    return want !== undefined && !peer.again.has(want.channel);
  }));
  return { ...peer, declined, again: new Set(), againFromMs: nowMs + GUILD_KEYS.againEveryMs };
}

/** Of chains that nothing is wanted of any more nothing is kept. */
const declinedWith = ({ wants }: Asking, { declined }: AskedPeer, more: Parts): Parts =>
  joined(declined, more, (name) => wants.has(name));

const withPeer = (asking: Asking, device: DeviceId, peer: AskedPeer): Asking => ({
  ...asking,
  peers: new Map(asking.peers).set(device, peer),
});

const quiet = (asking: Asking, refused: Reason | null = null): AskStep => ({ asking, send: [], trial: null, refused });
