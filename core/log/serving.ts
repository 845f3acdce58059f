/** What a peer is answered that asks for ops: from the log alone, so that nothing of its requests is kept. SPEC section 20. */
import { SYNC } from "../limits.ts";
import type { LogSyncFrame } from "../wire/logSync.ts";
import type { OpLog } from "./log.ts";
import { between, vectorOf } from "./walk.ts";

type Answer = Extract<LogSyncFrame, { readonly number: number }>;
type Want = Extract<LogSyncFrame, { readonly t: "want" }>;
type More = Extract<LogSyncFrame, { readonly t: "more" }>;

/** How many bytes a peer may still be sent, or may still waste. */
export interface Allowance {
  readonly bytes: number;
  readonly atMs: number;
}

export function refilled({ bytes, atMs }: Allowance, perS: number, burstBytes: number, nowMs: number): Allowance {
  const gained = Math.max(0, nowMs - atMs) * perS / 1000;
  return { bytes: Math.min(burstBytes, bytes + gained), atMs: nowMs };
}

/** [SYNC7] The answer, and what is left of what the peer may be sent. */
export function serve(log: OpLog, before: Allowance, asked: Want | More, nowMs: number): [Answer, Allowance] {
  const allowed = refilled(before, SYNC.servedBytesPerS, SYNC.servedBurstBytes, nowMs);
  const { number } = asked;
  if (allowed.bytes < SYNC.maxFrameBytes) {
    const retryAfterMs = Math.ceil((SYNC.maxFrameBytes - allowed.bytes) * 1000 / SYNC.servedBytesPerS);
    return [{ t: "busy", number, retryAfterMs: Math.min(SYNC.maxRetryAfterMs, retryAfterMs) }, allowed];
  }
  const [answer, sizeBytes] = asked.t === "more" ? page(log, asked) : found(log, asked);
  return [answer, { ...allowed, bytes: allowed.bytes - Math.max(SYNC.minServedBytes, sizeBytes) }];
}

function found(log: OpLog, { number, ids, have, strict }: Want): [Answer, number] {
  if (strict && have.some((id) => !log.ops.has(id))) return page(log, { t: "more", number, after: null });
  const ops: Uint8Array[] = [];
  let sizeBytes: number = SYNC.answerBytes;
  const region = between(log, ids, have);
  for (const { bytes } of region.ops) {
    sizeBytes += bytes.length + SYNC.perOpBytes;
    if (sizeBytes > SYNC.maxFrameBytes || ops.length === SYNC.maxOps) break;
    ops.push(bytes);
  }
  return [{ t: "ops", number, ops }, sizeBytes + region.passed * SYNC.passedBytes];
}

function page(log: OpLog, { number, after }: More): [Answer, number] {
  const entries = [...vectorOf(log)]
    .filter(([device]) => after === null || device > after)
    .sort(([a], [b]) => a < b ? -1 : 1)
    .map(([device, seq]) => ({ device, seq }));
  const some = entries.slice(0, SYNC.maxEntries);
  return [{ t: "vector", number, entries: some, more: entries.length > some.length }, SYNC.maxFrameBytes];
}
