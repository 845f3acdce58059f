import assert from "node:assert/strict";
import fc from "fast-check";
import { PLAYOUT } from "../../../core/limits.ts";
import { type FrameDecoder, Playout } from "../../../core/voice/playout.ts";
import { allTraces, gaussian, seeded, type Trace, trace } from "../../bench/delayTraces.ts";
import { quantile } from "../../bench/figure.ts";
import { type Heard, packet, playAdaptive } from "../../bench/playTrace.ts";

/** Any network: a base delay, jitter of some kind, loss, stalls, reordering, drift. */
const network = fc.record({
  seed: fc.nat(),
  frameMs: fc.constantFrom(10, 20),
  jitterMs: fc.integer({ min: 0, max: 60 }),
  loss: fc.constantFrom(0, 0, 0.02, 0.1, 0.3),
  stallMs: fc.constantFrom(0, 0, 60, 150, 300, 700, 1500),
  stallEveryMs: fc.integer({ min: 2000, max: 9000 }),
  driftPpm: fc.integer({ min: -500, max: 500 }),
  stepMs: fc.integer({ min: -30, max: 120 }),
});

type Network = typeof network extends fc.Arbitrary<infer T> ? T : never;

function traceOf({ seed, frameMs, jitterMs, loss, stallMs, stallEveryMs, driftPpm, stepMs }: Network): Trace {
  const random = seeded(seed);
  return trace("any", 12, frameMs, (sentMs) => {
    if (random() < loss) return null;
    const inStall = sentMs % stallEveryMs;
    const stall = sentMs > 500 && inStall < stallMs ? stallMs - inStall : 0;
    const step = sentMs > 6000 ? stepMs : 0;
    return 40 + Math.abs(jitterMs * gaussian(random)) + stall + step + sentMs * driftPpm * 1e-6;
  });
}

const forAny = (check: (heard: Heard) => void, numRuns = 60) =>
  fc.assert(fc.property(network, (any) => check(playAdaptive(traceOf(any), any.frameMs))), { seed: 12, numRuns });

Deno.test("[JB3] no packet is played twice and none after a later one, on any network", () => {
  forAny(({ decoded }) => {
    for (let i = 1; i < decoded.length; i++) {
      assert.ok(decoded[i]! > decoded[i - 1]!, `${decoded[i]} after ${decoded[i - 1]}`);
    }
  });
});

Deno.test("[JB6] sound never goes back by more than one repeated piece, on any network", () => {
  forAny(({ mediaMs }) => {
    // What was heard up to 43 ms ago: a repeated piece lasts at most 15 ms, and the next one comes 20 ms later.
    let furthest = -Infinity;
    mediaMs.forEach((heard, quantum) => {
      const before = mediaMs[quantum - 16] ?? NaN;
      if (!Number.isNaN(before)) furthest = Math.max(furthest, before);
      assert.ok(Number.isNaN(heard) || heard >= furthest, `back by ${furthest - heard} ms`);
    });
  });
});

Deno.test("[JB9] no more packets are held than allowed, on any network", () => {
  forAny(({ maxHeld }) => assert.ok(maxHeld <= PLAYOUT.maxPackets));
});

Deno.test("[JB7] the delay never grows beyond what is caught up with, on any network", () => {
  forAny(({ mediaMs, atMs }) => {
    // 40 ms of network and 120 of a step, and what is waited for and caught up with.
    const bound = 40 + 120 + PLAYOUT.maxTargetMs + PLAYOUT.maxExcessMs + PLAYOUT.idleAfterMs;
    mediaMs.forEach((heard, quantum) => assert.ok(Number.isNaN(heard) || atMs(quantum) - heard < bound));
  });
});

const named = (name: string): Trace => {
  const found = allTraces(40, 10).find((trace) => trace.name === name);
  assert.ok(found, name);
  return found;
};

/** Delay that is added to the network's least, at each quantum between two moments. */
function added({ mediaMs, atMs }: Heard, trace: Trace, fromMs: number, toMs: number): number[] {
  return [...mediaMs].map((heard, quantum) => ({ at: atMs(quantum), delay: atMs(quantum) - heard - trace.baseMs }))
    .filter(({ at }) => at >= fromMs && at < toMs).map(({ delay }) => delay);
}

Deno.test("[JB5] after a stall of 300 ms nothing is missing and nothing is made up", () => {
  const trace = named("300 ms stall");
  const heard = playAdaptive(trace, 10);
  const endMs = trace.disturbanceEndsMs!;
  const first = heard.decoded[0]!;
  heard.decoded.forEach((sequence, i) => assert.equal(sequence, first + i));
  assert.ok(heard.madeUp <= 32, `${heard.madeUp} frames made up in the stall`);
  for (const delay of added(heard, trace, endMs, 40_000)) assert.ok(!Number.isNaN(delay));
});

Deno.test("[JB6] the delay is back at its target within 3 s after a stall of 300 ms", () => {
  const trace = named("300 ms stall");
  const heard = playAdaptive(trace, 10);
  const endMs = trace.disturbanceEndsMs!;
  const before = Math.max(...added(heard, trace, endMs - 5000, endMs - 1000));
  for (const delay of added(heard, trace, endMs + 3000, endMs + 10_000)) assert.ok(delay <= before + 6, `${delay}`);
});

