/** Ops of a guild that come in any order, many at a time, and become a log a slice at a time. SPEC section 23. */
import { ok, refuse, type Result } from "../../errors.ts";
import { type GuildId, guildOfOp } from "../../ids.ts";
import { JOIN } from "../../limits.ts";
import { openLog, type OpLog, receiveInOrder } from "../../log/log.ts";
import { decodeOp } from "../../log/signedOp.ts";

type Slice = readonly Uint8Array[];

export interface Incoming {
  readonly guild: GuildId;
  /** `null` while the genesis op is missing. */
  readonly log: OpLog | null;
  readonly queue: readonly Slice[];
  /** Ops that follow one which was not here when they were tried. */
  readonly later: readonly Slice[];
  /** Of the log, when those of `later` were tried last. */
  readonly triedAtSize: number;
}

export const nothingIn = (guild: GuildId): Incoming => ({ guild, log: null, queue: [], later: [], triedAtSize: 0 });

const sizeOf = (slices: readonly Slice[]): number =>
  slices.reduce((sum, slice) => slice.reduce((bytes, { length }) => bytes + length, sum), 0);

/** With more ops, not looked at yet. */
export function withOps(incoming: Incoming, ops: Slice): Result<Incoming, "join.too-large"> {
  const queue = ops.length === 0 ? incoming.queue : [...incoming.queue, ops];
  return sizeOf([...queue, ...incoming.later]) > JOIN.maxQueueBytes
    ? refuse("join.too-large")
    : ok({ ...incoming, queue });
}

/** Whether a further slice may bring something. */
export const isReading = ({ queue, later, log, triedAtSize }: Incoming): boolean =>
  queue.length > 0 || (later.length > 0 && (log?.ops.size ?? 0) > triedAtSize);

/** [JOIN16] Some milliseconds' worth of signatures is checked. What does not connect is tried again later. */
export function takeSlice(incoming: Incoming): Incoming {
  if (!isReading(incoming)) return incoming;
  if (incoming.queue.length === 0) {
    // The last first: pages that come in the wrong order come backwards more often than shuffled.
    const queue = incoming.later.toReversed();
    return takeSlice({ ...incoming, queue, later: [], triedAtSize: incoming.log?.ops.size ?? 0 });
  }
  const [page, ...pages] = incoming.queue;
  const slice = startOf(page!);
  const queue = slice.length === page!.length ? pages : [page!.slice(slice.length), ...pages];
  const before = incoming.log ?? logFrom(incoming.guild, slice);
  if (before === null) return { ...incoming, queue, later: [...incoming.later, slice] };
  const { log, refused } = receiveInOrder(before, slice);
  const missing = new Set(refused.flatMap(({ id, reason }) => reason === "log.missing-parent" ? [id] : []));
  const rest = missing.size === 0 ? [] : slice.filter((bytes) => {
    const decoded = decodeOp(bytes);
    return decoded.ok && missing.has(decoded.value.id) && !log.ops.has(decoded.value.id);
  });
  return { ...incoming, log, queue, later: rest.length === 0 ? incoming.later : [...incoming.later, rest] };
}

/** As many as `JOIN.sliceCost` allows, and one at least. */
function startOf(ops: Slice): Slice {
  let cost = 0;
  const end = ops.findIndex((bytes, at) => {
    const decoded = decodeOp(bytes);
    cost += decoded.ok && decoded.value.op.previous === null ? JOIN.introductionCost : 1;
    return at > 0 && cost > JOIN.sliceCost;
  });
  return end === -1 ? ops : ops.slice(0, end);
}

/** A log from the genesis op, if that is among these. */
function logFrom(guild: GuildId, ops: Slice): OpLog | null {
  for (const bytes of ops) {
    const decoded = decodeOp(bytes);
    if (!decoded.ok || decoded.value.op.guild !== null || guildOfOp(decoded.value.id) !== guild) continue;
    const log = openLog(bytes);
    if (log.ok) return log.value;
  }
  return null;
}
