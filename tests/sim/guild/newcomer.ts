/** Somebody who comes by a link when nobody is there: all that a dumb keeper has is what a member left. */
import { doorsOf, pagesOf } from "../../../core/guild/live/index.ts";
import type { Deals } from "../../../core/guild/join/deals.ts";
import {
  isJoiningBusy,
  joinSlice,
  openJoining,
  readLog,
  takeDoor,
  takePage,
} from "../../../core/guild/join/joining.ts";
import { dealsThatCount, redeem } from "../../../core/guild/join/redeeming.ts";
import type { OpId } from "../../../core/ids.ts";
import type { LocalDevice } from "../../../core/identity/identity.ts";
import type { OpLog } from "../../../core/log/log.ts";
import type { Env } from "../../../core/ports.ts";
import type { GuildNode } from "./node.ts";

export interface CameIn {
  readonly log: OpLog;
  readonly deals: Deals;
  /** Left for the members. */
  readonly page: Uint8Array;
}

export interface Invited {
  readonly invite: OpId;
  readonly secret: Uint8Array;
}

/** `null` where the invite, or the member, is not good for it now. */
export function comeIn(device: LocalDevice, { invite, secret }: Invited, by: GuildNode, env: Env): CameIn | null {
  let joining = openJoining({ guild: by.state.log.guild, invite, secret, servers: [] });
  for (const { door } of doorsOf(by.state, env)) {
    const taken = takeDoor(joining, door);
    if (taken.ok) joining = taken.value;
  }
  for (const page of pagesOf(by.state, env)) {
    const taken = takePage(joining, page);
    if (taken.ok) joining = taken.value;
  }
  while (isJoiningBusy(joining)) joining = joinSlice(joining);
  const redeemed = redeem(readLog(joining), device, env);
  if (!redeemed.ok) return null;
  const { stage, deals } = redeemed.value.joining;
  if (stage.t !== "waiting") return null;
  return { log: stage.shown.log, deals: dealsThatCount(stage.shown, deals, env.nowMs), page: redeemed.value.page };
}
