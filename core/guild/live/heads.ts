/** Which heads of the log content and handovers name. */
import type { OpId } from "../../ids.ts";
import { CONTENT, GUILD } from "../../limits.ts";
import { VOID } from "../rulings.ts";
import type { GuildTurn } from "./turn.ts";

/**
 * [CNT7] [LIVE10] Ascending. Where there are too many, first those that keep what we named before in the past of this,
 * then what the most senior said: a member who makes many heads keeps no removal out.
 */
export function headsToName({ state: { log, ruled } }: GuildTurn, before: readonly OpId[]): readonly OpId[] {
  if (log.heads.size <= CONTENT.maxHeads) return [...log.heads].sort();
  const { history: { placeOf, isPast }, levels } = ruled.resolver.rulings;
  const isIn = (id: OpId, head: OpId) => id === head || isPast(placeOf.get(id)!, placeOf.get(head)!);
  const covers = (head: OpId) => before.filter((id) => isIn(id, head)).length;
  const depth = (id: OpId) => log.ops.get(id)!.depth;
  const levelOf = (id: OpId) => levels[placeOf.get(id)!]!;
  const rank = (id: OpId) => levelOf(id) === VOID ? GUILD.noRank + 1 : levelOf(id);
  const ordered = [...log.heads].sort((a, b) => covers(b) - covers(a) || rank(a) - rank(b) || depth(b) - depth(a));
  return ordered.slice(0, CONTENT.maxHeads).sort();
}
