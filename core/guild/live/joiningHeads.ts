/** More heads than a deal can name are joined by an op first: a deal that leaves out what ended others has ended too. */
import { DEAL } from "../../limits.ts";
import { append } from "./acting.ts";
import { dealDueAtMs } from "./dealing.ts";
import { isQuiet } from "./quiet.ts";
import type { GuildTurn } from "./turn.ts";

/** [JOIN7] Whoever's turn it is to deal says once more whose device it is: that needs no power, and changes nothing. */
export function joinHeads(turn: GuildTurn): void {
  const { device, log } = turn.state;
  const dueAtMs = log.heads.size > DEAL.maxHeads && !isQuiet(turn) ? dealDueAtMs(turn.state) : null;
  if (dueAtMs === null || dueAtMs > turn.nowMs) return;
  while (turn.state.log.heads.size > DEAL.maxHeads) append(turn, { t: "device", certificate: device.certificate });
}
