import assert from "node:assert/strict";
import { formatDay, formatDuration, formatRecent, sameDay } from "../../../../client/ui/time.ts";

const at = (day: number, hour = 12) => new Date(2026, 10, day, hour).getTime();

Deno.test("days are named by the calendar, not by hours that have passed", () => {
  assert.equal(formatDay(at(24, 1), at(24, 23)), "Today");
  assert.equal(formatDay(at(23, 23), at(24, 1)), "Yesterday");
  assert.match(formatDay(at(1), at(24)), /2026/);
  assert.ok(!sameDay(at(23, 23), at(24, 0)));
});

Deno.test("a list shows the time today and the date before", () => {
  assert.match(formatRecent(at(24, 9), at(24)), /09|9/);
  assert.match(formatRecent(at(3), at(24)), /3/);
});

Deno.test("a duration counts hours only where there are any", () => {
  assert.equal(formatDuration(-5), "0:00");
  assert.equal(formatDuration(61_999), "1:01");
  assert.equal(formatDuration(3_723_000), "1:02:03");
});
