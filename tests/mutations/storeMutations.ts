/** Faults in the store of spaces. */
import type { Mutation } from "./mutations.ts";

const sqlite = "rendezvous/store/sqlite";
const contract = "tests/contract/spaceStore.test.ts";
const files = "tests/durability/files.test.ts";

export const STORE_MUTATIONS: readonly Mutation[] = [
  {
    fault: "acknowledgements are not waited for by a sync",
    file: `${sqlite}/database.ts`,
    find: "PRAGMA synchronous = ${synchronous};",
    put: "PRAGMA synchronous = OFF;",
    caughtBy: {
      file: "tests/durability/sync.test.ts",
      test: "[KEEP2] each acknowledgement goes out after the sync of what it acknowledges, as the system saw it",
    },
  },
  {
    fault: "a one-time bundle stays after it was handed out",
    file: `${sqlite}/bundles.ts`,
    find: 'this.#sql.delete.run(row["number"] as number);',
    put: "",
    caughtBy: {
      file: contract,
      test: "spaces in SQLite: [MBX4] takers who come at once get different one-time bundles",
    },
  },
  {
    fault: "serials begin anew after a restart",
    file: `${sqlite}/rows.ts`,
    find: 'nextSerial: Number(row["next_serial"]),',
    put: "nextSerial: 1,",
    caughtBy: {
      file: contract,
      test: "spaces in SQLite: [KEEP3] serials are never given twice, after acknowledgements and restarts neither",
    },
  },
  {
    fault: "a revoked depositor may go on",
    file: `${sqlite}/grants.ts`,
    find: "row !== null && row.isGranted &&",
    put: "row !== null &&",
    caughtBy: {
      file: contract,
      test:
        "spaces in SQLite: [MBX3] what a revoked depositor left stays until it is acknowledged, and counts if it is let " +
        "in again",
    },
  },
  {
    fault: "the calendar goes where the clock goes",
    file: "rendezvous/store/calendar.ts",
    find: "serviceDay: serviceDay + 1, clockDay: isFar ? today : clockDay + 1",
    put: "serviceDay: serviceDay + today - clockDay, clockDay: isFar ? today : today",
    caughtBy: {
      file: contract,
      test: "spaces in SQLite: [KEEP4] a clock that jumps ahead and back deletes nothing",
    },
  },
  {
    fault: "a restored copy hands out bundles that were handed out after it was made",
    file: `${sqlite}/backup.ts`,
    find: "DELETE FROM bundles;",
    put: "",
    caughtBy: {
      file: "tests/durability/backup.test.ts",
      test: "[KEEP8] a restored copy gives no serial and no one-time bundle a second time",
    },
  },
  {
    fault: "two servers may use one folder",
    file: `${sqlite}/lock.ts`,
    find: "if (open.tryLockSync(true))",
    put: "if (open.tryLockSync(false))",
    caughtBy: {
      file: files,
      test: "[KEEP5] two stores in one folder: the second is refused in a sentence, also from another process",
    },
  },
  {
    fault: "damage is not looked for",
    file: `${sqlite}/database.ts`,
    find: "version === 0 || !isSound(db, sizeBytes)",
    put: "version === 0 || sizeBytes === 0",
    caughtBy: {
      file: files,
      test: "[KEEP7] a file with a page of garbage is refused in a sentence, and a backup takes its place",
    },
  },
];
