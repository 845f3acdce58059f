/**
 * [LIVE4] A device that starts does not know whether its store was set back. Until a peer has shown what it has of ours, or
 * a while has passed, it makes nothing with a number: two things under one number are held against their author.
 */
import { hasShownLog } from "../../log/sync.ts";
import { hasShown } from "../contentSync/contentSync.ts";
import { isMembers } from "./ruled.ts";
import type { LiveGuild } from "./state.ts";
import type { GuildTurn } from "./turn.ts";

export const isQuiet = (turn: GuildTurn): boolean => turn.state.quietUntilMs !== null;

/**
 * Ends the quiet when all members who are linked have shown what they have, or its time is over: one alone may have nothing
 * of ours, or hold it back. By ops that have just come there may be channels that were not compared.
 */
export function endQuiet(turn: GuildTurn, before: LiveGuild): void {
  const { quietUntilMs, peers, contents, device, ruled } = turn.state;
  if (quietUntilMs === null) return;
  const members = [...peers].filter(([peer]) => isMembers(ruled, peer));
  const isShown = members.length > 0 && turn.state.log.ops.size === before.log.ops.size && isOpened(turn) &&
    members.every(([peer, { log }]) => hasShownLog(turn.state.log, log) && hasShown(contents, peer, device.id));
  if (!isShown && turn.nowMs < quietUntilMs) return;
  turn.set({ quietUntilMs: null });
  // Nobody could say whether our chains had gone on: fresh ones take no risk.
  if (!isShown) { for (const channel of turn.state.channels.keys()) turn.dropSender(channel); }
}

/** What came back to us without its key has a number that is not known yet. */
function isOpened({ state: { channels, device } }: GuildTurn): boolean {
  return [...channels.values()].every(({ sealed }) => [...sealed.values()].every((one) => one.device !== device.id));
}
