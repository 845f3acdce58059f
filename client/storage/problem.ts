/** What can be wrong with the browser's storage, by the names that screens have sentences for. */
export const STORAGE_PROBLEMS = [
  /** The disk or the site's quota is full; nothing of the batch was written. */
  "storage.full",
  /** A private window that cannot keep a key. */
  "storage.private-mode",
  /** The browser refuses storage altogether: site data are switched off for this site. */
  "storage.blocked",
  /** The browser closed the database under us, as when site data are cleared. */
  "storage.lost",
  /** Records are there that the vault's key does not open. */
  "storage.unreadable",
  /** Anything else, with the browser's own words in the message. */
  "storage.failed",
] as const;

export type StorageProblem = (typeof STORAGE_PROBLEMS)[number];

export class StorageError extends Error {
  override readonly name = "StorageError";

  constructor(readonly problem: StorageProblem, cause?: unknown) {
    super(cause instanceof Error ? `${problem}: ${cause.name}: ${cause.message}` : problem, { cause });
  }
}

const WHILE_OPENING: Readonly<Record<string, StorageProblem>> = {
  // Firefox's private windows cannot keep a CryptoKey.
  DataCloneError: "storage.private-mode",
  InvalidStateError: "storage.blocked",
  SecurityError: "storage.blocked",
  NotAllowedError: "storage.blocked",
  QuotaExceededError: "storage.full",
};

const WHILE_OPEN: Readonly<Record<string, StorageProblem>> = {
  InvalidStateError: "storage.lost",
  QuotaExceededError: "storage.full",
  OperationError: "storage.unreadable",
};

/** The named form of whatever a browser threw, at opening or later. */
export function storageError(thrown: unknown, when: "opening" | "open"): StorageError {
  if (thrown instanceof StorageError) return thrown;
  const names = when === "opening" ? WHILE_OPENING : WHILE_OPEN;
  const name = thrown instanceof Error ? thrown.name : "";
  return new StorageError(names[name] ?? "storage.failed", thrown);
}
