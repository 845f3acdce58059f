/** A log from the store of this device. SPEC section 17. */
import { ok, refuse, type Result } from "../errors.ts";
import type { GuildId, OpId } from "../ids.ts";
import { AppendMap } from "./appendMap.ts";
import { type LoggedOp, openLog, type OpLog } from "./log.ts";
import { linksOf, type OpReason, restoreOp, type StoredOp } from "./signedOp.ts";

/** `at`: of the first op that is not what it should be. */
export type RestoredLog = Result<OpLog, OpReason> & { readonly at: number };

/** Each op comes after what it follows, the genesis op first. It is as if they had been received in that order. */
export function restoreLog([genesis, ...rest]: readonly StoredOp[]): RestoredLog {
  if (genesis === undefined) return { ...refuse("log.missing-parent"), at: 0 };
  const opened = openLog(genesis.bytes);
  if (!opened.ok) return { ...opened, at: 0 };
  const ops = new Map<OpId, LoggedOp>(opened.value.ops);
  const heads = new Set(opened.value.heads);
  for (const [before, stored] of rest.entries()) {
    const logged = follow(stored, opened.value.guild, ops);
    if (!logged.ok) return { ...logged, at: before + 1 };
    for (const link of linksOf(logged.value.op)) heads.delete(link);
    heads.add(stored.id);
    ops.set(stored.id, logged.value);
  }
  return { ...ok({ ...opened.value, ops: AppendMap.of(ops), heads }), at: 0 };
}

function follow(stored: StoredOp, guild: GuildId, ops: ReadonlyMap<OpId, LoggedOp>): Result<LoggedOp, OpReason> {
  const restored = restoreOp(stored, (id) => ops.get(id));
  if (!restored.ok) return restored;
  const { op } = restored.value;
  if (op.guild !== guild) return refuse("log.wrong-guild");
  let depth = 0;
  for (const link of linksOf(op)) {
    const before = ops.get(link);
    if (before === undefined) return refuse("log.missing-parent");
    depth = Math.max(depth, before.depth);
  }
  // One text for all of them: they name little else than the same few ids.
  return ok({ ...restored.value, op: { ...op, guild }, depth: depth + 1 });
}
