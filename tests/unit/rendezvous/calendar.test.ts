import assert from "node:assert/strict";
import fc from "fast-check";
import { type Calendar, firstSerial, lookAt, newCalendar } from "../../../rendezvous/store/calendar.ts";

const DAY_MS = 24 * 3_600_000;
const HOUR_MS = 3_600_000;
const NOON_MS = 20_000 * DAY_MS + 12 * HOUR_MS;

const look = (calendar: Calendar, ...times: readonly number[]): Calendar =>
  times.reduce((last, nowMs) => lookAt(nowMs, last), calendar);
const serviceDay = (...times: readonly number[]): number => look(newCalendar(NOON_MS), ...times).serviceDay;

Deno.test("[KEEP4] each day that the clock shows is counted once, however often it is looked at", () => {
  const hours = Array.from({ length: 10 * 24 }, (_, hour) => NOON_MS + hour * HOUR_MS);
  assert.equal(serviceDay(...hours), 10);
});

Deno.test("[KEEP4] days off are caught up with, one with each look", () => {
  const later = NOON_MS + 5 * DAY_MS;
  assert.equal(serviceDay(later), 1);
  assert.equal(serviceDay(...Array.from({ length: 24 }, () => later)), 5);
});

Deno.test("[KEEP4] a jump far ahead, and back, counts one day, however far", () => {
  for (const years of [1, 10, 1_000]) {
    const jumped = NOON_MS + years * 365 * DAY_MS;
    assert.equal(serviceDay(jumped, ...Array.from({ length: 48 }, () => NOON_MS)), 1);
    assert.equal(serviceDay(...Array.from({ length: 48 }, () => jumped)), 1);
  }
});

Deno.test("[KEEP4] a clock that was wrong at the first start is put right without a loss", () => {
  for (const wrong of [0, NOON_MS + 10_000 * DAY_MS]) {
    const days = Array.from({ length: 4 * 24 }, (_, hour) => NOON_MS + hour * HOUR_MS);
    assert.ok(look(newCalendar(wrong), ...days).serviceDay <= 5);
    assert.ok(look(newCalendar(wrong), ...days).serviceDay >= 3);
  }
});

Deno.test("[KEEP4] a machine that begins each time in 1970, until the network has set its clock, counts no day twice", () => {
  const days = Array.from({ length: 20 }, (_, day) => [0, NOON_MS + day * DAY_MS]).flat();
  assert.equal(serviceDay(...days), 19);
});

Deno.test("[KEEP4] a clock that is set back over midnight counts that day once", () => {
  const midnight = 20_001 * DAY_MS;
  assert.equal(serviceDay(midnight, midnight - 1, midnight, midnight - 1, midnight + HOUR_MS), 1);
});

Deno.test("[KEEP4] no look moves the calendar by more than a day, or back", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4e13 }), { minLength: 1, maxLength: 50 }), (times) => {
      let calendar = newCalendar(NOON_MS);
      for (const nowMs of times) {
        const next = lookAt(nowMs, calendar);
        assert.ok([0, 1].includes(next.serviceDay - calendar.serviceDay));
        assert.ok(firstSerial(next) >= firstSerial(calendar));
        calendar = next;
      }
    }),
    { seed: 7, numRuns: 500 },
  );
});
