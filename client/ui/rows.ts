/** Turns messages into what stands in the log: day lines, a line before the first unread one, grouped messages. */
import type { MessageView } from "../../core/node/view.ts";
import { sameDay } from "./time.ts";

export type Row =
  | { readonly kind: "day"; readonly key: string; readonly atMs: number }
  | { readonly kind: "unread"; readonly key: string }
  | { readonly kind: "message"; readonly key: string; readonly message: MessageView; readonly opensGroup: boolean };

/** Messages of one author closer together than this stand under one name. */
const GROUP_MS = 5 * 60_000;

/** `firstUnread` is the id of the message before which the unread line stands, or `null`. */
export function rowsOf(messages: readonly MessageView[], firstUnread: string | null): readonly Row[] {
  const rows: Row[] = [];
  let previous: MessageView | null = null;
  for (const message of messages) {
    const newDay = previous === null || !sameDay(previous.sentAtMs, message.sentAtMs);
    const unread = message.id === firstUnread;
    if (newDay) rows.push({ kind: "day", key: `day ${message.id}`, atMs: message.sentAtMs });
    if (unread) rows.push({ kind: "unread", key: "unread" });
    const opensGroup = newDay || unread || !continues(previous, message);
    rows.push({ kind: "message", key: message.id, message, opensGroup });
    previous = message;
  }
  return rows;
}

function continues(previous: MessageView | null, message: MessageView): boolean {
  return previous !== null && previous.own === message.own &&
    Math.abs(message.sentAtMs - previous.sentAtMs) < GROUP_MS;
}

/** The id of the oldest of the last `unreadCount` messages of others; `null` when there is none. */
export function firstUnreadOf(messages: readonly MessageView[], unreadCount: number): string | null {
  let left = unreadCount;
  let first: string | null = null;
  for (let i = messages.length - 1; i >= 0 && left > 0; i--) {
    const message = messages[i];
    if (message === undefined || message.own) continue;
    first = message.id;
    left--;
  }
  return first;
}
