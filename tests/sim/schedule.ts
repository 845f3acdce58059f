/** Virtual time: actions at moments, run in order of time and then of their making. A binary heap. */

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void | Promise<void>;
}

const isBefore = (a: Entry, b: Entry): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

export class Schedule {
  #heap: Entry[] = [];
  #order = 0;

  constructor(public nowMs: number) {}

  after(delayMs: number, run: Entry["run"]): void {
    const heap = this.#heap;
    heap.push({ atMs: Math.round(this.nowMs + Math.max(0, delayMs)), order: this.#order++, run });
    for (let at = heap.length - 1; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!isBefore(heap[at]!, heap[parent]!)) break;
      [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
      at = parent;
    }
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    for (let at = 0;;) {
      const left = 2 * at + 1;
      const smaller = left + 1 < heap.length && isBefore(heap[left + 1]!, heap[left]!) ? left + 1 : left;
      if (smaller >= heap.length || !isBefore(heap[smaller]!, heap[at]!)) return first;
      [heap[at], heap[smaller]] = [heap[smaller]!, heap[at]!];
      at = smaller;
    }
  }

  /** Runs everything up to `untilMs`, or until `done` says so between two actions. */
  async runUntil(untilMs: number, done: () => boolean = () => false): Promise<void> {
    while (this.#heap.length > 0 && this.#heap[0]!.atMs <= untilMs && !done()) {
      const entry = this.#pop()!;
      this.nowMs = entry.atMs;
      const running = entry.run();
      // Awaiting only what is asynchronous keeps thousands of steps within a second.
      if (running instanceof Promise) await running;
    }
    if (!done()) this.nowMs = Math.max(this.nowMs, Math.round(untilMs));
  }
}
