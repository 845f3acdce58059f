/** Who may leave mail in a space, and take its bundles. */
import { fromHex } from "../../../core/ids.ts";
import type { Grant } from "../../../core/wire/spaceRequest.ts";
import { type Core, DONE, refused } from "./core.ts";
import type { Answers, Request } from "./messages.ts";
import type { DepositorRow, SpaceRow } from "./rows.ts";

export class GrantOperations {
  readonly #sql;

  constructor(private readonly core: Core) {
    this.#sql = {
      insert: core.db.prepare(
        "INSERT INTO depositors (space, key, is_granted, max_waiting, max_waiting_bytes, max_bundles, expires_at_ms) " +
          "VALUES (?, ?, 1, ?, ?, ?, ?)",
      ),
      replace: core.db.prepare(
        "UPDATE depositors SET is_granted = 1, max_waiting = ?, max_waiting_bytes = ?, max_bundles = ?, " +
          "expires_at_ms = ?, ended_day = NULL WHERE number = ?",
      ),
      end: core.db.prepare(
        "UPDATE depositors SET is_granted = 0, expires_at_ms = NULL, ended_day = NULL WHERE number = ?",
      ),
      delete: core.db.prepare("DELETE FROM depositors WHERE number = ?"),
    };
  }

  set({ space: id, grants }: Request<"setGrants">): Answers["setGrants"] {
    const { rows, totals, limits, room } = this.core;
    const space = rows.space(id);
    if (space === null) return refused("unknown-space");
    const isNew = ({ depositor }: Grant): boolean => rows.depositor(space, depositor)?.isGranted !== true;
    const added = new Set(grants.filter(isNew).map(({ depositor }) => depositor)).size;
    if (space.grants + added > limits.maxGrants) return refused("quota");
    if (added > 0 && (totals.grants + added > limits.maxGrantsTotal || !room.mayGrow())) return refused("full");
    for (const grant of grants) this.#set(space, grant);
    space.grants += added;
    totals.grants += added;
    rows.changedSpace(space);
    return DONE;
  }

  #set(space: SpaceRow, { depositor: key, ...grant }: Grant): void {
    const { maxWaiting, maxWaitingBytes, maxBundles, expiresAtMs } = grant;
    const row = this.core.rows.depositor(space, key);
    if (row === null) {
      this.#sql.insert.run(space.number, fromHex(key), maxWaiting, maxWaitingBytes, maxBundles, expiresAtMs);
      return;
    }
    this.#sql.replace.run(maxWaiting, maxWaitingBytes, maxBundles, expiresAtMs, row.number);
    Object.assign(row, { maxWaiting, maxWaitingBytes, maxBundles, expiresAtMs, isGranted: true, taken: 0 });
    this.core.rows.changedDepositor(row);
  }

  revoke({ space: id, depositors }: Request<"revoke">): Answers["revoke"] {
    const space = this.core.rows.space(id);
    if (space === null) return refused("unknown-space");
    for (const key of depositors) {
      const row = this.core.rows.depositor(space, key);
      if (row?.isGranted) this.end(space, row);
    }
    return DONE;
  }

  end(space: SpaceRow, row: DepositorRow): void {
    space.grants--;
    this.core.totals.grants--;
    this.core.rows.changedSpace(space);
    if (row.waiting === 0) return this.forget(space, row);
    row.isGranted = false;
    row.expiresAtMs = null;
    this.#sql.end.run(row.number);
  }

  /** One that was revoked, and has nothing waiting any more. */
  forget(space: SpaceRow, row: DepositorRow): void {
    this.#sql.delete.run(row.number);
    this.core.rows.forgetDepositor(space, row);
  }
}

/** The space, and its depositor where that may do something now. */
export function granted(core: Core, { space: id, depositor, nowMs }: Request<"deposit" | "takeBundle">) {
  const space = core.rows.space(id);
  if (space === null) return refused("unknown-space");
  const row = core.rows.depositor(space, depositor);
  const isGranted = row !== null && row.isGranted && (row.expiresAtMs === null || nowMs < row.expiresAtMs);
  return isGranted ? { t: "granted", space, depositor: row } as const : refused("unknown-depositor");
}
