/** What goes wrong, how often. Probabilities are per event; a world draws its own mix from its seed. */
import type { Random } from "./random.ts";

export interface Faults {
  readonly delayMs: readonly [number, number];
  readonly loseFrame: number;
  readonly repeatFrame: number;
  readonly reorderFrame: number;
  /** A bit flipped in a frame: what a hostile relay would do. */
  readonly corruptFrame: number;
  readonly dropLink: number;
  readonly dialFails: number;
  readonly writeFails: number;
}

export const CALM: Faults = {
  delayMs: [5, 60],
  loseFrame: 0,
  repeatFrame: 0,
  reorderFrame: 0,
  corruptFrame: 0,
  dropLink: 0,
  dialFails: 0,
  writeFails: 0,
};

export function drawFaults(random: Random): Faults {
  const upTo = (most: number) => (random.chance(0.6) ? random.fraction() * most : 0);
  return {
    delayMs: [random.between(0, 20), random.between(20, random.chance(0.2) ? 3_000 : 300)],
    loseFrame: upTo(0.05),
    repeatFrame: upTo(0.05),
    reorderFrame: upTo(0.05),
    corruptFrame: upTo(0.03),
    dropLink: upTo(0.02),
    dialFails: upTo(0.4),
    writeFails: upTo(0.03),
  };
}
