/**
 * How long packets take, as a histogram that forgets. Values are transit times: arrival by the listener's clock minus
 * media time by the speaker's. The clocks share no zero and drift apart slowly, so only differences mean anything, and
 * the histogram follows them wherever they go.
 */
import { PLAYOUT } from "../limits.ts";

/** Of the weight that is there, this much is left after a further weight of 1. */
const FORGETTING = 0.995;
const RENORMALISE_ABOVE = 1e12;

export class DelayHistogram {
  /** One bin per millisecond. Weights grow with time instead of old ones shrinking, which makes adding cheap. */
  readonly #bins = new Float64Array(PLAYOUT.histogramMs);
  #originMs = 0;
  #total = 0;
  #gain = 1;

  get isEmpty(): boolean {
    return this.#total === 0;
  }

  /** Adds `transitMs`, a finite number, with a weight of 0 to 1. */
  add(transitMs: number, weight: number): void {
    const bin = this.#binFor(Math.floor(transitMs));
    const added = weight * this.#gain;
    this.#bins[bin]! += added;
    this.#total += added;
    this.#gain *= FORGETTING ** -weight;
    if (this.#gain > RENORMALISE_ABOVE) this.#renormalise();
  }

  /** The least whole number of milliseconds that the fraction `portion` of the weight does not exceed. */
  quantileMs(portion: number): number {
    let above = (1 - portion) * this.#total;
    for (let bin = this.#bins.length - 1; bin >= 0; bin--) {
      above -= this.#bins[bin]!;
      if (above < 0) return this.#originMs + bin + 1;
    }
    return this.#originMs;
  }

  /** The quickest that is remembered with more than a thousandth of the weight. */
  get fastestMs(): number {
    let below = 0.001 * this.#total;
    for (let bin = 0; bin < this.#bins.length; bin++) {
      below -= this.#bins[bin]!;
      if (below < 0) return this.#originMs + bin;
    }
    return this.#originMs;
  }

  /** The bin of `transitMs`, after moving the span so that it has one. */
  #binFor(transitMs: number): number {
    const bins = this.#bins;
    if (this.#total === 0) this.#originMs = transitMs - bins.length / 4;
    let bin = transitMs - this.#originMs;
    if (bin >= 0 && bin < bins.length) return bin;
    const shift = bin < 0 ? bin - bins.length / 4 : bin - (bins.length * 3) / 4;
    this.#originMs += shift;
    if (shift > 0) {
      bins.copyWithin(0, shift);
      bins.fill(0, Math.max(0, bins.length - shift));
    } else {
      bins.copyWithin(-shift, 0);
      bins.fill(0, 0, Math.min(bins.length, -shift));
    }
    this.#total = bins.reduce((sum, weight) => sum + weight, 0);
    bin = transitMs - this.#originMs;
    return bin;
  }

  #renormalise(): void {
    for (let bin = 0; bin < this.#bins.length; bin++) this.#bins[bin]! /= this.#gain;
    this.#total /= this.#gain;
    this.#gain = 1;
  }
}
