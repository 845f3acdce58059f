/** What one connection may do, over all of its streams to spaces: token buckets that go when it does. */
import type { Connection } from "@libp2p/interface";
import { Bucket } from "../bucket.ts";
import { SPACES, TAKING } from "../limits.ts";

export interface ConnectionRates {
  readonly entries: Bucket;
  readonly requests: Bucket;
  readonly bundles: Bucket;
}

export class Rates {
  readonly #rates = new WeakMap<Connection, ConnectionRates>();

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
