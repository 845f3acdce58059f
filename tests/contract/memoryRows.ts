/** Sealed rows in memory, with a switch that makes the next commits fail as a full disk does. */
import type { RowChange, Rows } from "../../client/storage/rows.ts";

export class MemoryRows implements Rows {
  readonly rows = new Map<number, Uint8Array>();
  snapshot: Uint8Array | null = null;
  parts: Uint8Array[] = [];
  failWith: Error | null = null;
  commits = 0;

  loadIndex() {
    return Promise.resolve({ snapshot: this.snapshot, parts: [...this.parts] });
  }

  get(ids: readonly number[]) {
    return Promise.resolve(ids.map((id) => this.rows.get(id)));
  }

  commit({ put, remove, index }: RowChange): Promise<void> {
    if (this.failWith) return Promise.reject(this.failWith);
    this.commits++;
    for (const [id, row] of put) this.rows.set(id, row);
    for (const id of remove) this.rows.delete(id);
    if (index && "append" in index) this.parts.push(index.append);
    if (index && "replace" in index) [this.snapshot, this.parts] = [index.replace, []];
    return Promise.resolve();
  }
}
