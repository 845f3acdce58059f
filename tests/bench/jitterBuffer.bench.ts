/** The jitter buffer alone, offline, on each network trace, beside buffers of fixed delay. */
import { allTraces, type Trace } from "./delayTraces.ts";
import { printFigure, quantile } from "./figure.ts";
import { type Heard, playAdaptive, playFixed } from "./playTrace.ts";

const SECONDS = 60;

interface Row {
  readonly meanMs: number;
  readonly p95Ms: number;
  readonly latePercent: number;
  readonly madeUpPercent: number;
  readonly stretchedPercent: number;
  /** After the disturbance, until the delay is back within 10 ms of what it was before. */
  readonly recoveryMs: number | null;
}

/** What the buffer adds to the network's least delay, by quantum. */
function addedDelays(heard: Heard, trace: Trace): readonly number[] {
  return Array.from(heard.mediaMs, (mediaMs, quantum) => heard.atMs(quantum) - mediaMs - trace.baseMs);
}

function measure(heard: Heard, trace: Trace): Row {
  const added = addedDelays(heard, trace);
  const known = added.filter((delayMs) => !Number.isNaN(delayMs));
  const frames = trace.sentCount;
  return {
    meanMs: known.reduce((sum, delayMs) => sum + delayMs, 0) / known.length,
    p95Ms: quantile(known, 0.95),
    latePercent: (100 * heard.late) / frames,
    madeUpPercent: (100 * heard.madeUp) / frames,
    stretchedPercent: (100 * heard.stretchedSamples) / heard.samples,
    recoveryMs: trace.disturbanceEndsMs === null ? null : recovery(heard, added, trace.disturbanceEndsMs),
  };
}

function recovery(heard: Heard, added: readonly number[], endsMs: number): number {
  const before = added.filter((_, quantum) => heard.atMs(quantum) > 5_000 && heard.atMs(quantum) < 10_000);
  const usualMs = quantile(before, 0.5);
  const back = added.findIndex((delayMs, quantum) => heard.atMs(quantum) > endsMs && delayMs < usualMs + 10);
  return back < 0 ? Infinity : heard.atMs(back) - endsMs;
}

const cell = (value: number | null, digits = 1): string => (value === null ? "-" : value.toFixed(digits)).padStart(9);

function printRow(name: string, row: Row): void {
  const cells = [row.meanMs, row.p95Ms, row.latePercent, row.madeUpPercent, row.stretchedPercent];
  console.log(name.padEnd(38) + cells.map((value) => cell(value, 2)).join("") + cell(row.recoveryMs, 0));
}

function run(frameMs: 10 | 20): void {
  console.log(
    `Jitter buffer, ${SECONDS} s of ${frameMs} ms frames; delay is what is added to the network's least delay.\n`,
  );
  console.log(
    "".padEnd(38) +
      ["mean ms", "p95 ms", "late %", "made up %", "stretch %", "back ms"].map((h) => h.padStart(9)).join(""),
  );
  const rows = allTraces(SECONDS, frameMs).map((trace) => {
    const ours = measure(playAdaptive(trace, frameMs), trace);
    const fixed = [40, 60].map((delayMs) => measure(playFixed(trace, frameMs, delayMs), trace));
    printRow(trace.name, ours);
    fixed.forEach((row, i) => printRow(`  fixed ${[40, 60][i]} ms`, row));
    return { trace, ours, fixed };
  });
  console.log();
  for (const { trace, ours, fixed } of rows) {
    const peer = "fixed 60 ms buffer";
    printFigure({
      figure: `jitter buffer, ${frameMs} ms frames, ${trace.name}: mean delay`,
      ours: ours.meanMs,
      peer,
      theirs: fixed[1]!.meanMs,
      unit: "ms",
    });
    printFigure({
      figure: `jitter buffer, ${frameMs} ms frames, ${trace.name}: made-up sound`,
      ours: ours.madeUpPercent,
      peer,
      theirs: fixed[1]!.madeUpPercent,
      unit: "%",
    });
    if (ours.recoveryMs === null) continue;
    const met = ours.recoveryMs <= 3000;
    printFigure({
      figure: `jitter buffer, ${frameMs} ms frames, ${trace.name}: delay recovered`,
      ours: ours.recoveryMs,
      unit: "ms",
      goal: "<= 3000",
      met,
    });
  }
}

run(20);
run(10);
