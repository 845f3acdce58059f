/** The measures in Prometheus' text format. The only importer of its library. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { METRICS } from "../limits.ts";
import type { Measure } from "./measures.ts";
import type { StoreTimes } from "./timedStore.ts";

export interface Exposition {
  /** Reads all measures. */
  text(): Promise<string>;
  readonly contentType: string;
}

export function prometheus(measures: readonly Measure[], times: StoreTimes): Exposition {
  const registry = new Registry();
  const seconds = new Histogram({
    name: "securecomm_store_operation_seconds",
    help: "How long operations of the store took, commits included.",
    labelNames: ["operation"],
    buckets: [...METRICS.storeSeconds],
    registers: [registry],
  });
  times.onOperation((operation, took) => seconds.observe({ operation }, took));
  for (const measure of measures) register(registry, measure);
  return { text: () => registry.metrics(), contentType: registry.contentType };
}

function register(registry: Registry, { name, help, kind, labelName, read }: Measure): void {
  const common = { name, help, labelNames: labelName === null ? [] : [labelName], registers: [registry] };
  const labelsOf = (label: string | null): Record<string, string> =>
    label === null || labelName === null ? {} : { [labelName]: label };
  if (kind === "gauge") {
    new Gauge({
      ...common,
      async collect() {
        for (const { label, value } of await read()) this.set(labelsOf(label), value);
      },
    });
    return;
  }
  new Counter({
    ...common,
    async collect() {
      const readings = await read();
      this.reset();
      for (const { label, value } of readings) this.inc(labelsOf(label), value);
    },
  });
}
