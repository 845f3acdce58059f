/** Blinded daily topics, under which the holders of one secret find each other. SPEC section 4. */
import { hmacSha256 } from "../crypto/kdf.ts";
import { LABELS } from "../crypto/labels.ts";
import { type Topic, topic } from "../ids.ts";
import { TOPIC } from "../limits.ts";
import { framed, uintBytes } from "../wire/bytes.ts";
import { utf8 } from "../wire/text.ts";

const label = utf8(LABELS.topic);

/** `secret` is 32 bytes; `day` counts days since the Unix epoch, in UTC. */
export function topicOfDay(secret: Uint8Array, day: number): Topic {
  const made = topic(hmacSha256(secret, framed(label, uintBytes(day, 4))));
  if (!made.ok) throw new Error("an HMAC-SHA-256 has 32 bytes");
  return made.value;
}

/** [TOPIC2] Today's topic, and behind it the neighbour's within `TOPIC.overlapMs` of midnight. */
export function topicsAt(secret: Uint8Array, nowMs: number): readonly Topic[] {
  return daysAt(nowMs).map((day) => topicOfDay(secret, day));
}

/** The time from which on `topicsAt` gives another list. */
export function topicsValidUntilMs(nowMs: number): number {
  const today = Math.floor(nowMs / TOPIC.periodMs) * TOPIC.periodMs;
  const edges = [TOPIC.overlapMs, TOPIC.periodMs - TOPIC.overlapMs, TOPIC.periodMs];
  return today + (edges.find((edge) => nowMs < today + edge) ?? TOPIC.periodMs);
}

function daysAt(nowMs: number): readonly number[] {
  const day = Math.floor(nowMs / TOPIC.periodMs);
  const sinceMidnightMs = nowMs - day * TOPIC.periodMs;
  if (sinceMidnightMs < TOPIC.overlapMs && day > 0) return [day, day - 1];
  if (sinceMidnightMs >= TOPIC.periodMs - TOPIC.overlapMs) return [day, day + 1];
  return [day];
}
