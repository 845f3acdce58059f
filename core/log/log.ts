/** The ops of one guild that are known, closed under parents, and those that wait for a parent. SPEC section 17. */
import { ok, type Result } from "../errors.ts";
import { sha256 } from "../crypto/kdf.ts";
import { type GuildId, guildOfOp, type OpId, toHex } from "../ids.ts";
import { LOG } from "../limits.ts";
import { AppendMap } from "./appendMap.ts";
import { type DecodedOp, decodeOp, linksOf, type OpReason, type VerifiedOp, verifyOp } from "./signedOp.ts";

export interface LoggedOp extends VerifiedOp {
  /** Links on the longest way back to the genesis op. */
  readonly depth: number;
}

export interface OpLog {
  readonly guild: GuildId;
  readonly ops: AppendMap<OpId, LoggedOp>;
  /** Those that no other op follows yet. */
  readonly heads: ReadonlySet<OpId>;
  /**
   * [LOG7] Ops that follow one that is not here; nothing of them is checked but their shape. By a hash of all their
   * bytes: of copies with different signatures nobody knows yet which is good, so none can keep another out.
   */
  readonly waiting: ReadonlyMap<string, DecodedOp>;
  /** [LOG10] Checked ops beside the log, for which there is no room; the earliest first. */
  readonly parked: ReadonlyMap<OpId, LoggedOp>;
}

/** Whether it need not be asked for. */
export const isKnown = ({ ops, parked }: OpLog, id: OpId): boolean => ops.has(id) || parked.has(id);

/** A log from its genesis op. */
export function openLog(bytes: Uint8Array): Result<OpLog, OpReason> {
  const decoded = decodeOp(bytes);
  if (!decoded.ok) return decoded;
  const verified = verifyOp(decoded.value, null, null);
  if (!verified.ok) return verified;
  const genesis = { ...verified.value, depth: 0 };
  return ok({
    guild: guildOfOp(genesis.id),
    ops: AppendMap.of([[genesis.id, genesis]]),
    heads: new Set([genesis.id]),
    waiting: new Map(),
    parked: new Map(),
  });
}

export interface Received {
  readonly log: OpLog;
  /** What came in now, each after what it follows: the ops given, and those that had waited for them. */
  readonly added: readonly LoggedOp[];
  /** What became of each of the ops given that is not in the log now, in their order. */
  readonly refused: readonly { readonly id: OpId | null; readonly reason: OpReason }[];
}

/** Takes ops in any order. One that is known already changes nothing. */
export const receiveOps = (log: OpLog, many: readonly Uint8Array[]): Received => received(log, many, true);

/** Takes ops that should each come after what they follow: one that does not is refused, and does not wait. */
export const receiveInOrder = (log: OpLog, many: readonly Uint8Array[]): Received => received(log, many, false);

function received(log: OpLog, many: readonly Uint8Array[], keepsWaiting: boolean): Received {
  const batch = new Batch(log, keepsWaiting);
  for (const bytes of many) batch.take(bytes);
  return batch.end();
}

/**
 * [LOG10] The log without some of the ops that came into it: what they follow may stay, what follows them goes with them.
 * `before` is what it grew out of.
 */
export function withParked(
  before: OpLog,
  { log, added }: Pick<Received, "log" | "added">,
  parting: ReadonlySet<OpId>,
): OpLog {
  const kept = added.filter(({ id }) => !parting.has(id));
  const heads = new Set(before.heads);
  for (const { id, op } of kept) {
    for (const link of linksOf(op)) heads.delete(link);
    heads.add(id);
  }
  const parked = new Map(log.parked);
  for (const one of added) if (parting.has(one.id)) parked.set(one.id, one);
  return {
    guild: log.guild,
    ops: before.ops.with(kept.map((one) => [one.id, one])),
    heads: kept.length === 0 ? before.heads : heads,
    waiting: log.waiting,
    parked: withinRoom(parked),
  };
}

/** Of one person few, and few in all: the latest stay. */
function withinRoom(parked: Map<OpId, LoggedOp>): ReadonlyMap<OpId, LoggedOp> {
  for (const some of Map.groupBy(parked.values(), ({ author }) => author).values()) {
    for (const { id } of some.slice(0, -LOG.maxParkedOfPerson)) parked.delete(id);
  }
  return new Map([...parked].slice(-LOG.maxParked));
}

/** [LOG10] With these of the ops that are parked, and what they follow. */
export function unpark(log: OpLog, ids: readonly OpId[]): OpLog {
  const batch = new Batch(log, false);
  batch.unpark(ids);
  return batch.end().log;
}

/** [LOG7] The parents that ops wait for: what is to be asked of others. */
export function missingParents(log: OpLog): ReadonlySet<OpId> {
  const missing = new Set<OpId>();
  const waiting = new Set([...log.waiting.values()].map(({ id }) => id));
  for (const { op } of log.waiting.values()) {
    for (const id of linksOf(op)) if (!log.ops.has(id) && !waiting.has(id)) missing.add(id);
  }
  return missing;
}

const copyOf = ({ bytes }: DecodedOp): string => toHex(sha256(bytes));

