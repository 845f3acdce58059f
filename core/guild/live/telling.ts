/** Chains and keys, over pairwise sessions: SPEC sections 22 and 26. */
import { acceptDistribution } from "../../group/accepting.ts";
import { createReceiver } from "../../group/receiver.ts";
import { handAgain, type Handover, handOver } from "../../group/sender.ts";
import type { ChannelId, DeviceId, OpId } from "../../ids.ts";
import { distributionCodec } from "../../wire/distribution.ts";
import { contentRecord } from "../../wire/guildRecords.ts";
import { guildKeysCodec, type GuildKeysFrame, type KeysWant } from "../../wire/guildKeys.ts";
import { numbersOf } from "../../wire/chainIndexes.ts";
import { type AnswerStep, answerTick, answerWant, gained, takeWant } from "../keys/answering.ts";
import type { FoundChain, Reading } from "../keys/giving.ts";
import { askPeers, type AskStep, askTick, hearPeer, type KeyTrial, triedKeys } from "../keys/asking.ts";
import { type EarlyChain, holdChain, releaseChains } from "../keys/earlyChains.ts";
import { standingOfChain } from "../keys/granting.ts";
import { tryKeys } from "../keys/trying.ts";
import { headsToName } from "./heads.ts";
import { chainIdOf, keep, type Opened, openSealed } from "./receiving.ts";
import { releaseSealed, sealedOf } from "./sealed.ts";
import { placeOf } from "./shelf.ts";
import type { LiveGuild } from "./state.ts";
import type { GuildTurn } from "./turn.ts";

const tellOne = (turn: GuildTurn, to: DeviceId, frame: GuildKeysFrame): void =>
  turn.tell([to], { t: "keys", body: guildKeysCodec.encode(frame) });

/** `next`: the number of our first content that the chain opens. */
export function tellChain(turn: GuildTurn, { devices, message }: Handover, next: number): void {
  const frame = { t: "chain", heads: headsToName(turn, []), next, distribution: message } as const;
  turn.tell(devices, { t: "keys", body: guildKeysCodec.encode(frame) });
}

/** [GKEY5] Who has come to read a channel gets our chain before we write again, as long as nobody has to lose it. */
export function handChainsOver(turn: GuildTurn): void {
  for (const [channel, { sender }] of turn.state.channels) {
    const readers = turn.state.ruled.readers.get(channel);
    if (sender === null || readers?.has(turn.state.device.id) !== true) continue;
    const handed = handOver(sender, readers, turn.nowMs);
    if (handed === null) continue;
    turn.setSender(channel, handed.state);
    tellChain(turn, handed.handover, nextOf(turn, channel));
  }
}

const nextOf = (turn: GuildTurn, channel: ChannelId): number =>
  (turn.shelf(channel, turn.state.device.id).newest?.content.seq ?? 0) + 1;

export function keysTold(turn: GuildTurn, device: DeviceId, bytes: Uint8Array): void {
  const decoded = guildKeysCodec.decode(bytes);
  if (!decoded.ok) return turn.refuse(decoded.reason);
  const frame = decoded.value;
  switch (frame.t) {
    case "chain":
      return chainCame(turn, device, frame.heads, frame.distribution);
    case "want":
      return wantCame(turn, device, frame);
    case "keys":
    case "busy":
    case "again":
      return asked(turn, device, hearPeer(turn.state.asking, device, frame, turn.nowMs));
  }
}

/** [GKEY5] */
function chainCame(turn: GuildTurn, device: DeviceId, heads: readonly OpId[], distribution: Uint8Array): void {
  const decoded = distributionCodec.decode(distribution);
  if (!decoded.ok) return turn.refuse(decoded.reason);
  const chain = { device, channel: decoded.value.channel, heads, distribution };
  switch (standingOfChain(turn.state.ruled.hindsight, device, chain)) {
    case "taken":
      return takeChain(turn, chain);
    case "waits":
      return turn.set({ early: holdChain(turn.state.early, chain) });
    case "refused":
      return turn.refuse("guild.not-a-member");
  }
}

function takeChain(turn: GuildTurn, { device, channel, distribution }: EarlyChain): void {
  const receiver = turn.channel(channel).receivers.get(device) ?? createReceiver(channel, device);
  const accepted = acceptDistribution(receiver, distribution);
  if (!accepted.ok) return turn.refuse(accepted.reason);
  turn.setReceiver(accepted.value);
  openSealed(turn, channel, device);
}

/** [GKEY5] Chains that waited for ops which are here now. */
export function takeEarlyChains(turn: GuildTurn): void {
  const { early, taken } = releaseChains(turn.state.early, turn.state.ruled.hindsight);
  if (early !== turn.state.early) turn.set({ early });
  for (const chain of taken) takeChain(turn, chain);
}