Deno.test("[JB1] on a quiet network the buffer adds less than 12 ms", () => {
  const trace = named("constant");
  for (const delay of added(playAdaptive(trace, 10), trace, 5000, 40_000)) assert.ok(delay < 12, `${delay}`);
});

Deno.test("[JB1] when the network has become slower and quick again, so does the sound within 3 s", () => {
  const trace = named("step of 80 ms and back");
  const heard = playAdaptive(trace, 10);
  const endMs = trace.disturbanceEndsMs!;
  for (const delay of added(heard, trace, endMs + 3000, 40_000)) assert.ok(delay < 14, `${delay}`);
});

Deno.test("[JB4] what is lost is concealed for as long as it would have lasted, and the delay stays", () => {
  const trace = named("5 % loss");
  const heard = playAdaptive(trace, 10);
  const lost = trace.sentCount - trace.arrivals.length;
  assert.ok(Math.abs(heard.madeUp - lost) <= 5, `${heard.madeUp} made up, ${lost} lost`);
  // The ramp stands still while sound is made up, so the delay is seen between losses.
  assert.ok(quantile(added(heard, trace, 5000, 39_000), 0.85) < 14);
});

Deno.test("[JB2] one stall does not raise the target, stalls that keep coming do", () => {
  const once = playAdaptive(named("300 ms stall"), 10);
  assert.ok(Math.max(...added(once, named("300 ms stall"), 30_000, 39_000)) < 14);
  const random = seeded(13);
  const often = trace("often", 40, 10, (sentMs) => 40 + 2 * random() + Math.max(0, 80 - (sentMs % 400)));
  const heard = playAdaptive(often, 10);
  const usual = added(heard, often, 20_000, 39_000);
  assert.ok(Math.min(...usual) > 70, `${Math.min(...usual)}`);
});

Deno.test("[JB1] sound cards that fetch 10 ms at a time make no gaps", () => {
  const trace = named("constant");
  const heard = playAdaptive(trace, 10, 4);
  const late = added(heard, trace, 5000, 39_000);
  assert.ok(late.every((delay) => !Number.isNaN(delay)));
  assert.ok(heard.madeUp <= 3, `${heard.madeUp}`);
});

class Counting implements FrameDecoder {
  decoded: number[] = [];
  concealed = 0;
  readonly #frame = new Float32Array(480).fill(0.1);
  decode(opus: Uint8Array): Float32Array {
    this.decoded.push(new DataView(opus.buffer).getUint32(0));
    return this.#frame;
  }
  conceal(): Float32Array {
    this.concealed++;
    return this.#frame;
  }
}

/** Plays 10 ms at a time; `sends` gives what arrives at each. */
function play(ticks: number, sends: (tick: number, playout: Playout) => void): { decoder: Counting; playout: Playout } {
  const decoder = new Counting();
  const playout = new Playout(decoder, 10);
  const out = new Float32Array(480);
  for (let tick = 0; tick < ticks; tick++) {
    sends(tick, playout);
    playout.read(out, tick * 10);
  }
  return { decoder, playout };
}

const part = (sequence: number, silenceFollows = false) => ({ opus: packet(sequence), silenceFollows });

Deno.test("[JB8] a sender that goes quiet is neither lost nor late, and is heard at once when it speaks again", () => {
  const { decoder, playout } = play(600, (tick, playout) => {
    if (tick < 100 || tick >= 400) playout.insert(tick, part(tick, tick === 99), tick * 10);
  });
  assert.equal(playout.counts.waited, 0);
  assert.equal(playout.counts.concealed, 0);
  assert.equal(playout.counts.restarts, 1);
  assert.ok(decoder.concealed > 250, "the pause is filled by the decoder's own noise");
  assert.ok(decoder.decoded.includes(400));
});

Deno.test("[JB7] after a second without packets playing ends, and begins anew with the next one", () => {
  const { playout, decoder } = play(900, (tick, playout) => {
    if (tick < 100 || tick >= 500) playout.insert(tick, part(tick), tick * 10);
  });
  assert.equal(playout.counts.restarts, 2);
  assert.ok(playout.counts.waited <= 101);
  assert.ok(decoder.decoded.includes(500));
});

Deno.test("[JB3] duplicates and packets after their turn are dropped and counted", () => {
  const { playout, decoder } = play(200, (tick, playout) => {
    if (tick !== 50) playout.insert(tick, part(tick), tick * 10);
    playout.insert(tick, part(tick), tick * 10);
    if (tick === 80) playout.insert(50, part(50), tick * 10);
  });
  assert.equal(new Set(decoder.decoded).size, decoder.decoded.length);
  assert.ok(playout.counts.late >= 1);
});

Deno.test("[JB2] a copy that comes with the next packet fills the hole that loss has left", () => {
  const random = seeded(14);
  const { playout } = play(2000, (tick, playout) => {
    if (random() < 0.1) return;
    playout.insert(tick, part(tick), tick * 10);
    if (tick > 0) playout.insert(tick - 1, part(tick - 1), tick * 10, true);
  });
  assert.ok(playout.counts.concealed + playout.counts.waited < 60, `${JSON.stringify(playout.counts)}`);
});
