/** The fraction of packets that went missing lately, from the sequence numbers that came. */

const WINDOW = 256;
/** What is this close to the newest may still be on its way. */
const REORDER = 4;

export class LossMeter {
  readonly #seen = new Float64Array(WINDOW).fill(-1);
  #newest = -1;
  #first = -1;

  add(sequence: number): void {
    this.#seen[sequence % WINDOW] = sequence;
    this.#newest = Math.max(this.#newest, sequence);
    if (this.#first < 0) this.#first = sequence;
  }

  /** 0 to 1, over the last 256 packets that could have come. */
  get loss(): number {
    const end = this.#newest - REORDER;
    const start = Math.max(this.#first, this.#newest - WINDOW + 1);
    if (end - start < WINDOW / 8) return 0;
    let missing = 0;
    for (let sequence = start; sequence < end; sequence++) if (this.#seen[sequence % WINDOW] !== sequence) missing++;
    return missing / (end - start);
  }
}