function wantCame(turn: GuildTurn, device: DeviceId, want: KeysWant): void {
  const peer = turn.state.peers.get(device);
  if (peer === undefined) return turn.refuse("link.unknown");
  const { sender } = turn.channel(want.channel);
  const own = sender === null ? null : { device: turn.state.device.id, chain: chainIdOf(sender.id) };
  const { hindsight } = turn.state.ruled;
  const step = takeWant(peer.answering, hindsight, device, want, own, turn.nowMs);
  answered(turn, device, step);
  const readers = turn.state.ruled.readers.get(want.channel);
  if (!step.handsAgain || sender === null || readers === undefined) return;
  const again = handAgain(sender, readers, device);
  if (again !== null) tellChain(turn, again, nextOf(turn, want.channel));
}

function answered(turn: GuildTurn, device: DeviceId, { answering, send, read }: AnswerStep): void {
  turn.setPeer(device, { ...turn.state.peers.get(device)!, answering });
  if (send !== null) tellOne(turn, device, send);
  if (read === null) return;
  const keys = [...placesOf(turn, read)].map(({ key }) => key);
  turn.read({ t: "keys", device, reading: read, keys }, keys);
}

function* placesOf(turn: GuildTurn, { channel, chains }: Reading) {
  for (const { device, chain, indexes } of chains) {
    const shelf = turn.shelf(channel, device);
    for (const index of numbersOf(indexes)) {
      const id = shelf.places.get(placeOf({ chain, index }));
      const kept = id === undefined ? undefined : shelf.kept.get(id);
      if (kept !== undefined) yield { kept, key: turn.keys.content(channel, device, kept.content.seq, kept.id) };
    }
  }
}

export function keysWereRead(
  turn: GuildTurn,
  device: DeviceId,
  reading: Reading,
  records: ReadonlyMap<string, Uint8Array>,
): void {
  const peer = turn.state.peers.get(device);
  if (peer === undefined) return;
  const found = new Map<string, FoundChain & { contents: FoundChain["contents"][number][] }>();
  for (const { kept, key } of placesOf(turn, reading)) {
    const bytes = records.get(key);
    const record = bytes === undefined ? null : contentRecord.decode(bytes);
    if (!record?.ok) continue;
    const { signer, ownership } = record.value;
    const author = kept.content.device;
    const name = `${author}/${kept.chain}`;
    const chain = found.get(name) ?? { device: author, chain: kept.chain, signer, ownership, contents: [] };
    chain.contents.push({ index: kept.index, key: record.value.key, heads: kept.content.heads });
    found.set(name, chain);
  }
  answered(
    turn,
    device,
    answerWant(peer.answering, turn.state.ruled.hindsight, device, [...found.values()], turn.nowMs),
  );
}

function asked(turn: GuildTurn, device: DeviceId | null, { asking, send, trial, refused }: AskStep): void {
  turn.set({ asking });
  turn.refuse(refused);
  for (const { to, frame } of send) tellOne(turn, to, frame);
  if (trial !== null && device !== null) tryThem(turn, device, trial);
}

function tryThem(turn: GuildTurn, from: DeviceId, { channel, chains }: KeyTrial): void {
  const tried = chains.map((given) => {
    const { device, chain, signer, ownership, keys } = given;
    const wanted = new Set(keys.map(({ index }) => index));
    const waiting = sealedOf(turn, channel, device).filter((one) => one.chain === chain && wanted.has(one.index));
    const end = turn.channel(channel).receivers.get(device)?.chains.find(({ id }) => chainIdOf(id) === chain)?.end;
    const trial = tryKeys(channel, given, waiting.map(({ envelope }) => envelope), end);
    const opened: Opened[] = [];
    const released = waiting.filter((one, at) => {
      const result = trial.results[at]!;
      if (result.ok) {
        const { plaintext, index, messageKey: key } = result.value;
        opened.push({ plaintext, envelope: one.envelope, chain, index, key, signer, ownership });
      }
      return result.ok || result.reason === "group.bad-signature";
    });
    releaseSealed(turn, channel, released);
    if (opened.length > 0) keep(turn, channel, device, opened, from);
    return trial.tried;
  });
  asked(turn, from, triedKeys(turn.state.asking, from, tried, turn.nowMs));
}

/** Whoever is free is asked for what lacks. */
export function askForKeys(turn: GuildTurn): void {
  if (turn.state.asking.wants.size > 0) {
    asked(turn, null, askPeers(turn.state.asking, turn.state.ruled.readers, turn.nowMs));
  }
}

export function tickKeys(turn: GuildTurn): void {
  asked(turn, null, askTick(turn.state.asking, turn.nowMs));
  for (const [device, { answering }] of turn.state.peers) {
    const step = answerTick(answering, turn.nowMs);
    if (step.answering !== answering) answered(turn, device, step);
  }
}

/** [GKEY8] More is here of some channels, or, with another log, may be given. */
export function tellGained(turn: GuildTurn, before: LiveGuild): void {
  const channels = new Set([...turn.grown.values()].flatMap((grown) => grown.map(({ channel }) => channel)));
  if (turn.state.ruled !== before.ruled) {
    for (const channel of turn.state.ruled.readers.keys()) {
      channels.add(channel);
    }
  }
  if (channels.size === 0) return;
  for (const [device, peer] of turn.state.peers) {
    const answering = gained(peer.answering, channels);
    if (answering !== peer.answering) turn.setPeer(device, { ...peer, answering });
  }
}
