/** Reads a trace of system calls: was all that was written to the log synced before each acknowledgement went out? */

const WRITE = /\b(?:pwrite64|write)\(\d+<[^>]*\/spaces\.sqlite-wal>/;
const SYNC = /\b(?:fsync|fdatasync)\(\d+<[^>]*\/spaces\.sqlite-wal>/;
const SYNC_RESUMED = /<\.\.\. (?:fsync|fdatasync) resumed>/;
const ACKNOWLEDGEMENT = /\bwrite\(1<[^>]*>, "acknowledged (\d+)/;

export interface SyncOrder {
  /** Acknowledgements before which the log was written, and synced after the last write. */
  readonly synced: number;
  readonly tooEarly: readonly number[];
}

/** `trace` is strace's, of one process with all its threads (`-f -y`). */
export function syncOrder(trace: string): SyncOrder {
  const tooEarly: number[] = [];
  let [synced, hasWritten, isSynced] = [0, false, false];
  /** The thread whose sync of the log has begun and not ended. */
  let syncing: string | null = null;
  for (const line of trace.split("\n")) {
    const thread = line.split(" ", 1)[0]!;
    if (WRITE.test(line)) [hasWritten, isSynced] = [true, false];
    else if (SYNC.test(line) && line.includes("<unfinished")) syncing = thread;
    else if (SYNC.test(line)) isSynced = line.trimEnd().endsWith("= 0");
    else if (SYNC_RESUMED.test(line) && thread === syncing) {
      isSynced = line.trimEnd().endsWith("= 0");
      syncing = null;
    }
    const acknowledged = ACKNOWLEDGEMENT.exec(line);
    if (acknowledged === null) continue;
    if (hasWritten && isSynced) synced++;
    else tooEarly.push(Number(acknowledged[1]));
    hasWritten = false;
  }
  return { synced, tooEarly };
}
