/** Chains: ours to the readers, those of others to us. SPEC sections 22 and 26. */
import { acceptDistribution } from "../../group/accepting.ts";
import { createReceiver } from "../../group/receiver.ts";
import { type Handover, handOver } from "../../group/sender.ts";
import type { ChannelId, DeviceId, OpId } from "../../ids.ts";
import { distributionCodec } from "../../wire/distribution.ts";
import { guildKeysCodec } from "../../wire/guildKeys.ts";
import { type EarlyChain, holdChain, releaseChains } from "../keys/earlyChains.ts";
import { standingOfChain } from "../keys/granting.ts";
import { headsToName } from "./heads.ts";
import { openSealed } from "./receiving.ts";
import type { GuildTurn } from "./turn.ts";

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

export const nextOf = (turn: GuildTurn, channel: ChannelId): number =>
  (turn.shelf(channel, turn.state.device.id).newest?.content.seq ?? 0) + 1;

/** [GKEY5] */
export function chainCame(turn: GuildTurn, device: DeviceId, heads: readonly OpId[], distribution: Uint8Array): void {
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
