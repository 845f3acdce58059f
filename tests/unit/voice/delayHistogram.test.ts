import assert from "node:assert/strict";
import fc from "fast-check";
import { DelayHistogram } from "../../../core/voice/delayHistogram.ts";
import { seeded } from "../../bench/delayTraces.ts";

/** The slow, plain way: all values with their weights, sorted. */
function weightedQuantile(values: readonly number[], portion: number): number {
  const weighted = values.map((value, i) => ({ value: Math.floor(value), weight: 0.995 ** (values.length - 1 - i) }));
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0);
  let above = (1 - portion) * total;
  for (const { value, weight } of weighted.toSorted((a, b) => b.value - a.value)) {
    above -= weight;
    if (above < -1e-9 * total) return value + 1;
  }
  return NaN;
}

Deno.test("[JB1] the histogram's quantile is that of all values, weighted by age", () => {
  const values = fc.array(fc.double({ min: -300, max: 300, noNaN: true }), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(values, (transits) => {
      const histogram = new DelayHistogram();
      for (const transit of transits) histogram.add(transit, 1);
      for (const portion of [0.5, 0.9, 0.991]) {
        assert.equal(histogram.quantileMs(portion), weightedQuantile(transits, portion));
      }
    }),
    { seed: 8, numRuns: 100 },
  );
});

Deno.test("[JB1] the histogram follows the values wherever two clocks drift, for days", () => {
  const random = seeded(9);
  const histogram = new DelayHistogram();
  for (let i = 0; i < 200_000; i++) histogram.add(1e9 - i * 0.5 + 10 * random(), 1);
  const newest = 1e9 - 200_000 * 0.5;
  assert.ok(Math.abs(histogram.quantileMs(0.5) - newest) < 120, `${histogram.quantileMs(0.5) - newest}`);
});

Deno.test("[JB1] a jump by more than its span leaves only the new values", () => {
  const histogram = new DelayHistogram();
  for (let i = 0; i < 100; i++) histogram.add(50, 1);
  histogram.add(1e6, 1);
  assert.equal(histogram.quantileMs(0.01), 1e6 + 1);
  histogram.add(-1e6, 1);
  assert.equal(histogram.quantileMs(0.99), -1e6 + 1);
});
