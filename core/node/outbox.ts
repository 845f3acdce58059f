/** What was sent and has no receipt, where that changes otherwise than by a receipt. */
import { writeOutbox } from "./persist.ts";
import type { UserId } from "../ids.ts";
import type { Contact, Pending } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Nothing that was sent counts as sent any more: they could not open it. */
export function withNothingSent(turn: Turn, contact: Contact): Contact {
  discountDeposits(turn, contact.id);
  return {
    ...contact,
    pending: contact.pending.map((item) => ({ ...withMailed(turn, contact, item, null), sent: null })),
  };
}

/** What is on its way to their server was sealed for the session that they lost: that it arrives will say nothing. */
function discountDeposits(turn: Turn, user: UserId): void {
  const asks = new Map(turn.state.mail.asks);
  for (const [number, asked] of asks) {
    if (asked.t !== "deposit" || asked.user !== user) continue;
    asks.set(number, { ...asked, seqs: [], receipt: null, greeting: "none", tellsAddress: false });
  }
  turn.setMail({ asks });
}

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
