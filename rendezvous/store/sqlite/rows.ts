/**
 * Rows of spaces and depositors, as the store's only writer knows them: read once, changed in memory, and written at the
 * end of a transaction once, however many of its operations changed them.
 */
import type { DatabaseSync } from "node:sqlite";
import { type DepositorId, depositorId, fromHex, type SpaceId, spaceId } from "../../../core/ids.ts";
import { STORE } from "../../limits.ts";

export interface SpaceRow {
  readonly number: number;
  readonly id: SpaceId;
  nextSerial: number;
  waiting: number;
  waitingBytes: number;
  grants: number;
  bundles: number;
  bundleBytes: number;
  usedDay: number;
}

export interface DepositorRow {
  readonly number: number;
  readonly key: DepositorId;
  isGranted: boolean;
  maxWaiting: number;
  maxWaitingBytes: number;
  maxBundles: number;
  expiresAtMs: number | null;
  taken: number;
  waiting: number;
  waitingBytes: number;
}

type Row = Readonly<Record<string, unknown>>;

const SPACE = "number, id, next_serial, waiting, waiting_bytes, grants, bundles, bundle_bytes, used_day";
const DEPOSITOR = "number, key, is_granted, max_waiting, max_waiting_bytes, max_bundles, expires_at_ms, taken, " +
  "waiting, waiting_bytes";

export class Rows {
  readonly #spaces = new Map<SpaceId, SpaceRow>();
  readonly #depositors = new Map<string, DepositorRow>();
  readonly #byNumber = new Map<number, DepositorRow>();
  readonly #changedSpaces = new Set<SpaceRow>();
  readonly #changedDepositors = new Set<DepositorRow>();
  readonly #sql;

  constructor(db: DatabaseSync) {
    this.#sql = {
      space: db.prepare(`SELECT ${SPACE} FROM spaces WHERE id = ?`),
      spaceByNumber: db.prepare("SELECT id FROM spaces WHERE number = ?"),
      depositor: db.prepare(`SELECT ${DEPOSITOR} FROM depositors WHERE space = ? AND key = ?`),
      depositorByNumber: db.prepare(`SELECT ${DEPOSITOR} FROM depositors WHERE number = ?`),
      saveSpace: db.prepare(
        "UPDATE spaces SET next_serial = ?, waiting = ?, waiting_bytes = ?, grants = ?, bundles = ?, bundle_bytes = ?, " +
          "used_day = ? WHERE number = ?",
      ),
      saveDepositor: db.prepare("UPDATE depositors SET taken = ?, waiting = ?, waiting_bytes = ? WHERE number = ?"),
    };
  }

  space(id: SpaceId): SpaceRow | null {
    const known = this.#spaces.get(id);
    if (known !== undefined) return known;
    const row = this.#sql.space.get(fromHex(id));
    if (row === undefined) return null;
    const space = toSpace(row, id);
    this.#spaces.set(id, space);
    return space;
  }

  /** Null for one that was closed. */
  spaceByNumber(number: number): SpaceRow | null {
    const id = this.#sql.spaceByNumber.get(number)?.["id"];
    if (!(id instanceof Uint8Array)) return null;
    const checked = spaceId(id);
    return checked.ok ? this.space(checked.value) : null;
  }

  depositor({ number }: SpaceRow, key: DepositorId): DepositorRow | null {
    const name = `${number} ${key}`;
    const known = this.#depositors.get(name);
    if (known !== undefined) return known;
    const row = this.#sql.depositor.get(number, fromHex(key));
    return row === undefined ? null : this.#remember(name, row, key);
  }

  depositorByNumber({ number: space }: SpaceRow, number: number): DepositorRow {
    const known = this.#byNumber.get(number);
    if (known !== undefined) return known;
    const row = this.#sql.depositorByNumber.get(number);
    const key = depositorId(row?.["key"] as Uint8Array);
    if (row === undefined || !key.ok) throw new Error("mail without a depositor");
    return this.#remember(`${space} ${key.value}`, row, key.value);
  }

  #remember(name: string, row: Row, key: DepositorId): DepositorRow {
    const depositor = toDepositor(row, key);
    this.#depositors.set(name, depositor);
    this.#byNumber.set(depositor.number, depositor);
    return depositor;
  }

  changedSpace(row: SpaceRow): void {
    this.#changedSpaces.add(row);
  }

  changedDepositor(row: DepositorRow): void {
    this.#changedDepositors.add(row);
  }

  forgetSpace(row: SpaceRow): void {
    this.#spaces.delete(row.id);
    this.#changedSpaces.delete(row);
  }

  forgetDepositor({ number }: SpaceRow, row: DepositorRow): void {
    this.#depositors.delete(`${number} ${row.key}`);
    this.#byNumber.delete(row.number);
    this.#changedDepositors.delete(row);
  }

  /** Writes what has changed. */
  flush(): void {
    for (const row of this.#changedSpaces) {
      const { number, nextSerial, waiting, waitingBytes, grants, bundles, bundleBytes, usedDay } = row;
      this.#sql.saveSpace.run(nextSerial, waiting, waitingBytes, grants, bundles, bundleBytes, usedDay, number);
    }
    for (const { number, taken, waiting, waitingBytes } of this.#changedDepositors) {
      this.#sql.saveDepositor.run(taken, waiting, waitingBytes, number);
    }
    this.#changedSpaces.clear();
    this.#changedDepositors.clear();
    if (this.#spaces.size + this.#depositors.size > STORE.maxCachedRows) this.clear();
  }

  /** Forgets everything: what was changed and not committed, and what was read. */
  clear(): void {
    for (const all of [this.#spaces, this.#depositors, this.#byNumber]) all.clear();
    this.#changedSpaces.clear();
    this.#changedDepositors.clear();
  }
}

const toSpace = (row: Row, id: SpaceId): SpaceRow => ({
  number: Number(row["number"]),
  id,
  nextSerial: Number(row["next_serial"]),
  waiting: Number(row["waiting"]),
  waitingBytes: Number(row["waiting_bytes"]),
  grants: Number(row["grants"]),
  bundles: Number(row["bundles"]),
  bundleBytes: Number(row["bundle_bytes"]),
  usedDay: Number(row["used_day"]),
});

const toDepositor = (row: Row, key: DepositorId): DepositorRow => ({
  number: Number(row["number"]),
  key,
  isGranted: row["is_granted"] === 1,
  maxWaiting: Number(row["max_waiting"]),
  maxWaitingBytes: Number(row["max_waiting_bytes"]),
  maxBundles: Number(row["max_bundles"]),
  expiresAtMs: row["expires_at_ms"] === null ? null : Number(row["expires_at_ms"]),
  taken: Number(row["taken"]),
  waiting: Number(row["waiting"]),
  waitingBytes: Number(row["waiting_bytes"]),
});
