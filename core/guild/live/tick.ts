/** Time that passes. */
import { syncDueAtMs } from "../../log/sync.ts";
import { contentSyncDueAtMs } from "../contentSync/contentSync.ts";
import { answerDueAtMs } from "../keys/answering.ts";
import { askDueAtMs } from "../keys/asking.ts";
import { tickContents } from "./contents.ts";
import { dealDueAtMs, dealEndsAtMs, tickDeals } from "./dealing.ts";
import { expireSealed, expiryDueAtMs } from "./expiring.ts";
import { profilesDueAtMs, tickProfiles } from "./profiling.ts";
import { tickLogs } from "./logs.ts";
import type { LiveGuild } from "./state.ts";
import { tickAsking } from "./asking.ts";
import { tickGiving } from "./giving.ts";
import type { GuildTurn } from "./turn.ts";

export function tick(turn: GuildTurn): void {
  tickLogs(turn);
  expireSealed(turn);
  tickContents(turn);
  tickAsking(turn);
  tickGiving(turn);
  tickProfiles(turn);
  tickDeals(turn);
}

/** When the next `Tick` is due, or `null`. */
export function liveDeadline(state: LiveGuild): number | null {
  // What is given is tried a part in each step.
  if (state.trials.length > 0) return 0;
  const { peers, contents, asking, quietUntilMs, headsDueAtMs } = state;
  const due = [...peers.values()].flatMap(({ log, answering }) => [syncDueAtMs(log), answerDueAtMs(answering)]);
  const all = [
    ...due,
    contentSyncDueAtMs(contents),
    askDueAtMs(asking),
    quietUntilMs,
    headsDueAtMs,
    expiryDueAtMs(state),
    dealDueAtMs(state),
    dealEndsAtMs(state),
    profilesDueAtMs(state),
  ];
  const some = all.filter((atMs) => atMs !== null);
  return some.length === 0 ? null : Math.min(...some);
}
