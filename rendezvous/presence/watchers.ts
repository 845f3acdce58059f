/** Who watches which namespaces, and what they have still to be told. In memory and bounded. */
import { RENDEZVOUS } from "../../core/limits.ts";
import { type PresenceFrame, presenceFrame } from "../../core/wire/presence.ts";
import type { Entry, Registry } from "../discovery/registry.ts";
import { PRESENCE } from "../limits.ts";

export class Watchers {
  readonly #registry: Registry;
  readonly #byNamespace = new Map<string, Set<Watcher>>();
  #watchedTotal = 0;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Replaces what `watcher` watches and queues who is already there under the new ones; false where that is too much. */
  watch(watcher: Watcher, namespaces: ReadonlySet<string>, nowMs: number): boolean {
    if (this.#watchedTotal - watcher.watched.size + namespaces.size > PRESENCE.maxWatchedTotal) return false;
    const before = watcher.watched;
    this.#forget(watcher);
    for (const ns of namespaces) {
      const watchers = this.#byNamespace.get(ns) ?? new Set<Watcher>();
      watchers.add(watcher);
      this.#byNamespace.set(ns, watchers);
      if (before.has(ns)) continue;
      for (const entry of this.#registry.discover(ns, 0, RENDEZVOUS.maxRegistrations, nowMs)) {
        watcher.tell(entry, true, nowMs);
      }
    }
    watcher.watched = namespaces;
    this.#watchedTotal += namespaces.size;
    return true;
  }

  leave(watcher: Watcher): void {
    this.#forget(watcher);
    watcher.end();
  }

  #forget(watcher: Watcher): void {
    for (const ns of watcher.watched) {
      const watchers = this.#byNamespace.get(ns);
      watchers?.delete(watcher);
      if (watchers?.size === 0) this.#byNamespace.delete(ns);
    }
    this.#watchedTotal -= watcher.watched.size;
    watcher.watched = new Set();
  }

  present(entry: Entry, nowMs: number): void {
    for (const watcher of this.#byNamespace.get(entry.ns) ?? []) watcher.tell(entry, true, nowMs);
  }

  absent(entry: Entry): void {
    for (const watcher of this.#byNamespace.get(entry.ns) ?? []) watcher.tell(entry, false, 0);
  }
}

/** One stream's queue: only the latest word about each peer under each namespace waits in it. */
export class Watcher {
  watched: ReadonlySet<string> = new Set();
  readonly #peer: string;
  readonly #pending = new Map<string, PresenceFrame>();
  #wake: (() => void) | null = null;
  #state: "open" | "overflown" | "ended" = "open";

  constructor(peer: string) {
    this.#peer = peer;
  }

  tell(entry: Entry, isPresent: boolean, nowMs: number): void {
    if (entry.peer === this.#peer || this.#state !== "open") return;
    const key = `${entry.peer} ${entry.ns}`;
    this.#pending.delete(key);
    this.#pending.set(key, isPresent ? presentFrame(entry, nowMs) : absentFrame(entry));
    if (this.#pending.size > PRESENCE.maxPendingFrames) this.#state = "overflown";
    this.#wake?.();
  }

  end(): void {
    this.#state = "ended";
    this.#wake?.();
  }

  /** The bytes of the next frame, as soon as there is one. */
  async next(): Promise<Uint8Array | "overflown" | "ended"> {
    while (this.#state === "open") {
      const first = this.#pending.entries().next();
      if (first.done !== true) {
        this.#pending.delete(first.value[0]);
        return presenceFrame.encode(first.value[1]);
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = null;
    }
    return this.#state;
  }
}

function presentFrame({ ns, record, endsAtMs }: Entry, nowMs: number): PresenceFrame {
  const ttlS = Math.max(0, Math.ceil((endsAtMs - nowMs) / 1_000));
  return { t: "present", namespace: ns, signedPeerRecord: record, ttlS };
}

const absentFrame = ({ ns, peer }: Entry): PresenceFrame => ({ t: "absent", namespace: ns, peerId: peer });
