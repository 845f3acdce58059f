/** What can be measured of a running server: numbers alone, of nobody. The same list goes to every kind of exporter. */
import process from "node:process";
import { COUNTERS } from "../counters.ts";
import type { LoadProbe } from "../load.ts";
import type { Rendezvous } from "../server.ts";
import type { StoreTimes } from "./timedStore.ts";

export interface Reading {
  readonly value: number;
  /** One of a closed list; null where the measure has one value only. */
  readonly label: string | null;
}

/** Read one after the other, whenever somebody asks. */
export interface Measure {
  /** As Prometheus wants it: the unit in the name, counters end in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly kind: "gauge" | "counter";
  /** The name of the label, where there is one. */
  readonly labelName: string | null;
  read(): readonly Reading[] | Promise<readonly Reading[]>;
}

const one = (value: number): readonly Reading[] => [{ value, label: null }];

const gauge = (name: string, help: string, read: () => number): Measure => ({
  name: `securecomm_${name}`,
  help,
  kind: "gauge",
  labelName: null,
  read: () => one(read()),
});

export function measures(server: Rendezvous, load: LoadProbe, times: StoreTimes): readonly Measure[] {
  return [...sizes(server), ...mail(server, times), ...processMeasures(load), {
    name: "securecomm_events_total",
    help: "What was served, refused and closed, by name.",
    kind: "counter",
    labelName: "event",
    read: () => COUNTERS.map((label) => ({ label, value: server.counters.get(label) })),
  }];
}

const sizes = (server: Rendezvous): readonly Measure[] => [
  gauge("connections", "Clients connected.", () => server.sizes().connections),
  gauge("reservations", "Clients that can be reached through the circuit relay.", () => server.sizes().reservations),
  gauge("registrations", "Topics registered, over all clients.", () => server.sizes().registrations),
  gauge("turn_running", "Whether the TURN server answers: 0 or 1.", () => server.turn?.isRunning() ? 1 : 0),
];

function mail({ mail }: Rendezvous, times: StoreTimes): readonly Measure[] {
  if (mail === null) return [];
  return [
    gauge("mail_streams", "Streams to spaces that are open.", () => mail.sizes().streams),
    gauge("mail_held_bytes", "Bytes that wait for their readers.", () => mail.sizes().heldBytes),
    gauge("store_pending", "Operations of the store that are under way or wait.", () => times.pending),
    {
      name: "securecomm_store_kept",
      help: "What the store keeps: a number of each kind, and bytes.",
      kind: "gauge",
      labelName: "kind",
      async read() {
        const usage = await mail.store.usage();
        if (usage.t === "refused") return [];
        return (["spaces", "envelopes", "bytes", "grants", "bundles"] as const)
          .map((label) => ({ label, value: usage[label] }));
      },
    },
  ];
}

const processMeasures = (load: LoadProbe): readonly Measure[] => [
  gauge("event_loop_lag_seconds", "How late the event loop runs what was due.", () => load.lagMs() / 1_000),
  {
    name: "process_resident_memory_bytes",
    help: "Resident memory.",
    kind: "gauge",
    labelName: null,
    read: () => one(process.memoryUsage.rss()),
  },
  {
    name: "process_cpu_seconds_total",
    help: "Time of the processor, in user and system mode.",
    kind: "counter",
    labelName: null,
    read() {
      const { user, system } = process.cpuUsage();
      return one((user + system) / 1_000_000);
    },
  },
];
