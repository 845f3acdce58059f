/** CPU time of two rivals on the same work, in turns, so that a busy or slowing machine treats both alike. */
import process from "node:process";
import { median, printFigure, spreadOf } from "./figure.ts";

const RUNS = 9;
/** The first runs are for the compilers. */
const WARM_UP_RUNS = 2;

/** CPU microseconds per call, garbage collection included. */
function once(count: number, work: () => void): number {
  const start = process.cpuUsage();
  for (let i = 0; i < count; i++) work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / count;
}

/** One value for each run and rival; in each run every rival does `count` calls. */
export function interleaved<const W extends readonly (() => void)[]>(
  count: number,
  ...rivals: W
): { readonly [K in keyof W]: readonly number[] } {
  const runs = rivals.map((): number[] => []);
  for (let run = 0; run < WARM_UP_RUNS + RUNS; run++) {
    rivals.forEach((work, i) => {
      const us = once(count, work);
      if (run >= WARM_UP_RUNS) runs[i]!.push(us);
    });
  }
  return runs as unknown as { readonly [K in keyof W]: readonly number[] };
}

export interface Rivalry {
  readonly figure: string;
  readonly unit: string;
  readonly ours: readonly number[];
  readonly peer?: string;
  readonly theirs?: readonly number[];
  /** The largest ratio, ours to theirs, that is aimed for; where more is better the smallest. */
  readonly goal?: { readonly ratio: number; readonly better: "less" | "more" };
}

const shown = (value: number): string => value.toFixed(1).padStart(9);

/** A line for people, and one for machines. */
export function report({ figure, unit, ours, peer, theirs, goal }: Rivalry): void {
  const [own, [low, high]] = [median(ours), spreadOf(ours)];
  const ratio = theirs === undefined ? null : own / median(theirs);
  const isMet = goal === undefined || ratio === null
    ? null
    : goal.better === "less"
    ? ratio <= goal.ratio
    : ratio >= goal.ratio;
  const sign = goal?.better === "more" ? ">=" : "<=";
  const rival = theirs === undefined || ratio === null
    ? ""
    : `   ${peer} ${shown(median(theirs))} (${spreadOf(theirs).map((one) => one.toFixed(0)).join("-")})   ratio ${
      ratio.toFixed(2)
    }`;
  const aim = goal === undefined ? "" : `   goal ${sign} ${goal.ratio}${isMet ? "" : ", missed"}`;
  console.log(
    `${figure.padEnd(52)} ${shown(own)} (${low.toFixed(0)}-${high.toFixed(0)}) ${unit}${rival}${aim}`,
  );
  printFigure({
    figure,
    ours: own,
    unit,
    spread: [low, high],
    ...(peer === undefined || theirs === undefined ? {} : { peer, theirs: median(theirs) }),
    ...(goal === undefined || isMet === null ? {} : { goal: `${sign} ${goal.ratio}`, met: isMet }),
  });
}
