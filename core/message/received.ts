/**
 * Which messages of one author have been committed here: everything up to a number, and some above it. It makes
 * delivery exactly-once whatever the network repeats, and it is what a receipt says.
 */
import type { Reason } from "../errors.ts";
import { ok, refuse, type Result } from "../errors.ts";
import { MESSAGE } from "../limits.ts";

export interface Received {
  readonly upTo: number;
  /** Sorted, all greater than `upTo + 1`. */
  readonly also: readonly number[];
}

export const NOTHING_RECEIVED: Received = { upTo: 0, also: [] };

export const hasReceived = (received: Received, seq: number): boolean =>
  seq <= received.upTo || received.also.includes(seq);

/** The set with `seq` in it; refused when it is there already, or too far above what is missing. */
export function receive(
  received: Received,
  seq: number,
): Result<Received, Extract<Reason, "message.duplicate" | "message.too-far-ahead">> {
  if (seq < 1 || hasReceived(received, seq)) return refuse("message.duplicate");
  // The next one in turn closes a gap, so there is always room for it.
  const isNext = seq === received.upTo + 1;
  const isFull = received.also.length >= MESSAGE.maxReceiptExtras;
  if ((isFull && !isNext) || seq > received.upTo + MESSAGE.maxGap) return refuse("message.too-far-ahead");
  const also = [...received.also, seq].sort((a, b) => a - b);
  let upTo = received.upTo;
  while (also[0] === upTo + 1) upTo = also.shift()!;
  return ok({ upTo, also });
}
