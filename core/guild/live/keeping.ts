/** What is left with a keeper for those who come when nobody is there, and what they leave. SPEC sections 23 and 26. */
import { ok, refuse, type Result } from "../../errors.ts";
import { receiveInOrder } from "../../log/log.ts";
import type { Env } from "../../ports.ts";
import { makeCheckpoint, sealCheckpoint } from "../join/checkpoint.ts";
import { currentDeals, endedDeals } from "../join/deals.ts";
import { doorAddress, doorsteps, sealDoor } from "../join/doorway.ts";
import { leftOpFault } from "../join/redeeming.ts";
import { openPage, sealPages } from "../join/sealedLog.ts";
import type { LiveGuild } from "./state.ts";
import type { GuildTurn } from "./turn.ts";

export interface Door {
  /** 16 bytes: where the keeper has it. */
  readonly address: Uint8Array;
  readonly door: Uint8Array;
}

/** [JOIN10] A door for each invite that is good now; 1.5 ms each. Nothing without a current deal. */
export function* doorsOf({ deals, ruled, log }: LiveGuild, env: Env): Generator<Door, undefined> {
  const [deal] = currentDeals(deals);
  if (deal === undefined) return;
  for (const step of doorsteps(ruled.resolver.rulings, ruled.guild, env.nowMs)) {
    const door = sealDoor(step, deal, env);
    // An invite whose keys are none has no door: its link opens nothing.
    if (door.ok) yield { address: doorAddress(log.guild, step.invite), door: door.value };
  }
}

/** [JOIN11] [JOIN14] A checkpoint and the log, sealed: a step for each page. */
export function* pagesOf(
  { deals, ruled, log, device }: LiveGuild,
  env: Env,
): Generator<Uint8Array, Result<null, "join.unknown-deal" | "join.too-large">> {
  const [deal] = currentDeals(deals);
  if (deal === undefined) return refuse("join.unknown-deal");
  const checkpoint = makeCheckpoint(log.guild, [...log.heads], ruled.guild, device);
  if (!checkpoint.ok) return checkpoint;
  yield* sealCheckpoint(deal, checkpoint.value, env);
  yield* sealPages(
    deal,
    (function* () {
      for (const { bytes } of log.ops.values()) yield bytes;
    })(),
    env,
  );
  return ok(null);
}

/**
 * [JOIN18] A page that somebody left: a redemption that is good now comes into the log, and nothing else. One of each page:
 * by it the invite may be used up.
 */
export function pageCame(turn: GuildTurn, bytes: Uint8Array): void {
  const { deals } = turn.state;
  const page = openPage([...currentDeals(deals), ...endedDeals(deals)], bytes);
  if (!page.ok) return turn.refuse(page.reason);
  if (page.value.kind !== "redemption") return;
  for (const op of page.value.ops) {
    const fault = leftOpFault(turn.state.ruled.hindsight, op, turn.nowMs);
    if (fault === null) return turn.set({ log: receiveInOrder(turn.state.log, [op]).log });
    turn.refuse(fault);
  }
}
