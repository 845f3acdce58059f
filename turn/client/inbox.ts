/** What has arrived and was not read yet: bounded, and awaited with a limit of time. */
export class Inbox<T> {
  readonly #max: number;
  readonly #items: T[] = [];
  #wake: (() => void) | null = null;
  #isClosed = false;

  constructor(max: number) {
    this.#max = max;
  }

  /** Beyond its bound, the newest is dropped. */
  put(item: T): void {
    if (this.#items.length < this.#max) this.#items.push(item);
    this.#wake?.();
  }

  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }

  /** Null when it was closed, or nothing came within the time. For one reader. */
  async take(timeoutMs: number): Promise<T | null> {
    if (this.#items.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
    }
    return this.#items.shift() ?? null;
  }
}
