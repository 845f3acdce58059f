/** What was sent and has no receipt, where that changes otherwise than by a receipt. */
import { writeOutbox } from "./persist.ts";
import type { Contact, Pending } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Nothing that was sent counts as sent any more: they could not open it. */
export const withNothingSent = (turn: Turn, contact: Contact): Contact => ({
  ...contact,
  pending: contact.pending.map((item) => ({ ...withMailed(turn, contact, item, null), sent: null })),
});

/** The servers of `seqs` have them. */
export function withMailedNow(turn: Turn, contact: Contact, seqs: readonly number[]): Contact {
  const mailed = new Set(seqs);
  return {
    ...contact,
    pending: contact.pending.map((item) =>
      mailed.has(item.content.seq) ? withMailed(turn, contact, item, turn.nowMs) : item
    ),
  };
}

function withMailed(turn: Turn, { id }: Contact, item: Pending, mailedAtMs: number | null): Pending {
  if (item.mailedAtMs === mailedAtMs) return item;
  const changed = { ...item, mailedAtMs };
  writeOutbox(turn, id, changed);
  return changed;
}
