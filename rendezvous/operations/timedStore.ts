/** Times each operation of the store, from its call to its answer: for one that changes something that is its commit. */
import type { SpaceStore } from "../store/port.ts";

export type StoreOperation = Exclude<keyof SpaceStore, "close">;

/** Told of each operation that has ended. */
export type Observe = (operation: StoreOperation, seconds: number) => void;

const OPERATIONS: Readonly<Record<StoreOperation, true>> = {
  openSpace: true,
  closeSpace: true,
  hasSpace: true,
  setGrants: true,
  revoke: true,
  putBundles: true,
  takeBundle: true,
  deposit: true,
  fetch: true,
  ack: true,
  expire: true,
  usage: true,
};

/** Shared by the store that is timed and by whoever shows the times. */
export class StoreTimes {
  /** Operations that were asked for and not yet answered. */
  pending = 0;
  readonly #observers: Observe[] = [];

  onOperation(observe: Observe): void {
    this.#observers.push(observe);
  }

  async time<T>(operation: StoreOperation, run: () => Promise<T>): Promise<T> {
    this.pending++;
    const startMs = performance.now();
    try {
      return await run();
    } finally {
      this.pending--;
      const seconds = (performance.now() - startMs) / 1_000;
      for (const observe of this.#observers) observe(operation, seconds);
    }
  }
}

type Method = (...args: unknown[]) => Promise<unknown>;

export function timedStore(store: SpaceStore, times: StoreTimes): SpaceStore {
  const timed: Record<string, Method> = {};
  for (const operation of Object.keys(OPERATIONS) as StoreOperation[]) {
    const method = (store[operation] as Method).bind(store);
    timed[operation] = (...args) => times.time(operation, () => method(...args));
  }
  return { ...timed, close: () => store.close() } as unknown as SpaceStore;
}
