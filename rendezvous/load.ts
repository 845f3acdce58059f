/** How busy the process is: what decides whether new connections are taken. */
import process from "node:process";
import { type Clock, every } from "./clock.ts";
import type { CounterName } from "./counters.ts";
import { CONNECTIONS, SHEDDING } from "./limits.ts";

export interface LoadProbe {
  /** How late the event loop runs what was due. */
  lagMs(): number;
  residentBytes(): number;
}

export interface WatchedLoad extends LoadProbe {
  stop(): void;
}

/** The process itself. A loop that is blocked right now counts by how long it has been. */
export function watchLoad(clock: Clock, resident = () => process.memoryUsage.rss()): WatchedLoad {
  let dueMs = clock.nowMs() + SHEDDING.sampleIntervalMs;
  let lagMs = 0;
  let residentBytes = resident();
  const stop = every(clock, SHEDDING.sampleIntervalMs, () => {
    const nowMs = clock.nowMs();
    lagMs = Math.max(0, nowMs - dueMs);
    dueMs = nowMs + SHEDDING.sampleIntervalMs;
    residentBytes = resident();
  });
  return {
    lagMs: () => Math.max(lagMs, clock.nowMs() - dueMs),
    residentBytes: () => residentBytes,
    stop,
  };
}

/** Why a new connection is not taken now, or null where it is. */
export function shedding(
  load: LoadProbe,
  pendingUpgrades: number,
): Extract<CounterName, `ws.shed-${string}`> | null {
  if (pendingUpgrades >= CONNECTIONS.maxPendingUpgrades) return "ws.shed-pending";
  if (load.lagMs() > SHEDDING.maxLagMs) return "ws.shed-lag";
  return load.residentBytes() > SHEDDING.maxResidentBytes ? "ws.shed-memory" : null;
}
