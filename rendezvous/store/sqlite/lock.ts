/** One process to a folder. The system holds the lock for as long as the process lives, however it ends. */

export interface Lock {
  readonly file: string;
  release(): void;
}

/** Null where another process holds it. */
export function lockFolder(folder: string): Lock | null {
  const file = `${folder}/lock`;
  const open = Deno.openSync(file, { create: true, write: true, mode: 0o600 });
  if (open.tryLockSync(true)) return { file, release: () => open.close() };
  open.close();
  return null;
}
