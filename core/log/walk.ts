/** Ways through a log that its sync takes. Each costs what it passes, and at most the log. SPEC section 20. */
import type { DeviceId, OpId } from "../ids.ts";
import type { LoggedOp, OpLog } from "./log.ts";
import { linksOf } from "./signedOp.ts";

/** Ops by depth, gone through from the deepest: when one is met, all that follow it were. */
class Descent {
  private readonly byDepth: LoggedOp[][] = [];

  add(op: LoggedOp): void {
    (this.byDepth[op.depth] ??= []).push(op);
  }

  *[Symbol.iterator](): Generator<LoggedOp> {
    for (let depth = this.byDepth.length - 1; depth >= 0; depth--) yield* this.byDepth[depth] ?? [];
  }
}

export interface Region {
  /** Each after what it follows. */
  readonly ops: readonly LoggedOp[];
  /** How many ops were looked at to find them. */
  readonly passed: number;
}

/** [SYNC3] `tips` and their past without `have` and theirs; ids that are not here are ignored. */
export function between(log: OpLog, tips: Iterable<OpId>, have: Iterable<OpId>): Region {
  const isHad = new Map<OpId, boolean>();
  const descent = new Descent();
  let left = 0;
  const mark = (id: OpId, had: boolean) => {
    const op = log.ops.get(id);
    if (op === undefined) return;
    const before = isHad.get(id);
    if (before === undefined) descent.add(op);
    if (before === had || before === true) return;
    isHad.set(id, had);
    if (!had) left++;
    else if (before === false) left--;
  };
  for (const id of tips) mark(id, false);
  for (const id of have) mark(id, true);
  const found: LoggedOp[] = [];
  for (const op of left === 0 ? [] : descent) {
    const had = isHad.get(op.id)!;
    if (!had) {
      left--;
      found.push(op);
    }
    for (const id of linksOf(op.op)) mark(id, had);
    if (left === 0) break;
  }
  return { ops: found.reverse(), passed: isHad.size };
}

/** Those of `ids` that are in the past of none of the others, the deepest `maxCount`, from the deepest. */
export function frontier(log: OpLog, ids: Iterable<OpId>, maxCount: number): readonly OpId[] {
  const candidates = new Set<OpId>();
  const descent = new Descent();
  const met = new Set<OpId>();
  const passed = new Set<OpId>();
  const add = (id: OpId) => {
    const op = log.ops.get(id);
    if (op === undefined || met.has(id)) return;
    met.add(id);
    descent.add(op);
  };
  for (const id of ids) {
    if (log.ops.has(id)) candidates.add(id);
    add(id);
  }
  const found: OpId[] = [];
  let left = candidates.size;
  for (const { id, op } of descent) {
    if (candidates.has(id)) {
      left--;
      if (!passed.has(id)) found.push(id);
    }
    if (left === 0 || found.length === maxCount) break;
    for (const link of linksOf(op)) {
      passed.add(link);
      add(link);
    }
  }
  return found;
}

/** The highest number of each device. */
export function vectorOf(log: OpLog): ReadonlyMap<DeviceId, number> {
  const vector = new Map<DeviceId, number>();
  for (const { op: { device, seq } } of log.ops.values()) {
    if (seq > (vector.get(device) ?? 0)) vector.set(device, seq);
  }
  return vector;
}

/** [SYNC4] By the peer's vector, of each device the latest ops here that the peer should have as well. */
export function claimedBy(log: OpLog, entries: readonly { device: DeviceId; seq: number }[]): readonly OpId[] {
  const ours = vectorOf(log);
  const latest = new Map(entries.map(({ device, seq }) => [device, Math.min(seq, ours.get(device) ?? 0)]));
  const claimed: OpId[] = [];
  for (const { id, op } of log.ops.values()) if (latest.get(op.device) === op.seq) claimed.push(id);
  return claimed;
}
