/** Reading back: pages of a conversation from the store into the window. */
import type { UserId } from "../ids.ts";
import { MESSAGE } from "../limits.ts";
import { type Placed, timelineKey } from "../message/timeline.ts";
import { messageRecord } from "../wire/nodeRecords.ts";
import { ranks } from "./contacts.ts";
import { KEYS } from "./keys.ts";
import type { Turn } from "./turn.ts";

export function readEarlier(turn: Turn, user: UserId): void {
  const contact = turn.contact(user);
  const first = contact?.window[0];
  if (contact === undefined || first === undefined || !contact.hasEarlier) return;
  const beforeKey = KEYS.message(user, first.key);
  turn.emit({ type: "LoadEarlier", contact: user, prefix: KEYS.messages(user), beforeKey, limit: MESSAGE.windowCount });
}

export function earlierLoaded(turn: Turn, user: UserId, records: readonly Uint8Array[]): void {
  const contact = turn.contact(user);
  const first = contact?.window[0];
  if (contact === undefined || first === undefined) return;
  const { own, theirs } = ranks(turn.state, user);
  const earlier: Placed[] = [];
  for (const record of records) {
    const message = messageRecord.decode(record);
    if (!message.ok) {
      turn.refuse("node.bad-record");
      continue;
    }
    const key = timelineKey(message.value, message.value.own ? own : theirs);
    if (key < first.key) earlier.push({ key, message: message.value });
  }
  turn.setContact({
    ...contact,
    window: [...earlier, ...contact.window],
    hasEarlier: records.length === MESSAGE.windowCount,
  });
}
