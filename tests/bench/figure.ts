/** How every benchmark reports: a line for people, and a line of JSON for machines. */

export interface Figure {
  readonly figure: string;
  readonly ours: number;
  readonly peer?: string;
  readonly theirs?: number;
  readonly unit: string;
  readonly spread?: readonly [number, number];
  readonly goal?: string;
  readonly met?: boolean;
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

export function printFigure({ ours, theirs, spread, ...rest }: Figure): void {
  const compared = theirs === undefined
    ? {}
    : { theirs: rounded(theirs), ...(theirs === 0 ? {} : { ratio: rounded(ours / theirs) }) };
  const range = spread === undefined ? {} : { spread: spread.map(rounded) };
  console.log(JSON.stringify({ ...rest, ours: rounded(ours), ...compared, ...range }));
}

export function quantile(values: readonly number[], portion: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(portion * sorted.length))] ?? NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export const spreadOf = (
  values: readonly number[],
): readonly [number, number] => [Math.min(...values), Math.max(...values)];
