/**
 * Fetches what will be needed later while nothing else is to be done, so that a call can begin and a dialog open when the
 * server has died meanwhile.
 */
import { PREFETCH } from "../limits.ts";

export interface PrefetchPorts {
  /** Calls back when the browser has time. */
  whenIdle(callback: () => void): void;
  after(delayMs: number, callback: () => void): void;
}

/** Runs the loads one after another, each again until it works. */
export async function prefetch(ports: PrefetchPorts, loads: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const load of loads) {
    await new Promise<void>((resolve) => ports.whenIdle(resolve));
    while (!await works(load)) await new Promise<void>((resolve) => ports.after(PREFETCH.retryMs, resolve));
  }
}

async function works(load: () => Promise<unknown>): Promise<boolean> {
  try {
    await load();
    return true;
  } catch {
    return false;
  }
}

/** Files whose names hold a hash of their content: once fetched, the browser's cache answers for them. */
export async function intoCache(url: string): Promise<void> {
  const response = await fetch(url, { priority: "low" });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  await response.arrayBuffer();
}

export const browserIdle: PrefetchPorts = {
  whenIdle(callback) {
    if ("requestIdleCallback" in window) requestIdleCallback(() => callback(), { timeout: PREFETCH.idleWithinMs });
    else setTimeout(callback, PREFETCH.idleWithinMs);
  },
  after: (delayMs, callback) => void setTimeout(callback, delayMs),
};
