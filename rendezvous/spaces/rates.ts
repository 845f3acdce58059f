/** What connections may do over all of their streams to spaces, each for itself and those of one address prefix. */
import type { Connection } from "@libp2p/interface";
import { Bucket, Buckets } from "../bucket.ts";
import { RATE, SPACES, TAKING } from "../limits.ts";
import type { Origins } from "../origins.ts";
import { LOOPBACK } from "../prefix.ts";

/** Token buckets that go when the connection does. */
export interface ConnectionRates {
  readonly entries: Bucket;
  readonly requests: Bucket;
  readonly bundles: Bucket;
}

export class Rates {
  readonly #origins: Origins;
  readonly #rates = new WeakMap<Connection, ConnectionRates>();
  readonly #entries = new Buckets(
    { perSecond: SPACES.prefixEntriesPerSecond, burst: SPACES.prefixEntryBurst },
    RATE.maxPrefixes,
  );

  constructor(origins: Origins) {
    this.#origins = origins;
  }

  /** Whether another entry may come from where the connection does. */
  mayEnter(connection: Connection, nowMs: number): boolean {
    const prefix = this.#origins.of(connection);
    return prefix === LOOPBACK || this.#entries.take(prefix, nowMs);
  }

  of(connection: Connection, nowMs: number): ConnectionRates {
    const known = this.#rates.get(connection);
    if (known !== undefined) return known;
    const rates: ConnectionRates = {
      entries: new Bucket({ perSecond: SPACES.entriesPerSecond, burst: SPACES.entryBurst }, nowMs),
      requests: new Bucket({ perSecond: SPACES.requestsPerSecond, burst: SPACES.requestBurst }, nowMs),
      bundles: new Bucket({ perSecond: TAKING.connectionPerSecond, burst: TAKING.connectionBurst }, nowMs),
    };
    this.#rates.set(connection, rates);
    return rates;
  }
}
