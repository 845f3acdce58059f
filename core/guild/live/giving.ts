/** Keys that others ask for: SPEC sections 22 and 26. */
import { handAgain } from "../../group/sender.ts";
import type { DeviceId } from "../../ids.ts";
import { numbersOf } from "../../wire/chainIndexes.ts";
import { guildKeysCodec, type KeysWant } from "../../wire/guildKeys.ts";
import { contentRecord } from "../../wire/guildRecords.ts";
import { type AnswerStep, answerTick, answerWant, gained, takeWant } from "../keys/answering.ts";
import type { FoundChain, Reading } from "../keys/giving.ts";
import { nextOf, tellChain } from "./handing.ts";
import { chainIdOf } from "./receiving.ts";
import { placeOf } from "./shelf.ts";
import type { LiveGuild } from "./state.ts";
import type { GuildTurn } from "./turn.ts";

export function wantCame(turn: GuildTurn, device: DeviceId, want: KeysWant): void {
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
  if (send !== null) turn.tell([device], { t: "keys", body: guildKeysCodec.encode(send) });
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
  // On a link that was made anew another request may be under way, of another channel.
  if (peer?.answering.reading !== reading) return;
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

export function tickGiving(turn: GuildTurn): void {
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
