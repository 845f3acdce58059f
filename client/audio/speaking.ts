/** Whether somebody speaks, from a level that comes several times in a second. */

const BEGINS_ABOVE = 0.02;
const ENDS_BELOW = 0.01;
/** Pauses between words are shorter. */
const HOLD_MS = 400;

export class SpeakingDetector {
  #speaking = false;
  #loudAtMs = -Infinity;

  /** `level` is a root mean square, 0 to 1. */
  update(level: number, nowMs: number): boolean {
    if (level > BEGINS_ABOVE || (this.#speaking && level > ENDS_BELOW)) this.#loudAtMs = nowMs;
    this.#speaking = nowMs - this.#loudAtMs < HOLD_MS;
    return this.#speaking;
  }
}
