import assert from "node:assert/strict";
import { topicOfDay, topicsAt, topicsValidUntilMs } from "../../../core/identity/topics.ts";
import { seededRng } from "../../support/world.ts";

const secret = seededRng(1).bytes(32);
const HOUR_MS = 3_600_000;
const MIDNIGHT_MS = Date.UTC(2026, 10, 24);
const DAY = MIDNIGHT_MS / (24 * HOUR_MS);

Deno.test("[TOPIC1] a topic follows from secret and day, and says nothing of either", () => {
  assert.equal(topicOfDay(secret, DAY), topicOfDay(secret.slice(), DAY));
  const others = [topicOfDay(secret, DAY + 1), topicOfDay(seededRng(2).bytes(32), DAY)];
  for (const other of others) assert.notEqual(other, topicOfDay(secret, DAY));
});

Deno.test("[TOPIC2] around midnight UTC the neighbouring day is served as well", () => {
  const days = (sinceMidnightMs: number) =>
    topicsAt(secret, MIDNIGHT_MS + sinceMidnightMs).map((topic) =>
      [-1, 0, 1].find((offset) => topicOfDay(secret, DAY + offset) === topic)
    );
  assert.deepEqual(days(0), [0, -1]);
  assert.deepEqual(days(2 * HOUR_MS - 1), [0, -1]);
  assert.deepEqual(days(2 * HOUR_MS), [0]);
  assert.deepEqual(days(12 * HOUR_MS), [0]);
  assert.deepEqual(days(22 * HOUR_MS - 1), [0]);
  assert.deepEqual(days(22 * HOUR_MS), [0, 1]);
  assert.deepEqual(days(24 * HOUR_MS - 1), [0, 1]);
});

Deno.test("[TOPIC2] two clocks that are up to two hours apart always share a topic", () => {
  for (let atMs = 0; atMs < 48 * HOUR_MS; atMs += HOUR_MS / 4) {
    const mine = topicsAt(secret, MIDNIGHT_MS + atMs);
    const theirs = topicsAt(secret, MIDNIGHT_MS + atMs + 2 * HOUR_MS - 1);
    assert.ok(mine.some((topic) => theirs.includes(topic)));
  }
});

Deno.test("[TOPIC2] the list of topics is the same until the time that is told, and another one then", () => {
  for (let atMs = MIDNIGHT_MS; atMs < MIDNIGHT_MS + 24 * HOUR_MS; atMs += HOUR_MS / 2) {
    const untilMs = topicsValidUntilMs(atMs);
    assert.ok(untilMs > atMs);
    assert.deepEqual(topicsAt(secret, untilMs - 1), topicsAt(secret, atMs));
    assert.notDeepEqual(topicsAt(secret, untilMs), topicsAt(secret, atMs));
  }
});
