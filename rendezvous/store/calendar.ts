/**
 * The store's own calendar. It counts days of service, and moves by one of them at a time: a clock that is wrong for an
 * hour ages mail by a day at most, not by a year, and one that was wrong at the first start, or at each start until the
 * network has set it, does no harm at all.
 */
import { KEPT } from "../limits.ts";

export interface Calendar {
  /** Days of service, from 0. */
  readonly serviceDay: number;
  /** The day, since the Unix epoch, that the clock showed when the last one was counted. */
  readonly clockDay: number;
  /** Whether the clock was behind that day at the last look. Not kept over a restart. */
  readonly wasBehind: boolean;
}

const DAY_MS = 24 * 3_600_000;
const dayOf = (nowMs: number): number => Math.floor(nowMs / DAY_MS);

export const newCalendar = (nowMs: number): Calendar => ({ serviceDay: 0, clockDay: dayOf(nowMs), wasBehind: false });

/** One look at the clock; to be taken about once an hour, so that days off are caught up with within a day or two. */
export function lookAt(nowMs: number, { serviceDay, clockDay, wasBehind }: Calendar): Calendar {
  const today = dayOf(nowMs);
  // Around midnight a clock that is set back by a second shows yesterday once more: that day has been counted.
  if (today === clockDay || today === clockDay - 1) return { serviceDay, clockDay, wasBehind: false };
  // Believed at the second look: machines without a clock of their own begin each time in a year long past.
  if (today < clockDay) return { serviceDay, clockDay: wasBehind ? today : clockDay, wasBehind: !wasBehind };
  // After longer than mail is kept, either the clock or the calendar is wrong: neither is a reason to delete all mail.
  const isFar = today - clockDay > KEPT.maxMailAgeDays;
  return { serviceDay: serviceDay + 1, clockDay: isFar ? today : clockDay + 1, wasBehind: false };
}

/** More than a space can take in a day, and 2^29 days to go until a number is no longer exact. */
export const SERIALS_PER_DAY = 2 ** 24;

/** Serials of a space that was deleted as unused, and is made again, lie above those that it has given. */
export const firstSerial = ({ serviceDay }: Calendar): number => serviceDay * SERIALS_PER_DAY + 1;
