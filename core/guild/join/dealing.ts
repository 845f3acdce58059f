/** Who deals anew and when, and which deals are told to whom. SPEC section 23. */
import { sha256 } from "../../crypto/kdf.ts";
import { type DealId, type DeviceId, fromHex, toHex } from "../../ids.ts";
import { DEAL } from "../../limits.ts";
import type { LoggedOp } from "../../log/log.ts";
import { framed } from "../../wire/bytes.ts";
import type { GuildState } from "../state.ts";
import type { VerifiedDeal } from "./deal.ts";
import { currentDeals, type Deals, isOfMember } from "./deals.ts";

export interface Dealing {
  /** The op by which the last current deal ended. */
  readonly cause: LoggedOp;
  readonly dueAtMs: number;
}

/**
 * [JOIN7] When `own` deals anew, if none is current by then; `null` where it need not or may not. `linked` are the
 * devices that are there as well, as far as `own` knows.
 */
export function dealingOf(
  deals: Deals,
  state: GuildState,
  own: DeviceId,
  linked: Iterable<DeviceId>,
): Dealing | null {
  const ended = [...deals.kept.values()];
  if (ended.length === 0 || currentDeals(deals).length > 0 || !isOfMember(state, own)) return null;
  const causes = ended.flatMap(({ endedBy }) => endedBy === null ? [] : [endedBy]);
  const [cause] = causes.toSorted((a, b) => b.depth - a.depth || (a.id < b.id ? -1 : 1));
  if (cause === undefined) return null;
  const sinceMs = Math.max(...ended.map(({ endedAtMs }) => endedAtMs ?? 0));
  return { cause, dueAtMs: dealDueAtMs(cause, own, linked, sinceMs) };
}

/** [JOIN7] Whose op it was deals at once; the others wait in an order that each op shuffles anew. */
export function dealDueAtMs(cause: LoggedOp, own: DeviceId, linked: Iterable<DeviceId>, sinceMs: number): number {
  if (cause.op.device === own) return sinceMs;
  const turn = (device: DeviceId) => toHex(sha256(framed(fromHex(cause.id), fromHex(device))));
  const ownTurn = turn(own);
  const before = [...new Set(linked)].filter((device) => device !== own && turn(device) < ownTurn).length;
  return sinceMs + Math.min(DEAL.maxPoliteMs, DEAL.politeMs * (1 + before));
}

/** [JOIN3] What a linked device is told, in a session with it: current deals that it does not say to have. */
export function dealsToTell(
  deals: Deals,
  state: GuildState,
  device: DeviceId,
  theirs: readonly DealId[],
): readonly VerifiedDeal[] {
  if (!isOfMember(state, device)) return [];
  const known = new Set(theirs);
  return currentDeals(deals).filter(({ id }) => !known.has(id));
}
