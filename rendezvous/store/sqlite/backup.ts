/** Copies of the database: made beside the running server, checked before they get their name. */
import { DatabaseSync } from "node:sqlite";
import type { Done, Refused } from "../port.ts";
import { isSound } from "./database.ts";

/** How long a copy waits for a server that writes back its log. */
const BUSY_TIMEOUT_MS = 10_000;

/**
 * Throws where it cannot. What was answered before is in it. The copy has no free pages, so nothing that was deleted.
 */
export function backUp(source: string, target: string): void {
  const unfinished = `${target}.unfinished`;
  removeIfThere(unfinished);
  try {
    copy(source, unfinished);
    Deno.chmodSync(unfinished, 0o600);
    if (!isSoundFile(unfinished)) throw new Error("the copy is damaged");
    using file = Deno.openSync(unfinished, { read: true, write: true });
    file.syncSync();
    // A link, unlike a new name, does not take the place of a file.
    Deno.linkSync(unfinished, target);
  } finally {
    removeIfThere(unfinished);
  }
}

function copy(source: string, target: string): void {
  const db = new DatabaseSync(source, { readOnly: true });
  try {
    db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    db.prepare("VACUUM INTO ?").run(target);
  } finally {
    db.close();
  }
}

export function isSoundFile(file: string): boolean {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return isSound(db, 0);
  } catch {
    return false;
  } finally {
    db.close();
  }
}

export function removeIfThere(file: string): void {
  try {
    Deno.removeSync(file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** The same in a thread, for a server that has other things to do. */
export function backUpInThread(source: string, target: string): Promise<Done | Refused> {
  const worker = new Worker(new URL("./backupThread.ts", import.meta.url), { type: "module" });
  return new Promise((resolve) => {
    const answer = (hasSucceeded: boolean) => {
      worker.terminate();
      resolve(hasSucceeded ? { t: "done" } : { t: "refused", reason: "failed" });
    };
    worker.onmessage = ({ data }) => answer(data === true);
    worker.onerror = (event) => {
      event.preventDefault();
      answer(false);
    };
    worker.postMessage([source, target]);
  });
}
