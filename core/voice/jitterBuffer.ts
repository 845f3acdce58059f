/**
 * The jitter buffer: packets of one sender in order of their sequence numbers, and the delay at which to play them.
 * One packet is one frame of fixed duration, so a sequence number is a media time. It knows nothing of sound.
 */
import { PLAYOUT } from "../limits.ts";
import { DelayHistogram } from "./delayHistogram.ts";

/** This part of the packets may come too late; to wait for the rest would cost more than it gives. */
const PORTION_IN_TIME = 0.99;
/** The sound card reads in pieces of 128 samples, up to that much before a frame is due. */
const MARGIN_MS = 3;
/** Before anything is known about the network. */
const FIRST_DELAY_MS = 20;
/** After so many packets enough is known. */
const FIRST_DELAY_FRAMES = 50;

const UNKNOWN = -1;
const LONG_AGO = -2;
/** What was slower than anything of the last seconds belongs to a network that is gone. */
const RECENT_PERIOD_MS = 500;
const RECENT_PERIODS = 5;

export type Inserted = "kept" | "late" | "duplicate" | "restart";

export interface VoicePart {
  readonly opus: Uint8Array;
  readonly silenceFollows: boolean;
}

export class JitterBuffer {
  readonly frameMs: number;
  /** A ring by sequence number; which packet a slot holds is in `#sequences`, -1 for none. */
  readonly #parts: (VoicePart | null)[] = new Array(PLAYOUT.maxPackets).fill(null);
  readonly #sequences = new Float64Array(PLAYOUT.maxPackets).fill(-1);
  readonly #transits = new DelayHistogram();
  #count = 0;
  #targetMs = 0;
  #lastArrivalMs = -Infinity;
  /** The first sequence number, while the network is new. */
  #startsWith = UNKNOWN;
  #firstTransitMs = 0;
  /** Packets that came one upon the other: the slowest one's transit, and their weight. */
  #trainMs = 0;
  #trainWeight = 0;
  /** The slowest transit of each of the last periods; the current one comes last. */
  readonly #slowest = new Float64Array(RECENT_PERIODS).fill(Infinity);
  #periodEndsMs = -Infinity;

  constructor(frameMs: number) {
    this.frameMs = frameMs;
  }

  /** Packets in it; at most `PLAYOUT.maxPackets`. */
  get size(): number {
    return this.#count;
  }

  /** The transit time at which to play: media time + `targetMs` = the moment of playing, by the listener's clock. */
  get targetMs(): number {
    return this.#targetMs;
  }

  /** The transit time of the quickest packets: `targetMs - fastestMs` is what the buffer adds. */
  get fastestMs(): number {
    return this.#transits.isEmpty ? this.#trainMs : this.#transits.fastestMs;
  }

  /**
   * A packet has come at `nowMs`. `next` is the sequence number that is to be played next, or -1 when nothing plays.
   * `isCopy`: it came along with a later one, because it had been lost. `restart` says that the sequence jumped out
   * of all proportion: the buffer holds only this packet now.
   */
  insert(sequence: number, part: VoicePart, nowMs: number, next: number, isCopy: boolean): Inserted {
    if (next >= 0 && sequence < next) {
      if (!isCopy) this.#learn(sequence, nowMs, false);
      return "late";
    }
    if (this.has(sequence)) return "duplicate";
    this.#learn(sequence, nowMs, isCopy);
    const origin = next >= 0 ? next : this.first();
    const restart = origin >= 0 && sequence - origin >= PLAYOUT.maxPackets;
    if (restart) this.clear();
    else if (origin >= 0 && origin - sequence >= PLAYOUT.maxPackets) return "late";
    const evicted = this.#slot(sequence);
    if (this.#sequences[evicted] !== -1) this.#drop(evicted);
    this.#parts[evicted] = part;
    this.#sequences[evicted] = sequence;
    this.#count++;
    return restart ? "restart" : "kept";
  }

  has(sequence: number): boolean {
    return this.#sequences[this.#slot(sequence)] === sequence;
  }

  /** Takes a packet out, or `null` where it has not come. */
  take(sequence: number): VoicePart | null {
    const slot = this.#slot(sequence);
    if (this.#sequences[slot] !== sequence) return null;
    const part = this.#parts[slot]!;
    this.#drop(slot);
    return part;
  }

  /** The lowest sequence number in it that is at least `from`, or -1. */
  first(from = 0): number {
    if (this.#count === 0) return -1;
    let lowest = -1;
    for (const sequence of this.#sequences) {
      if (sequence >= from && (lowest < 0 || sequence < lowest)) lowest = sequence;
    }
    return lowest;
  }

  /** Forgets packets below `sequence`; returns how many there were. */
  dropBelow(sequence: number): number {
    let dropped = 0;
    for (let slot = 0; slot < this.#sequences.length; slot++) {
      const held = this.#sequences[slot]!;
      if (held === -1 || held >= sequence) continue;
      this.#drop(slot);
      dropped++;
    }
    return dropped;
  }

  /** Forgets all packets, and keeps what it knows of the network. */
  clear(): void {
    this.#parts.fill(null);
    this.#sequences.fill(-1);
    this.#count = 0;
  }

  /**
   * Weighs a packet by the time since the one before: a stall delays a whole train of packets, which then come at
   * once, and counting each would make one event look like thirty. Of a train the slowest counts.
   */
  #learn(sequence: number, nowMs: number, isCopy: boolean): void {
    const transitMs = nowMs - sequence * this.frameMs;
    if (this.#startsWith === UNKNOWN) {
      this.#startsWith = sequence;
      this.#firstTransitMs = transitMs;
    } else if (sequence - this.#startsWith > FIRST_DELAY_FRAMES) this.#startsWith = LONG_AGO;
    const weight = isCopy ? 1 : Math.min(1, (nowMs - this.#lastArrivalMs) / this.frameMs);
    this.#lastArrivalMs = nowMs;
    if (weight >= 0.5) {
      if (this.#trainWeight > 0) this.#transits.add(this.#trainMs, Math.min(1, this.#trainWeight));
      this.#trainMs = transitMs;
      this.#trainWeight = weight;
    } else {
      this.#trainMs = Math.max(this.#trainMs, transitMs);
      this.#trainWeight += weight;
    }
    this.#remember(transitMs, nowMs);
    this.#targetMs = this.#findTarget();
  }

  #findTarget(): number {
    const slowest = this.#slowest.reduce((most, transitMs) => Math.max(most, transitMs));
    const usual = this.#transits.isEmpty ? this.#trainMs : this.#transits.quantileMs(PORTION_IN_TIME);
    const target = Math.min(usual, slowest, this.fastestMs + PLAYOUT.maxTargetMs) + MARGIN_MS;
    return this.#startsWith >= 0 ? Math.max(target, this.#firstTransitMs + FIRST_DELAY_MS) : target;
  }

  #remember(transitMs: number, nowMs: number): void {
    if (nowMs >= this.#periodEndsMs) {
      this.#slowest.copyWithin(0, 1);
      this.#slowest[RECENT_PERIODS - 1] = -Infinity;
      this.#periodEndsMs = nowMs + RECENT_PERIOD_MS;
    }
    this.#slowest[RECENT_PERIODS - 1] = Math.max(this.#slowest[RECENT_PERIODS - 1]!, transitMs);
  }

  #slot(sequence: number): number {
    return sequence % PLAYOUT.maxPackets;
  }

  #drop(slot: number): void {
    this.#parts[slot] = null;
    this.#sequences[slot] = -1;
    this.#count--;
  }
}
