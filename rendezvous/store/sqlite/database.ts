/** Opens the file of the spaces, or says in a sentence why it cannot. */
import { DatabaseSync } from "node:sqlite";
import { STORE } from "../../limits.ts";
import { type Calendar, newCalendar } from "../calendar.ts";
import { MIGRATIONS } from "./migrations/all.ts";

export type Opened = { readonly db: DatabaseSync } | { readonly sentence: string };

export const FILE_NAME = "spaces.sqlite";

const textOf = (error: unknown): string => error instanceof Error ? error.message : "";
export const isFull = (error: unknown): boolean => /disk is full|no space left/i.test(textOf(error));
export const isLocked = (error: unknown): boolean => /database is locked/i.test(textOf(error));
export const isDamage = (error: unknown): boolean => /malformed|not a database/i.test(textOf(error));

const damaged = (file: string): string =>
  `${file} is damaged. Restore your last backup with: deno task restore BACKUP (the damaged file is kept beside it).`;

const interrupted = (file: string): string =>
  `${file} is missing, but a restore of it was begun. Run it again: deno task restore BACKUP.`;

const newer = (file: string, version: number): string =>
  `${file} was written by a later version of this program (its format is ${version}, this one knows ${MIGRATIONS.length}). ` +
  "Use that version, or restore a backup of this one.";

/** Makes the file where there is none: under another name at first, so that an empty file is never a new one. */
export function openDatabase(folder: string, synchronous: "FULL" | "OFF", nowMs: number): Opened {
  const file = `${folder}/${FILE_NAME}`;
  try {
    if (!exists(file)) {
      // A log without its database, applied to another, would destroy that one.
      if (exists(`${file}-wal`)) return { sentence: damaged(file) };
      if (exists(`${file}.restoring`)) return { sentence: interrupted(file) };
      make(file, nowMs);
    }
    return openFile(file, synchronous);
  } catch (error) {
    if (isDamage(error)) return { sentence: damaged(file) };
    if (isFull(error)) return { sentence: `There is no room on the disk for ${file}. Make some, and start again.` };
    if (error instanceof Deno.errors.PermissionDenied || /unable to open|readonly/i.test(textOf(error))) {
      return { sentence: `${file} cannot be written. Its folder must belong to whoever runs the rendezvous.` };
    }
    throw error;
  }
}

function exists(file: string): boolean {
  try {
    return Deno.lstatSync(file).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function make(file: string, nowMs: number): void {
  const unfinished = `${file}.new`;
  for (const ending of ["", "-wal", "-shm"]) if (exists(unfinished + ending)) Deno.removeSync(unfinished + ending);
  // SQLite gives the files beside it the same mode.
  Deno.openSync(unfinished, { createNew: true, write: true, mode: 0o600 }).close();
  const db = new DatabaseSync(unfinished);
  db.exec(`PRAGMA page_size = ${STORE.pageBytes}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`);
  migrate(db, 0);
  saveCalendar(db, newCalendar(nowMs));
  db.close();
  Deno.renameSync(unfinished, file);
}

function openFile(file: string, synchronous: "FULL" | "OFF"): Opened {
  const { size: sizeBytes } = Deno.statSync(file);
  if (sizeBytes === 0) return { sentence: damaged(file) };
  const db = new DatabaseSync(file);
  const refuse = (sentence: string): Opened => {
    db.close();
    return { sentence };
  };
  try {
    db.exec(`
      PRAGMA busy_timeout = ${STORE.lockedTimeoutMs};
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = ${synchronous};
      PRAGMA wal_autocheckpoint = ${STORE.checkpointPages};
      PRAGMA journal_size_limit = ${2 * STORE.checkpointPages * STORE.pageBytes};
      PRAGMA cache_size = -${STORE.cacheBytes / 1024};
      PRAGMA secure_delete = FAST;
    `);
    const version = versionOf(db);
    if (version > MIGRATIONS.length) return refuse(newer(file, version));
    if (version === 0 || !isSound(db, sizeBytes)) return refuse(damaged(file));
    migrate(db, version);
    return { db };
  } catch (error) {
    db.close();
    throw error;
  }
}

export const versionOf = (db: DatabaseSync): number => Number(db.prepare("PRAGMA user_version").get()!["user_version"]);

/**
 * Reads the whole file where it is small enough for a start, otherwise the tables that everything hangs on. Pages carry
 * no sums: a bit that flipped inside an envelope shows only when its reader opens it.
 */
export function isSound(db: DatabaseSync, sizeBytes: number): boolean {
  const checks = sizeBytes <= STORE.maxCheckedBytes ? ["(1)"] : ["(calendar)", "(spaces)", "(depositors)"];
  return checks.every((which) => {
    const [row] = db.prepare(`PRAGMA quick_check${which}`).all();
    return row !== undefined && Object.values(row)[0] === "ok";
  });
}

/** From one version to another, the latest unless another is given. */
export function migrate(db: DatabaseSync, version: number, target = MIGRATIONS.length): void {
  if (target > MIGRATIONS.length) throw new Error("it was written by a later version of this program");
  for (let next = version; next < target; next++) {
    db.exec(`BEGIN IMMEDIATE; ${MIGRATIONS[next]}; PRAGMA user_version = ${next + 1}; COMMIT`);
  }
}

export function loadCalendar(db: DatabaseSync): Calendar {
  const row = db.prepare("SELECT service_day, clock_day FROM calendar").get()!;
  return { serviceDay: Number(row["service_day"]), clockDay: Number(row["clock_day"]), wasBehind: false };
}

export function saveCalendar(db: DatabaseSync, { serviceDay, clockDay }: Calendar): void {
  db.exec("DELETE FROM calendar");
  db.prepare("INSERT INTO calendar VALUES (?, ?)").run(serviceDay, clockDay);
}
