/** Keys that we ask for, and what comes of those that are given. SPEC sections 22 and 26. */
import type { ChannelId, DeviceId } from "../../ids.ts";
import { LIVE } from "../../limits.ts";
import { type GivenChain, guildKeysCodec, type GuildKeysFrame } from "../../wire/guildKeys.ts";
import { askPeers, type AskStep, askTick, hearPeer, triedKeys } from "../keys/asking.ts";
import { type Tried, tryKeys } from "../keys/trying.ts";
import { chainIdOf, keep, type Opened } from "./receiving.ts";
import { checkNumbers, releaseSealed, sealedOf } from "./sealed.ts";
import type { GuildTurn } from "./turn.ts";

type Heard = Extract<GuildKeysFrame, { readonly t: "keys" | "busy" | "again" }>;

export const heard = (turn: GuildTurn, device: DeviceId, frame: Heard): void =>
  asked(turn, device, hearPeer(turn.state.asking, device, frame, turn.nowMs));

/** Whoever is free is asked for what lacks. */
export function askForKeys(turn: GuildTurn): void {
  if (turn.state.asking.wants.size > 0) {
    asked(turn, null, askPeers(turn.state.asking, turn.state.ruled.readers, turn.nowMs));
  }
}

export const tickAsking = (turn: GuildTurn): void => asked(turn, null, askTick(turn.state.asking, turn.nowMs));

function asked(turn: GuildTurn, device: DeviceId | null, { asking, send, trial, refused }: AskStep): void {
  turn.set({ asking });
  turn.refuse(refused);
  for (const { to, frame } of send) turn.tell([to], { t: "keys", body: guildKeysCodec.encode(frame) });
  if (trial === null || device === null) return;
  turn.set({ trials: [...turn.state.trials, { from: device, channel: trial.channel, left: trial.chains, tried: [] }] });
}

/** A few chains in one step: each costs two signature checks and what it opens. */
export function tryGivenKeys(turn: GuildTurn): void {
  const [first, ...others] = turn.state.trials;
  if (first === undefined) return;
  const { from, channel, left } = first;
  const tried = [
    ...first.tried,
    ...left.slice(0, LIVE.triedChains).map((given) => tryChain(turn, from, channel, given)),
  ];
  const rest = left.slice(LIVE.triedChains);
  turn.set({ trials: rest.length > 0 ? [{ ...first, left: rest, tried }, ...others] : others });
  if (rest.length === 0) asked(turn, from, triedKeys(turn.state.asking, from, tried, turn.nowMs));
}

function tryChain(turn: GuildTurn, from: DeviceId, channel: ChannelId, given: GivenChain): Tried {
  const { device, chain, signer, ownership, keys } = given;
  const wanted = new Set(keys.map(({ index }) => index));
  const waiting = sealedOf(turn, channel, device).filter((one) => one.chain === chain && wanted.has(one.index));
  const end = turn.channel(channel).receivers.get(device)?.chains.find(({ id }) => chainIdOf(id) === chain)?.end;
  const { tried, results } = tryKeys(channel, given, waiting.map(({ envelope }) => envelope), end);
  const opened: Opened[] = [];
  const released = waiting.filter((one, at) => {
    const result = results[at]!;
    if (result.ok) {
      const { plaintext, index, messageKey: key } = result.value;
      opened.push({ plaintext, envelope: one.envelope, chain, index, key, signer, ownership });
    }
    return result.ok || result.reason === "group.bad-signature";
  });
  releaseSealed(turn, channel, released);
  if (opened.length > 0) keep(turn, channel, device, opened, from);
  checkNumbers(turn, channel, released);
  return tried;
}
