/** Sealed prekey bundles: each one-time bundle is handed out once. */
import { type Core, refused } from "./core.ts";
import { granted } from "./grants.ts";
import type { Answers, Request } from "./messages.ts";
import type { SpaceRow } from "./rows.ts";

export class BundleOperations {
  readonly #sql;

  constructor(private readonly core: Core) {
    const { db } = core;
    this.#sql = {
      insert: db.prepare("INSERT INTO bundles (space, sealed) VALUES (?, ?)"),
      first: db.prepare("SELECT number, sealed FROM bundles WHERE space = ? ORDER BY number LIMIT 1"),
      delete: db.prepare("DELETE FROM bundles WHERE number = ?"),
      deleteAll: db.prepare("DELETE FROM bundles WHERE space = ?"),
      bytes: db.prepare("SELECT total(length(sealed)) bytes FROM bundles WHERE space = ?"),
      lastResort: db.prepare("SELECT sealed FROM last_resorts WHERE space = ?"),
      setLastResort: db.prepare("INSERT OR REPLACE INTO last_resorts (space, sealed) VALUES (?, ?)"),
    };
  }

  put(
    { space: id, hasLastResort, replace }: Request<"putBundles">,
    parts: readonly Uint8Array[],
  ): Answers["putBundles"] {
    const { core } = this;
    const space = core.rows.space(id);
    if (space === null) return refused("unknown-space");
    const lastResort = hasLastResort ? parts.at(-1)! : null;
    const oneTime = hasLastResort ? parts.slice(0, -1) : parts;
    const left = (replace ? 0 : space.bundles) + oneTime.length;
    if (left > core.limits.maxOneTimeBundles) return refused("quota");
    const grownBytes = this.#grownBytes(space, parts, hasLastResort, replace);
    if (!core.hasRoomFor(grownBytes)) return refused("full");
    if (replace) this.#sql.deleteAll.run(space.number);
    for (const sealed of oneTime) this.#sql.insert.run(space.number, sealed);
    if (lastResort !== null) this.#sql.setLastResort.run(space.number, lastResort);
    this.#count(space, left - space.bundles, grownBytes);
    return { t: "done", left };
  }

  #grownBytes(space: SpaceRow, parts: readonly Uint8Array[], hasLastResort: boolean, replace: boolean): number {
    const putBytes = parts.reduce((sum, { length }) => sum + length, 0);
    const replacedBytes = replace ? Number(this.#sql.bytes.get(space.number)!["bytes"]) : 0;
    return putBytes - replacedBytes - (hasLastResort ? this.#lastResort(space)?.length ?? 0 : 0);
  }

  #lastResort({ number }: SpaceRow): Uint8Array | null {
    return (this.#sql.lastResort.get(number)?.["sealed"] as Uint8Array | undefined) ?? null;
  }

  #count(space: SpaceRow, bundles: number, bytes: number): void {
    const { totals, rows } = this.core;
    space.bundles += bundles;
    space.bundleBytes += bytes;
    totals.bundles += bundles;
    totals.bytes += bytes;
    rows.changedSpace(space);
  }

  take(request: Request<"takeBundle">): Answers["takeBundle"] {
    const found = granted(this.core, request);
    if (found.t === "refused") return found;
    const { space, depositor } = found;
    if (depositor.taken >= depositor.maxBundles) return refused("quota");
    const sealed = this.#takeFirst(space) ?? this.#lastResort(space);
    if (sealed === null) return refused("no-bundle");
    depositor.taken++;
    this.core.rows.changedDepositor(depositor);
    return { t: "bundle", sealed, left: space.bundles };
  }

  #takeFirst(space: SpaceRow): Uint8Array | null {
    const row = this.#sql.first.get(space.number);
    if (row === undefined) return null;
    const sealed = row["sealed"] as Uint8Array;
    this.#sql.delete.run(row["number"] as number);
    this.#count(space, -1, -sealed.length);
    return sealed;
  }
}
