/**
 * Time stretching by waveform-similarity overlap-add: a stretch of sound is left out, or played twice, where the waves
 * on both sides of the cut are most alike, with a cross-fade over the cut. Pitch stays, time changes.
 * Works in place on a linear buffer: what is before `at` has been played, what is from `at` on is still to be played.
 */

/** Samples at 48 kHz. */
export const STRETCH = {
  /** The cross-fade, and the stretch over which waves are compared: 5 ms. */
  overlap: 240,
  /** The shortest and longest piece left out or repeated: 2.5 and 15 ms, the periods of 400 and 67 Hz. */
  minLag: 120,
  maxLag: 720,
} as const;

export interface Cut {
  /** Samples to leave out or to repeat; 0 where nothing fits. */
  lag: number;
  /** -1 to 1: how alike the waves are on both sides. Silence counts as alike. */
  likeness: number;
}

/** Below this mean square nobody hears a cut: -60 dB of full scale. */
const SILENT_POWER = 1e-6;
const LAG_STEP = 4;
const SAMPLE_STEP = 2;

/** How alike `overlap` samples at `a` and at `b` are, looking at each `step`th. */
function likeness(pcm: Float32Array, a: number, b: number, step: number): number {
  let cross = 0;
  let powerA = 0;
  let powerB = 0;
  for (let i = 0; i < STRETCH.overlap; i += step) {
    const x = pcm[a + i]!;
    const y = pcm[b + i]!;
    cross += x * y;
    powerA += x * x;
    powerB += y * y;
  }
  const silent = (SILENT_POWER * STRETCH.overlap) / step;
  if (powerA < silent && powerB < silent) return 1;
  return cross / Math.sqrt(Math.max(powerA, silent) * Math.max(powerB, silent));
}

/** The best lag of `direction * lag` from `at`, of at most `maxLag` samples, into `cut`. */
function findCut(pcm: Float32Array, at: number, direction: 1 | -1, maxLag: number, cut: Cut): void {
  cut.lag = 0;
  cut.likeness = -1;
  for (let lag = STRETCH.minLag; lag <= maxLag; lag += LAG_STEP) {
    const found = likeness(pcm, at, at + direction * lag, SAMPLE_STEP);
    // Of equals the longer one: fewer cuts for the same effect.
    if (found >= cut.likeness) {
      cut.likeness = found;
      cut.lag = lag;
    }
  }
  const coarse = cut.lag;
  if (coarse === 0 || cut.likeness === 1) return;
  cut.likeness = -1;
  const last = Math.min(maxLag, coarse + LAG_STEP - 1);
  for (let lag = Math.max(STRETCH.minLag, coarse - LAG_STEP + 1); lag <= last; lag++) {
    const found = likeness(pcm, at, at + direction * lag, 1);
    if (found > cut.likeness) {
      cut.likeness = found;
      cut.lag = lag;
    }
  }
}

/** Looks for a piece to leave out at `at`; needs `overlap + maxLag` samples from there on. */
export function findRemoval(pcm: Float32Array, at: number, end: number, maxLag: number, cut: Cut): void {
  findCut(pcm, at, 1, Math.min(maxLag, STRETCH.maxLag, end - at - STRETCH.overlap), cut);
}

/** Leaves out `lag` samples: returns where to go on reading, `at + lag`. */
export function remove(pcm: Float32Array, at: number, lag: number): number {
  // Backwards, because with a short lag the later half of the fade reads what its first half would overwrite.
  for (let i = STRETCH.overlap - 1; i >= 0; i--) {
    const entering = (i + 0.5) / STRETCH.overlap;
    pcm[at + lag + i] = pcm[at + i]! * (1 - entering) + pcm[at + lag + i]! * entering;
  }
  return at + lag;
}

/** Looks for a piece before `at` to repeat; needs `overlap` samples from `at` on and `maxLag` before it. */
export function findRepeat(pcm: Float32Array, at: number, end: number, maxLag: number, cut: Cut): void {
  const fits = end - at >= STRETCH.overlap;
  findCut(pcm, at, -1, fits ? Math.min(maxLag, STRETCH.maxLag, at) : 0, cut);
}

/** Plays the `lag` samples before `at` again: returns where to go on reading, `at - lag`. */
export function repeat(pcm: Float32Array, at: number, lag: number): number {
  for (let i = 0; i < STRETCH.overlap; i++) {
    const entering = (i + 0.5) / STRETCH.overlap;
    pcm[at - lag + i] = pcm[at + i]! * (1 - entering) + pcm[at - lag + i]! * entering;
  }
  return at - lag;
}
