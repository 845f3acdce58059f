/** A sliding window over counters (the construction of RFC 4303, 3.4.3): each one is accepted once. */
import { ok, refuse, type Result } from "../errors.ts";
import { VOICE } from "../limits.ts";

const WORD_BITS = 32;

export class ReplayWindow {
  /** Bit `ctr % window` of a ring tells whether that counter was seen. */
  readonly #seen = new Uint32Array(VOICE.replayWindow / WORD_BITS);
  #newest = -1;

  /** Whether a frame with this counter could still be accepted; changes nothing, so it may run before the crypto. */
  check(ctr: number): Result<void, "voice.replayed" | "voice.too-old"> {
    if (ctr > this.#newest) return ok(undefined);
    if (ctr <= this.#newest - VOICE.replayWindow) return refuse("voice.too-old");
    return this.#has(ctr) ? refuse("voice.replayed") : ok(undefined);
  }

  /** Call only for an authentic frame. */
  accept(ctr: number): Result<void, "voice.replayed" | "voice.too-old"> {
    const fresh = this.check(ctr);
    if (!fresh.ok) return fresh;
    if (ctr > this.#newest) this.#advance(ctr);
    const bit = ctr % VOICE.replayWindow;
    this.#seen[Math.floor(bit / WORD_BITS)]! |= 1 << (bit % WORD_BITS);
    return fresh;
  }

  #has(ctr: number): boolean {
    const bit = ctr % VOICE.replayWindow;
    return (this.#seen[Math.floor(bit / WORD_BITS)]! & (1 << (bit % WORD_BITS))) !== 0;
  }

  #advance(ctr: number): void {
    if (ctr - this.#newest >= VOICE.replayWindow) this.#seen.fill(0);
    else {
      for (let skipped = this.#newest + 1; skipped < ctr; skipped++) {
        const bit = skipped % VOICE.replayWindow;
        this.#seen[Math.floor(bit / WORD_BITS)]! &= ~(1 << (bit % WORD_BITS));
      }
    }
    // The slot of `ctr` itself may still hold the counter one window ago; accept() sets it, so it needs no clearing.
    this.#newest = ctr;
  }
}
