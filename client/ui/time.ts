/** Times as people write them, in the browser's language. */
import { t } from "./strings.ts";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const longDay = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const shortDay = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayAndClock = new Intl.DateTimeFormat(undefined, {
  weekday: "short",
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});

const DAY_MS = 86_400_000;
const startOfDay = (atMs: number) => new Date(atMs).setHours(0, 0, 0, 0);
/** Whole local days between two instants; a day with a clock change counts as one. */
const daysBetween = (fromMs: number, toMs: number) => Math.round((startOfDay(toMs) - startOfDay(fromMs)) / DAY_MS);

export const formatClock = (atMs: number) => clock.format(atMs);
export const formatMoment = (atMs: number) => dayAndClock.format(atMs);
export const sameDay = (aMs: number, bMs: number) => startOfDay(aMs) === startOfDay(bMs);

export function formatDay(atMs: number, nowMs: number): string {
  const days = daysBetween(atMs, nowMs);
  if (days === 0) return t("today");
  return days === 1 ? t("yesterday") : longDay.format(atMs);
}

/** For a list: the time today, the date before. */
export function formatRecent(atMs: number, nowMs: number): string {
  return sameDay(atMs, nowMs) ? clock.format(atMs) : shortDay.format(atMs);
}

/** `1:02:03` or `2:03`. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1_000));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
