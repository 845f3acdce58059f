/** Tables for people, and how a cost grows with the load. */
import { type Figure, printFigure } from "../bench/figure.ts";
import type { Spent } from "./underLoad.ts";

export type Row = Readonly<Record<string, string | number>>;

const shown = (cell: string | number): string =>
  typeof cell === "string"
    ? cell
    : Math.abs(cell) >= 100
    ? cell.toFixed(0)
    : cell.toFixed(Number.isInteger(cell) ? 0 : 2);

export function printTable(title: string, rows: readonly Row[]): void {
  const heads = Object.keys(rows[0] ?? {});
  const cells = [heads, ...rows.map((row) => heads.map((head) => shown(row[head] ?? "")))];
  const widths = heads.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  console.log(`\n${title}`);
  for (const line of cells) console.log(`  ${line.map((cell, column) => cell.padStart(widths[column]!)).join("  ")}`);
}

/** Least squares: how much `ys` rise for each of `xs`. */
export function slope(xs: readonly number[], ys: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(xs), mean(ys)];
  const over = xs.reduce((sum, x, i) => sum + (x - meanX) * (ys[i]! - meanY), 0);
  return over / xs.reduce((sum, x) => sum + (x - meanX) ** 2, 0);
}

/** The goal of a figure that should be at most, or at least, so much. */
export function figure(name: string, ours: number, unit: string, goal?: readonly ["<=" | ">=", number]): void {
  const judged: Pick<Figure, "goal" | "met"> = goal === undefined
    ? {}
    : { goal: goal.join(" "), met: goal[0] === "<=" ? ours <= goal[1] : ours >= goal[1] };
  printFigure({ figure: name, ours, unit, ...judged });
}

/** Eighth, quarter, half and full load; for a quick look the first and the last. */
export const steps = (full: number, isQuick: boolean): readonly number[] =>
  (isQuick ? [8, 1] : [8, 4, 2, 1]).map((part) => Math.ceil(full / part));

/** What one operation costs a server, and its main thread, through which all of them go. */
export interface Cost {
  readonly cpuUs: number;
  readonly mainThreadUs: number;
}

export const costOf = ({ cpuUs, mainThreadUs }: Spent, count: number): Cost => ({
  cpuUs: cpuUs / count,
  mainThreadUs: (mainThreadUs ?? cpuUs) / count,
});

/** The generator takes its part of the machine: what the server's own cost would allow, were all of it the server's. */
export function extrapolate(what: string, cost: Cost, heldPerSecond: number, goalPerSecond: number): void {
  const cores = navigator.hardwareConcurrency;
  const possible = 1e6 / Math.max(cost.mainThreadUs, cost.cpuUs / cores);
  console.log(
    `  held ${heldPerSecond.toFixed(0)}/s beside the generator; ${cost.cpuUs.toFixed(1)} us each, of them ` +
      `${cost.mainThreadUs.toFixed(1)} on the main thread: extrapolated to ${cores} cores for the server alone ` +
      `${possible.toFixed(0)}/s`,
  );
  figure(`${what}, extrapolated to ${cores} cores without the generator`, possible, "/s", [">=", goalPerSecond]);
}
