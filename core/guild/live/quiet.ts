/**
 * [LIVE4] A device that starts does not know whether its store was set back. Until a peer has shown what it has of ours, or
 * a while has passed, it makes nothing with a number: two things under one number are held against their author.
 */
import { hasShownLog } from "../../log/sync.ts";
import { hasShown } from "../contentSync/contentSync.ts";
import type { GuildTurn } from "./turn.ts";

export const isQuiet = (turn: GuildTurn): boolean => turn.state.quietUntilMs !== null;

/** Ends the quiet when a peer has shown all that it has, or its time is over. */
export function endQuiet(turn: GuildTurn): void {
  const { quietUntilMs, peers, contents, device } = turn.state;
  if (quietUntilMs === null) return;
  const isShown = [...peers].some(([peer, { log }]) =>
    hasShownLog(turn.state.log, log) && hasShown(contents, peer, device.id)
  );
  if (!isShown && turn.nowMs < quietUntilMs) return;
  turn.set({ quietUntilMs: null });
  // Nobody could say whether our chains had gone on: fresh ones take no risk.
  if (!isShown) { for (const channel of turn.state.channels.keys()) turn.dropSender(channel); }
}
