/** Copies of the database: made beside the running server, checked before they get their name, and put in its place. */
import { backup as copyPages, DatabaseSync, type SQLInputValue } from "node:sqlite";
import { STORE } from "../../limits.ts";
import { SERIALS_PER_DAY } from "../calendar.ts";
import { FILE_NAME, isSound, migrate, versionOf } from "./database.ts";
import { lockFolder } from "./lock.ts";
import { MIGRATIONS } from "./migrations/all.ts";

/** How long a copy waits for a server that writes back its log. */
const BUSY_TIMEOUT_MS = 10_000;
/** What SQLite keeps beside a database. */
const COMPANIONS = ["-wal", "-shm"] as const;

/** Null, or a sentence on why there is no backup. What the server had acknowledged before is in it. */
export function backUp(folder: string, target: string): string | null {
  const source = `${folder}/${FILE_NAME}`;
  if (!isThere(source)) return `There is nothing to back up: ${source} does not exist.`;
  if (isThere(target)) return `${target} exists already. Give the backup another name.`;
  const unfinished = `${target}.unfinished`;
  removeIfThere(unfinished);
  try {
    Deno.openSync(unfinished, { createNew: true, write: true, mode: 0o600 }).close();
    copyRows(source, unfinished);
    if (problemOf(unfinished) !== null) return `${source} is damaged: the copy of it is not sound.`;
    sync(unfinished);
    Deno.renameSync(unfinished, target);
    return null;
  } catch (error) {
    return `The backup could not be written to ${target} (${
      error instanceof Error ? error.message : "unknown error"
    }).`;
  } finally {
    removeIfThere(unfinished);
  }
}

/**
 * One snapshot, however long it takes; meanwhile the log cannot be written back, and grows. Row by row, because free pages
 * still hold mail that was deleted.
 */
function copyRows(source: string, target: string): void {
  const from = new DatabaseSync(source, { readOnly: true });
  const to = new DatabaseSync(target);
  try {
    from.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; BEGIN`);
    to.exec(`PRAGMA page_size = ${STORE.pageBytes}; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF`);
    migrate(to, 0, versionOf(from));
    to.exec("BEGIN");
    for (const { name } of from.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()) {
      copyTable(from, to, String(name));
    }
    to.exec("COMMIT");
  } finally {
    from.close();
    to.close();
  }
}

function copyTable(from: DatabaseSync, to: DatabaseSync, table: string): void {
  const rows = from.prepare(`SELECT * FROM ${table}`);
  const places = rows.columns().map(() => "?").join();
  const insert = to.prepare(`INSERT INTO ${table} VALUES (${places})`);
  for (const row of rows.iterate()) insert.run(...Object.values(row) as SQLInputValue[]);
}

/** Null, or a sentence on why nothing was restored. What was in its place is kept beside it, as `replaced`. */
export async function restore(folder: string, backup: string): Promise<string | null> {
  if (!isThere(backup)) return `${backup} does not exist.`;
  const problem = problemOf(backup);
  if (problem !== null) return `${backup} ${problem}. Nothing was changed.`;
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = lockFolder(folder);
  if (lock === null) return `A rendezvous uses the folder ${folder}. Stop it first.`;
  try {
    const file = `${folder}/${FILE_NAME}`;
    const unfinished = `${file}.restoring`;
    removeIfThere(unfinished);
    await copyWhole(backup, unfinished);
    afterOldState(unfinished);
    sync(unfinished);
    putAside(file);
    Deno.renameSync(unfinished, file);
    for (const path of [file, lock.file]) giveToOwner(folder, path);
    return null;
  } finally {
    lock.release();
  }
}

/** Root may restore for a server that runs as somebody else. */
function giveToOwner(folder: string, path: string): void {
  const { uid, gid } = Deno.statSync(folder);
  try {
    Deno.chownSync(path, uid, gid);
  } catch {
    // Who is not root has made it as who they are.
  }
}

/** Page by page, with what is in its log. */
async function copyWhole(source: string, target: string): Promise<void> {
  Deno.openSync(target, { createNew: true, write: true, mode: 0o600 }).close();
  const db = new DatabaseSync(source, { readOnly: true });
  try {
    await copyPages(db, target);
  } finally {
    db.close();
  }
}

/** Between the backup and now, serials were given and one-time bundles handed out: neither may happen a second time. */
function afterOldState(file: string): void {
  const db = new DatabaseSync(file);
  try {
    migrate(db, versionOf(db));
    db.exec(`
      BEGIN;
      DELETE FROM bundles;
      UPDATE spaces SET
        next_serial = next_serial + ${SERIALS_PER_DAY},
        bundles = 0,
        bundle_bytes = coalesce((SELECT length(sealed) FROM last_resorts WHERE space = spaces.number), 0);
      COMMIT;
    `);
  } finally {
    db.close();
  }
}

/** The log belongs to the database: beside another one it would destroy it. */
function putAside(file: string): void {
  for (const ending of ["", ...COMPANIONS]) {
    removeIfThere(`${file}.replaced${ending}`);
    if (isThere(file + ending)) Deno.renameSync(file + ending, `${file}.replaced${ending}`);
  }
}

function problemOf(file: string): string | null {
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(file, { readOnly: true });
    const version = versionOf(db);
    if (version > MIGRATIONS.length) return "was made by a later version of this program";
    return version > 0 && isSound(db, 0) ? null : "is no sound backup";
  } catch {
    return "is no sound backup";
  } finally {
    db?.close();
  }
}

function sync(path: string): void {
  using file = Deno.openSync(path, { read: true, write: true });
  file.syncSync();
}

function isThere(file: string): boolean {
  try {
    Deno.lstatSync(file);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function removeIfThere(file: string): void {
  if (isThere(file)) Deno.removeSync(file);
}
