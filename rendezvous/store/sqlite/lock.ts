/** One process to a folder. The system holds the lock for as long as the process lives, however it ends. */

export interface Lock {
  release(): void;
}

/** Null where another process holds it. */
export function lockFolder(folder: string): Lock | null {
  const file = Deno.openSync(`${folder}/lock`, { create: true, write: true, mode: 0o600 });
  if (file.tryLockSync(true)) return { release: () => file.close() };
  file.close();
  return null;
}
