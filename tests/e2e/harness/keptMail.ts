/** What a rendezvous keeps of spaces and mail, looked at beside it: counts to wait for, and every byte to be searched. */
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { latin1 } from "./search.ts";
import { until } from "./wait.ts";

export interface Kept {
  /** Depositors that are let in: those of invites until these end, contacts without an end. */
  readonly invites: number;
  readonly contacts: number;
  readonly mail: number;
  readonly bundles: number;
}

const COUNTS = `SELECT
  (SELECT count(*) FROM depositors WHERE is_granted AND expires_at_ms IS NOT NULL) AS invites,
  (SELECT count(*) FROM depositors WHERE is_granted AND expires_at_ms IS NULL) AS contacts,
  (SELECT count(*) FROM mail) AS mail,
  (SELECT count(*) FROM bundles) AS bundles`;

export function kept(folder: string): Kept {
  const database = new DatabaseSync(join(folder, "spaces.sqlite"), { readOnly: true });
  try {
    return database.prepare(COUNTS).get() as unknown as Kept;
  } finally {
    database.close();
  }
}

export const untilKept = async (folder: string, what: string, holds: (kept: Kept) => boolean): Promise<void> =>
  void await until(what, 20_000, () => holds(kept(folder)), () => kept(folder));

/** The database with everything that lies beside it, its write-ahead log above all. */
export function everyByte(folder: string): string {
  const files = [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile);
  return files.map(({ name }) => latin1(Deno.readFileSync(join(folder, name)))).join("\n");
}
