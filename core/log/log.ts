/** The ops of one guild that are known, closed under parents, and those that wait for a parent. SPEC section 17. */
import { ok, type Result } from "../errors.ts";
import { type GuildId, guildOfOp, type OpId } from "../ids.ts";
import { LOG } from "../limits.ts";
import { type DecodedOp, decodeOp, linksOf, type OpReason, type VerifiedOp, verifyOp } from "./signedOp.ts";

export interface LoggedOp extends VerifiedOp {
  /** Links on the longest way back to the genesis op. */
  readonly depth: number;
}

export interface OpLog {
  readonly guild: GuildId;
  readonly ops: ReadonlyMap<OpId, LoggedOp>;
  /** Those that no other op follows yet. */
  readonly heads: ReadonlySet<OpId>;
  /** [LOG7] Ops that follow one that is not here, by their own id; nothing of them is checked but their shape. */
  readonly waiting: ReadonlyMap<OpId, DecodedOp>;
}

/** A log from its genesis op. */
export function openLog(bytes: Uint8Array): Result<OpLog, OpReason> {
  const decoded = decodeOp(bytes);
  if (!decoded.ok) return decoded;
  const verified = verifyOp(decoded.value, null, null);
  if (!verified.ok) return verified;
  const genesis = { ...verified.value, depth: 0 };
  return ok({
    guild: guildOfOp(genesis.id),
    ops: new Map([[genesis.id, genesis]]),
    heads: new Set([genesis.id]),
    waiting: new Map(),
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
export function receiveOps(log: OpLog, many: readonly Uint8Array[]): Received {
  const batch = new Batch(log);
  for (const bytes of many) batch.take(bytes);
  return batch.end();
}

/** [LOG7] The parents that ops wait for: what is to be asked of others. */
export function missingParents(log: OpLog): ReadonlySet<OpId> {
  const missing = new Set<OpId>();
  for (const { op } of log.waiting.values()) {
    for (const id of linksOf(op)) if (!log.ops.has(id) && !log.waiting.has(id)) missing.add(id);
  }
  return missing;
}

class Batch {
  private readonly guild: GuildId;
  private readonly ops: Map<OpId, LoggedOp>;
  private readonly heads: Set<OpId>;
  private readonly waiting: Map<OpId, DecodedOp>;
  /** By the first parent that an op lacks. */
  private readonly awaited = new Map<OpId, OpId[]>();
  private readonly added: LoggedOp[] = [];
  private readonly refused: { readonly id: OpId | null; readonly reason: OpReason }[] = [];

  constructor(log: OpLog) {
    this.guild = log.guild;
    this.ops = new Map(log.ops);
    this.heads = new Set(log.heads);
    this.waiting = new Map(log.waiting);
    for (const decoded of log.waiting.values()) this.await(decoded);
  }

  take(bytes: Uint8Array): void {
    const decoded = decodeOp(bytes);
    if (!decoded.ok) {
      this.refused.push({ id: null, reason: decoded.reason });
      return;
    }
    const { id, op } = decoded.value;
    if (this.ops.has(id)) return;
    if (op.guild !== this.guild) this.refused.push({ id, reason: "log.wrong-guild" });
    else if (this.firstMissing(decoded.value) === undefined) this.add(decoded.value);
    else this.keep(decoded.value);
  }

  end(): Received {
    const { guild, ops, heads, waiting, added, refused } = this;
    return { log: { guild, ops, heads, waiting }, added, refused };
  }

  private firstMissing({ op }: DecodedOp): OpId | undefined {
    return linksOf(op).find((id) => !this.ops.has(id));
  }

  private await(decoded: DecodedOp): void {
    const missing = this.firstMissing(decoded)!;
    const others = this.awaited.get(missing);
    if (others === undefined) this.awaited.set(missing, [decoded.id]);
    else others.push(decoded.id);
  }

  private keep(decoded: DecodedOp): void {
    this.refused.push({ id: decoded.id, reason: "log.missing-parent" });
    if (this.waiting.has(decoded.id)) return;
    this.waiting.set(decoded.id, decoded);
    this.await(decoded);
    if (this.waiting.size <= LOG.maxWaiting) return;
    const [earliest] = this.waiting.keys();
    this.waiting.delete(earliest!);
    this.refused.push({ id: earliest!, reason: "log.too-many-waiting" });
  }

  /** One op, and then whatever waited for it: a queue, because chains are as long as a sender likes. */
  private add(first: DecodedOp): void {
    const queue = [first];
    for (let decoded = queue.pop(); decoded !== undefined; decoded = queue.pop()) {
      const { id, op } = decoded;
      this.waiting.delete(id);
      const verified = verifyOp(decoded, op.previous === null ? null : this.ops.get(op.previous)!, this.guild);
      if (!verified.ok) {
        this.refused.push({ id, reason: verified.reason });
        continue;
      }
      this.place({ ...verified.value, depth: 1 + this.deepest(linksOf(op)) });
      for (const next of this.awaited.get(id) ?? []) {
        const waiting = this.waiting.get(next);
        if (waiting === undefined) continue;
        if (this.firstMissing(waiting) === undefined) queue.push(waiting);
        else this.await(waiting);
      }
      this.awaited.delete(id);
    }
  }

  private place(logged: LoggedOp): void {
    this.ops.set(logged.id, logged);
    for (const id of linksOf(logged.op)) this.heads.delete(id);
    this.heads.add(logged.id);
    this.added.push(logged);
  }

  private deepest(ids: readonly OpId[]): number {
    let depth = 0;
    for (const id of ids) depth = Math.max(depth, this.ops.get(id)!.depth);
    return depth;
  }
}
