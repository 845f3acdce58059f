import assert from "node:assert/strict";
import fc from "fast-check";
import { type Cut, findRemoval, findRepeat, remove, repeat, STRETCH } from "../../../core/voice/timeStretch.ts";
import { seeded } from "../../bench/delayTraces.ts";

/** A voiced sound: harmonics of a fundamental, in samples per period. */
const voiced = (period: number, length = 4000): Float32Array =>
  Float32Array.from(
    { length },
    (_, i) => 0.1 * [1, 2, 3, 4].reduce((sum, h) => sum + Math.sin((2 * Math.PI * h * i) / period) / h, 0),
  );

const cut: Cut = { lag: 0, likeness: 0 };
const AT = 2000;

/** The steepest step between two neighbouring samples. */
const steepest = (samples: Float32Array): number =>
  samples.reduce((most, sample, i) => i === 0 ? 0 : Math.max(most, Math.abs(sample - samples[i - 1]!)), 0);

const period = fc.integer({ min: 130, max: 700 });

Deno.test("[JB6] leaving a piece out of a voiced sound makes no click, and changes its length alone", () => {
  fc.assert(
    fc.property(period, (samples) => {
      const pcm = voiced(samples);
      const limit = 1.05 * steepest(pcm);
      findRemoval(pcm, AT, pcm.length, STRETCH.maxLag, cut);
      assert.ok(cut.lag >= STRETCH.minLag && cut.lag <= STRETCH.maxLag);
      assert.ok(cut.likeness > 0.95, `${cut.likeness}`);
      const reference = pcm.slice(AT, AT + 1);
      const next = remove(pcm, AT, cut.lag);
      assert.equal(next, AT + cut.lag);
      assert.ok(Math.abs(pcm[next]! - reference[0]!) < limit);
      assert.ok(steepest(pcm.subarray(next)) <= limit);
    }),
    { seed: 10, numRuns: 100 },
  );
});

Deno.test("[JB6] repeating a piece of a voiced sound makes no click either", () => {
  fc.assert(
    fc.property(period, (samples) => {
      const pcm = voiced(samples);
      const limit = 1.05 * steepest(pcm);
      findRepeat(pcm, AT, pcm.length, STRETCH.maxLag, cut);
      assert.ok(cut.likeness > 0.95, `${cut.likeness}`);
      const before = pcm[AT - 1]!;
      const next = repeat(pcm, AT, cut.lag);
      assert.equal(next, AT - cut.lag);
      assert.ok(Math.abs(pcm[next]! - before) <= limit);
      assert.ok(steepest(pcm.subarray(next)) <= limit);
    }),
    { seed: 11, numRuns: 100 },
  );
});

Deno.test("[JB6] a piece is never longer than asked, nor longer than there is sound", () => {
  const pcm = voiced(300);
  findRemoval(pcm, AT, pcm.length, 200, cut);
  assert.ok(cut.lag > 0 && cut.lag <= 200);
  findRemoval(pcm, AT, AT + STRETCH.overlap + STRETCH.minLag - 1, STRETCH.maxLag, cut);
  assert.equal(cut.lag, 0);
  findRepeat(pcm, AT, AT + STRETCH.overlap - 1, STRETCH.maxLag, cut);
  assert.equal(cut.lag, 0);
});

Deno.test("[JB6] silence may be cut anywhere, in pieces as long as there are", () => {
  const pcm = new Float32Array(4000);
  findRemoval(pcm, AT, pcm.length, STRETCH.maxLag, cut);
  assert.deepEqual(cut, { lag: STRETCH.maxLag, likeness: 1 });
});

Deno.test("[JB6] sounds that have nothing in common are not alike", () => {
  const pcm = voiced(300);
  const random = seeded(15);
  for (let i = AT; i < AT + STRETCH.overlap; i++) pcm[i] = 0.6 * random() - 0.3;
  findRepeat(pcm, AT, pcm.length, STRETCH.maxLag, cut);
  assert.ok(cut.likeness < 0.4, `${cut.likeness}`);
});
