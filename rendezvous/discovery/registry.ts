/** Who is registered under which namespace. In memory, bounded, without a clock of its own. */
import { RENDEZVOUS } from "../../core/limits.ts";
import { REGISTRATIONS } from "../limits.ts";

export interface Entry {
  readonly ns: string;
  /** The text form of the libp2p peer id. */
  readonly peer: string;
  readonly record: Uint8Array;
  readonly endsAtMs: number;
  /** Grows with every new registration, so that a cookie can mean "after this one". */
  readonly serial: number;
}

/** `isNews` is false for a registration that only prolongs an equal one. */
export type Registered = { readonly t: "registered"; readonly entry: Entry; readonly isNews: boolean };
export type NotRegistered = { readonly t: "full" };

export class Registry {
  readonly #namespaces = new Map<string, Map<string, Entry>>();
  readonly #peers = new Map<string, Set<string>>();
  #serial = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Whether the peer is registered under anything. */
  has(peer: string): boolean {
    return this.#peers.has(peer);
  }

  register(
    request: { readonly ns: string; readonly peer: string; readonly record: Uint8Array; readonly ttlS: number },
    nowMs: number,
  ): Registered | NotRegistered {
    const { ns, peer, record, ttlS } = request;
    const members = this.#namespaces.get(ns) ?? new Map<string, Entry>();
    const own = this.#peers.get(peer) ?? new Set<string>();
    const before = members.get(peer);
    if (before === undefined && this.#isFull(members.size, own.size)) return { t: "full" };
    const isNews = before === undefined || before.record !== record;
    const serial = isNews ? ++this.#serial : before.serial;
    const entry: Entry = { ns, peer, record, endsAtMs: nowMs + ttlS * 1_000, serial };
    // Deleted first, so that a namespace stays in the order of its serials.
    if (isNews) members.delete(peer);
    members.set(peer, entry);
    own.add(ns);
    this.#namespaces.set(ns, members);
    this.#peers.set(peer, own);
    if (before === undefined) this.#size++;
    return { t: "registered", entry, isNews };
  }

  #isFull(membersCount: number, ownCount: number): boolean {
    return membersCount >= REGISTRATIONS.maxPerNamespace || ownCount >= REGISTRATIONS.maxPerPeer ||
      this.#size >= REGISTRATIONS.maxTotal;
  }

  unregister(ns: string, peer: string): Entry | null {
    const members = this.#namespaces.get(ns);
    const entry = members?.get(peer);
    if (members === undefined || entry === undefined) return null;
    members.delete(peer);
    if (members.size === 0) this.#namespaces.delete(ns);
    const own = this.#peers.get(peer);
    own?.delete(ns);
    if (own?.size === 0) this.#peers.delete(peer);
    this.#size--;
    return entry;
  }

  /** Living registrations of a namespace in the order they were made, after the one with `afterSerial`. */
  discover(ns: string, afterSerial: number, limit: number, nowMs: number): readonly Entry[] {
    const found: Entry[] = [];
    let sizeBytes = 0;
    for (const entry of this.#namespaces.get(ns)?.values() ?? []) {
      if (entry.serial <= afterSerial || entry.endsAtMs <= nowMs) continue;
      sizeBytes += entry.record.length + ns.length;
      if (found.length >= limit || sizeBytes > REGISTRATIONS.maxResponseBytes) break;
      found.push(entry);
    }
    return found;
  }

  /** The peer's last connection closed: what it registered ends soon, unless it registers again. */
  linger(peer: string, nowMs: number): void {
    const endsAtMs = nowMs + REGISTRATIONS.lingerMs;
    for (const ns of this.#peers.get(peer) ?? []) {
      const members = this.#namespaces.get(ns);
      const entry = members?.get(peer);
      if (members !== undefined && entry !== undefined && entry.endsAtMs > endsAtMs) {
        members.set(peer, { ...entry, endsAtMs });
      }
    }
  }

  /** Takes out and returns what has ended. */
  expire(nowMs: number): readonly Entry[] {
    const ended: Entry[] = [];
    for (const members of this.#namespaces.values()) {
      for (const entry of members.values()) if (entry.endsAtMs <= nowMs) ended.push(entry);
    }
    for (const { ns, peer } of ended) this.unregister(ns, peer);
    return ended;
  }
}

/** What is granted of the seconds asked for, or null where the specification refuses them. */
export function grantTtlS(askedS: number): number | null {
  if (askedS === 0) return RENDEZVOUS.defaultTtlS;
  return askedS >= REGISTRATIONS.minTtlS && askedS <= RENDEZVOUS.maxTtlS ? askedS : null;
}
