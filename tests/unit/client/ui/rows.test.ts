import assert from "node:assert/strict";
import { firstUnreadOf, rowsOf } from "../../../../client/ui/rows.ts";
import type { MessageId } from "../../../../core/ids.ts";
import type { MessageView } from "../../../../core/node/view.ts";

const NOON_MS = new Date(2026, 10, 24, 12).getTime();
const MINUTE_MS = 60_000;

const say = (id: string, own: boolean, sentAtMs: number): MessageView => ({
  id: id as MessageId,
  own,
  authorName: own ? "Me" : "Ada",
  text: id,
  sentAtMs,
  delivery: own ? "sent" : null,
});

const shape = (messages: readonly MessageView[], firstUnread: string | null = null) =>
  rowsOf(messages, firstUnread).map((row) =>
    row.kind === "message" ? `${row.opensGroup ? "+" : ""}${row.message.id}` : row.kind
  );

Deno.test("messages of one author stand together until five minutes, another author or another day part them", () => {
  assert.deepEqual(
    shape([
      say("a", false, NOON_MS - 24 * 60 * MINUTE_MS),
      say("b", false, NOON_MS),
      say("c", false, NOON_MS + 4 * MINUTE_MS),
      say("d", true, NOON_MS + 4 * MINUTE_MS),
      say("e", true, NOON_MS + 10 * MINUTE_MS),
    ]),
    ["day", "+a", "day", "+b", "c", "+d", "+e"],
  );
});

Deno.test("the unread line stands before the first unread message and opens a group", () => {
  const messages = [say("a", false, NOON_MS), say("b", false, NOON_MS), say("c", false, NOON_MS)];
  assert.deepEqual(shape(messages, "b"), ["day", "+a", "unread", "+b", "c"]);
});

Deno.test("only messages of others count as unread", () => {
  const messages = [say("a", false, 0), say("b", false, 1), say("c", true, 2), say("d", false, 3)];
  assert.equal(firstUnreadOf(messages, 0), null);
  assert.equal(firstUnreadOf(messages, 1), "d");
  assert.equal(firstUnreadOf(messages, 2), "b");
  assert.equal(firstUnreadOf(messages, 9), "a");
  assert.equal(firstUnreadOf([], 3), null);
});
