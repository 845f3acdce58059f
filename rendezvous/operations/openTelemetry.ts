/**
 * The measures for OpenTelemetry. Deno itself exports them, where it is told to by its own variables (`OTEL_DENO=true`);
 * otherwise nothing here does anything.
 */
import { metrics } from "@opentelemetry/api";
import { METRICS } from "../limits.ts";
import { VERSION } from "../version.ts";
import type { Measure } from "./measures.ts";
import type { StoreTimes } from "./timedStore.ts";

export function openTelemetry(measures: readonly Measure[], times: StoreTimes): void {
  const meter = metrics.getMeter("securecomm", VERSION);
  const seconds = meter.createHistogram("securecomm_store_operation_seconds", {
    unit: "s",
    advice: { explicitBucketBoundaries: [...METRICS.storeSeconds] },
  });
  times.onOperation((operation, took) => seconds.record(took, { operation }));
  for (const { name, help, kind, labelName, read } of measures) {
    const options = { description: help };
    const instrument = kind === "gauge"
      ? meter.createObservableGauge(name, options)
      : meter.createObservableCounter(name, options);
    instrument.addCallback(async (result) => {
      for (const { label, value } of await read()) {
        result.observe(value, label === null || labelName === null ? {} : { [labelName]: label });
      }
    });
  }
}
