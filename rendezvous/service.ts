/** What the handlers of a protocol share. */
import type { Connection, Stream } from "@libp2p/interface";
import type { Clock } from "./clock.ts";
import type { CounterName, Counters } from "./counters.ts";

export interface Service {
  readonly clock: Clock;
  readonly counters: Counters;
}

export type StreamHandler = (stream: Stream, connection: Connection) => Promise<void>;

/** Somebody broke the protocol: counted, and the whole connection closed, because no honest client does that. */
export function violation({ counters }: Service, name: CounterName, connection: Connection): void {
  counters.count(name);
  counters.count("libp2p.violation");
  connection.abort(new Error(name));
}
