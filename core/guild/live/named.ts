/** [LOG10] Ops that something here names and that are not in the log: whoever needs them takes them, whatever they are. */
import type { OpId } from "../../ids.ts";
import type { LiveGuild } from "./state.ts";

export function missingNames({ log, channels, deals, early }: LiveGuild): ReadonlySet<OpId> {
  const missing = new Set<OpId>();
  const name = (heads: readonly OpId[]) => {
    for (const id of heads) if (!log.ops.has(id)) missing.add(id);
  };
  for (const { shelf } of channels.values()) {
    for (const { kept, confirmed } of shelf.values()) {
      if (kept.size === confirmed.size) continue;
      for (const { content } of kept.values()) name(content.heads);
    }
  }
  for (const { deal } of deals.waiting.values()) name(deal.heads);
  for (const { heads } of early.values()) name(heads);
  return missing;
}