class Batch {
  private readonly fresh = new Map<OpId, LoggedOp>();
  private readonly heads: Set<OpId>;
  private readonly waiting: Map<string, DecodedOp>;
  private readonly parked: Map<OpId, LoggedOp>;
  private isWaitingChanged = false;
  /** The copies that wait, by the first parent that they lack. */
  private readonly awaited = new Map<OpId, string[]>();
  private readonly added: LoggedOp[] = [];
  private readonly refused: { readonly id: OpId | null; readonly reason: OpReason }[] = [];

  constructor(private readonly log: OpLog, private readonly keepsWaiting: boolean) {
    this.heads = new Set(log.heads);
    this.waiting = new Map(log.waiting);
    this.parked = new Map(log.parked);
    for (const [copy, decoded] of log.waiting) this.await(copy, decoded);
  }

  private opOf(id: OpId): LoggedOp | undefined {
    return this.fresh.get(id) ?? this.log.ops.get(id);
  }

  take(bytes: Uint8Array): void {
    const decoded = decodeOp(bytes);
    if (!decoded.ok) {
      this.refused.push({ id: null, reason: decoded.reason });
      return;
    }
    const { id, op } = decoded.value;
    if (this.opOf(id) !== undefined || this.parked.has(id)) return;
    if (this.parked.size > 0) this.unpark(linksOf(op));
    if (op.guild !== this.log.guild) this.refused.push({ id, reason: "log.wrong-guild" });
    else if (this.firstMissing(decoded.value) === undefined) this.add(decoded.value);
    else this.keep(decoded.value);
  }

  /** What is parked comes in with an op that follows it; what followed something that is not here any more goes. */
  unpark(ids: readonly OpId[]): void {
    const needed = new Map<OpId, LoggedOp>();
    const left = [...ids];
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      const one = this.parked.get(id);
      if (one === undefined || needed.has(id)) continue;
      needed.set(id, one);
      left.push(...linksOf(one.op));
    }
    for (const one of [...needed.values()].sort((a, b) => a.depth - b.depth)) {
      this.parked.delete(one.id);
      if (linksOf(one.op).every((id) => this.opOf(id) !== undefined)) this.place(one);
    }
  }

  end(): Received {
    const { log, fresh, added, refused, parked } = this;
    const waiting = this.isWaitingChanged ? this.waiting : log.waiting;
    if (added.length === 0) return { log: this.isWaitingChanged ? { ...log, waiting } : log, added, refused };
    return { log: { guild: log.guild, ops: log.ops.with(fresh), heads: this.heads, waiting, parked }, added, refused };
  }

  private firstMissing({ op }: DecodedOp): OpId | undefined {
    return linksOf(op).find((id) => this.opOf(id) === undefined);
  }

  private await(copy: string, decoded: DecodedOp): void {
    const missing = this.firstMissing(decoded)!;
    const others = this.awaited.get(missing);
    if (others === undefined) this.awaited.set(missing, [copy]);
    else others.push(copy);
  }

  private keep(decoded: DecodedOp): void {
    this.refused.push({ id: decoded.id, reason: "log.missing-parent" });
    if (!this.keepsWaiting) return;
    const copy = copyOf(decoded);
    if (this.waiting.has(copy)) return;
    this.waiting.set(copy, decoded);
    this.isWaitingChanged = true;
    this.await(copy, decoded);
    if (this.waiting.size <= LOG.maxWaiting) return;
    const [earliest] = this.waiting.keys();
    this.refused.push({ id: this.waiting.get(earliest!)!.id, reason: "log.too-many-waiting" });
    this.waiting.delete(earliest!);
  }

  /** One op, and then whatever waited for it: a queue, because chains are as long as a sender likes. */
  private add(first: DecodedOp): void {
    const queue = [first];
    for (let decoded = queue.pop(); decoded !== undefined; decoded = queue.pop()) {
      const { id, op } = decoded;
      if (this.opOf(id) !== undefined) continue;
      const previous = op.previous === null ? null : this.opOf(op.previous)!;
      const verified = verifyOp(decoded, previous, this.log.guild);
      if (!verified.ok) {
        this.refused.push({ id, reason: verified.reason });
        continue;
      }
      this.place({ ...verified.value, depth: 1 + this.deepest(linksOf(op)) });
      queue.push(...this.released(id));
    }
  }

  /** The copies that lack nothing any more now that `id` is here: they wait no longer, whatever becomes of them. */
  private released(id: OpId): readonly DecodedOp[] {
    const released: DecodedOp[] = [];
    for (const copy of this.awaited.get(id) ?? []) {
      const decoded = this.waiting.get(copy);
      if (decoded === undefined) continue;
      if (this.firstMissing(decoded) !== undefined) {
        this.await(copy, decoded);
        continue;
      }
      this.waiting.delete(copy);
      this.isWaitingChanged = true;
      released.push(decoded);
    }
    this.awaited.delete(id);
    return released;
  }

  private place(logged: LoggedOp): void {
    this.fresh.set(logged.id, logged);
    for (const id of linksOf(logged.op)) this.heads.delete(id);
    this.heads.add(logged.id);
    this.added.push(logged);
  }

  private deepest(ids: readonly OpId[]): number {
    let depth = 0;
    for (const id of ids) depth = Math.max(depth, this.opOf(id)!.depth);
    return depth;
  }
}
