/**
 * Room on the disk that is held by a file, for the day on which the disk is full: acknowledged mail can only be deleted
 * by writing so, and what is in the write-ahead log can only go from there into the database.
 */
import { randomBytes } from "node:crypto";
import type { Room } from "./core.ts";

const CHUNK_BYTES = 2 ** 20;

export interface ReserveSettings {
  readonly file: string;
  readonly sizeBytes: number;
  readonly retryMs: number;
}

export class Reserve implements Room {
  #isHeld: boolean;
  #triedAtMs = performance.now();

  constructor(private readonly settings: ReserveSettings, private readonly changed: (isHeld: boolean) => void) {
    this.#isHeld = sizeOf(settings.file) === settings.sizeBytes || this.#take();
    if (!this.#isHeld) changed(false);
  }

  /** Where it was given up, takes it again if that is possible by now. */
  mayGrow(): boolean {
    if (this.#isHeld) return true;
    if (performance.now() - this.#triedAtMs < this.settings.retryMs) return false;
    this.#triedAtMs = performance.now();
    this.#isHeld = this.#take();
    if (this.#isHeld) this.changed(true);
    return this.#isHeld;
  }

  release(): void {
    this.#triedAtMs = performance.now();
    remove(this.settings.file);
    if (this.#isHeld) this.changed(false);
    this.#isHeld = false;
  }

  #take(): boolean {
    const { file, sizeBytes } = this.settings;
    try {
      write(file, sizeBytes);
      return true;
    } catch {
      remove(file);
      return false;
    }
  }
}

/** Random bytes: what a file system would compress holds no room. */
function write(file: string, sizeBytes: number): void {
  using out = Deno.openSync(file, { create: true, truncate: true, write: true, mode: 0o600 });
  const chunk = randomBytes(CHUNK_BYTES);
  for (let left = sizeBytes; left > 0;) left -= out.writeSync(chunk.subarray(0, left));
  out.syncSync();
}

function sizeOf(file: string): number {
  try {
    return Deno.statSync(file).size;
  } catch {
    return -1;
  }
}

function remove(file: string): void {
  try {
    Deno.removeSync(file);
  } catch {
    // It is not there: that is what was wanted.
  }
}
