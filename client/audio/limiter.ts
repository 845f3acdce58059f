/** Keeps a mix of several voices within full scale: turns it down at once where it must, and up again slowly. */

const CEILING = 0.98;
/** Of the way back to full volume, per quantum of 128 samples: about half a second in all. */
const RELEASE = 0.01;

export class Limiter {
  #gain = 1;

  /** In place, with the gain moving evenly over the block. */
  apply(mix: Float32Array): void {
    let peak = 0;
    for (const sample of mix) peak = Math.max(peak, Math.abs(sample));
    const before = this.#gain;
    const released = before + (1 - before) * RELEASE;
    const after = peak * released > CEILING ? CEILING / peak : released;
    this.#gain = after;
    if (before > 0.9999 && after > 0.9999) return;
    const start = Math.min(before, peak > 0 ? CEILING / peak : 1);
    for (let i = 0; i < mix.length; i++) mix[i]! *= start + ((after - start) * i) / mix.length;
  }
}
