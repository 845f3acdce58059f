/**
 * Playout of one sender: pulls packets from the jitter buffer through a decoder and keeps the delay at its target by
 * stretching time. What is missing is concealed. It never plays a packet twice and never goes back.
 *
 * Whether a missing packet is lost or late decides what happens to the delay. Where later packets have come it is lost:
 * it is concealed for as long as it would have lasted, and skipped. Where none has come the network stalls: sound is
 * concealed while the place in the stream stands still, so that nothing is left out when packets come again; the delay
 * has then grown by the length of the stall and shrinks by playing faster.
 */
import { PLAYOUT } from "../limits.ts";
import { JitterBuffer, type VoicePart } from "./jitterBuffer.ts";
import { type Cut, findRemoval, findRepeat, remove, repeat, STRETCH } from "./timeStretch.ts";

/** Turns packets of one sender into sound, in order. Mono, 48 kHz. */
export interface FrameDecoder {
  /** One frame of samples, at most 20 ms; valid until the next call. */
  decode(opus: Uint8Array): Float32Array;
  /** As much sound as the last frame had, made up from what was before. */
  conceal(): Float32Array;
}

export interface PlayoutCounts {
  /** Packets that came after their time. */
  late: number;
  /** Frames made up in place of lost packets. */
  concealed: number;
  /** Frames made up while waiting in a stall. */
  waited: number;
  played: number;
  /** Frames left out because a stall was too long to catch up with. */
  skipped: number;
  /** Samples left out and played twice by stretching. */
  removedSamples: number;
  repeatedSamples: number;
  /** Times that sound had run dry before more was there. */
  restarts: number;
}

const SAMPLES_PER_MS = 48;
/** Samples that are kept behind the reading place, to repeat from. */
const HISTORY = STRETCH.maxLag + STRETCH.overlap;
const CAPACITY = 24_000;

/** The delay may be so far above and below its target. */
const ABOVE_MS = 6;
const BELOW_MS = -5;
/** From here on it matters more to be quick than to be fine. */
const FAR_MS = 40;

export class Playout {
  readonly counts: PlayoutCounts = {
    late: 0,
    concealed: 0,
    waited: 0,
    played: 0,
    skipped: 0,
    removedSamples: 0,
    repeatedSamples: 0,
    restarts: 0,
  };
  readonly #buffer: JitterBuffer;
  readonly #decoder: FrameDecoder;
  readonly #pcm = new Float32Array(CAPACITY);
  /** Where reading goes on, and where decoded sound ends. */
  #at = HISTORY;
  #end = HISTORY;
  /** The sequence number to be played next; -1 while nothing plays. */
  #next = -1;
  #lastPlayed = -1;
  /** Frames made up since the last real one. */
  #madeUp = 0;
  #silent = false;
  /** Samples to be played before the next stretch. */
  #restSamples = 0;
  readonly #cut: Cut = { lag: 0, likeness: 0 };

  constructor(decoder: FrameDecoder, frameMs: number) {
    this.#decoder = decoder;
    this.#buffer = new JitterBuffer(frameMs);
  }

  get isPlaying(): boolean {
    return this.#next >= 0;
  }

  /** Packets that wait to be decoded; at most `PLAYOUT.maxPackets`. */
  get heldPackets(): number {
    return this.#buffer.size;
  }

  /** What the buffer adds to the delay of the quickest packets, as it is and as it should be. */
  delayMs(nowMs: number): number {
    return this.#offsetMs(nowMs) - this.#buffer.fastestMs;
  }
  get targetDelayMs(): number {
    return this.#buffer.targetMs - this.#buffer.fastestMs;
  }

  /** A packet has come. `nowMs` is the clock that `read` goes by. */
  insert(sequence: number, part: VoicePart, nowMs: number, isCopy = false): void {
    // In a pause of the speaker's the place moves on through nothing, so a packet behind it has not been overtaken.
    const resumes = this.#silent && sequence < this.#next && sequence > this.#lastPlayed;
    if (resumes) this.#next = sequence;
    const passed = sequence <= this.#lastPlayed;
    const inserted = passed ? "late" : this.#buffer.insert(sequence, part, nowMs, this.#next, isCopy);
    if (inserted === "late" && !isCopy) this.counts.late++;
    if (inserted === "restart") this.#stop();
  }

  /** Fills `out` with the sound of the next `out.length` samples, at most 20 ms, the first of which is due at `nowMs`. */
  read(out: Float32Array, nowMs: number): void {
    if (!this.isPlaying && !this.#start(nowMs)) {
      this.#drain(out);
      return;
    }
    this.#fill(out.length, nowMs);
    this.#stretch(out.length, nowMs);
    this.#drain(out);
    this.#compact();
  }

  /** Plays what is left, then silence. */
  #drain(out: Float32Array): void {
    const ready = Math.min(out.length, this.#end - this.#at);
    out.set(this.#pcm.subarray(this.#at, this.#at + ready));
    if (ready < out.length) out.fill(0, ready);
    this.#at += ready;
    this.#restSamples = Math.max(0, this.#restSamples - ready);
  }

  /** Begins when the first packet has aged to the target. */
  #start(nowMs: number): boolean {
    const first = this.#buffer.first();
    if (first < 0) return false;
    const transitMs = nowMs - first * this.#buffer.frameMs;
    if (transitMs < this.#buffer.targetMs) return false;
    this.#next = first;
    this.#madeUp = 0;
    this.#silent = false;
    this.counts.restarts++;
    return true;
  }

  #stop(): void {
    this.#next = -1;
    this.#madeUp = 0;
    this.#silent = false;
  }

  /** Transit time of what is heard at `nowMs`: when it is played minus its media time. */
  #offsetMs(nowMs: number): number {
    const following = this.#buffer.first(this.#next);
    // Frames made up for lost packets stand for the ones that will be skipped.
    const covered = following > this.#next ? Math.min(this.#madeUp, following - this.#next) : 0;
    const aheadMs = (this.#end - this.#at) / SAMPLES_PER_MS;
    return nowMs - (this.#next + covered) * this.#buffer.frameMs + aheadMs;
  }

  /** Makes at least `wanted` samples ready, while playing goes on. */
  #fill(wanted: number, nowMs: number): void {
    while (this.isPlaying && this.#end - this.#at < wanted) {
      if (this.#madeUp * this.#buffer.frameMs >= PLAYOUT.idleAfterMs) this.#stop();
      else this.#produce(nowMs);
    }
  }

  /** One more frame: the next packet, or something in its place. */
  #produce(nowMs: number): void {
    this.#skipExcess(nowMs);
    if (this.#playNext()) return;
    const following = this.#buffer.first(this.#next);
    if (following >= 0 && following - this.#next <= this.#madeUp && !this.#silent) {
      this.#next = following;
      this.#playNext();
      return;
    }
    this.#append(this.#decoder.conceal());
    if (this.#silent) this.#next++;
    else {
      this.#madeUp++;
      if (following >= 0) this.counts.concealed++;
      else this.counts.waited++;
    }
  }

  /** Decodes the next packet if it is there. */
  #playNext(): boolean {
    const part = this.#buffer.take(this.#next);
    if (part === null) return false;
    this.#append(this.#decoder.decode(part.opus));
    this.#lastPlayed = this.#next++;
    this.#madeUp = 0;
    this.#silent = part.silenceFollows;
    this.counts.played++;
    return true;
  }

  /** After a stall that is too long to catch up with, goes on with what is new. */
  #skipExcess(nowMs: number): void {
    const frameMs = this.#buffer.frameMs;
    const excessMs = this.#offsetMs(nowMs) - this.#buffer.targetMs;
    if (excessMs <= PLAYOUT.maxExcessMs || this.#buffer.size === 0) return;
    this.#next += Math.floor(excessMs / frameMs);
    this.counts.skipped += this.#buffer.dropBelow(this.#next);
    this.#madeUp = 0;
  }

  #append(samples: Float32Array): void {
    this.#pcm.set(samples, this.#end);
    this.#end += samples.length;
  }

  /** Leaves out or repeats a piece where the delay is off its target, at most once in a while. */
  #stretch(wanted: number, nowMs: number): void {
    if (this.#restSamples > 0 || this.#madeUp > 0 || !this.isPlaying) return;
    const excessMs = this.#offsetMs(nowMs) - this.#buffer.targetMs;
    if (excessMs > ABOVE_MS) this.#shrink(excessMs, wanted);
    else if (excessMs < BELOW_MS) this.#grow(-excessMs);
  }

  #shrink(excessMs: number, wanted: number): void {
    const maxLag = Math.min(STRETCH.maxLag, Math.floor(excessMs * SAMPLES_PER_MS));
    while (this.#end - this.#at < maxLag + STRETCH.overlap + wanted) if (!this.#playNext()) break;
    const cut = this.#cut;
    findRemoval(this.#pcm, this.#at, this.#end - wanted, maxLag, cut);
    if (cut.lag === 0 || cut.likeness < leastLikeness(excessMs)) return;
    this.#at = remove(this.#pcm, this.#at, cut.lag);
    this.counts.removedSamples += cut.lag;
    this.#restSamples = restSamples(excessMs);
  }

  #grow(lackMs: number): void {
    const cut = this.#cut;
    const maxLag = Math.min(STRETCH.maxLag, Math.ceil((lackMs - BELOW_MS / 2) * SAMPLES_PER_MS));
    findRepeat(this.#pcm, this.#at, this.#end, maxLag, cut);
    if (cut.lag === 0 || cut.likeness < leastLikeness(lackMs)) return;
    this.#at = repeat(this.#pcm, this.#at, cut.lag);
    this.counts.repeatedSamples += cut.lag;
    this.#restSamples = restSamples(lackMs);
  }

  /** Keeps the history at the front of the buffer and room behind the sound. */
  #compact(): void {
    if (this.#end < CAPACITY / 2) return;
    const from = this.#at - HISTORY;
    this.#pcm.copyWithin(0, from, this.#end);
    this.#at -= from;
    this.#end -= from;
  }
}

/** How alike waves must be for a cut: the farther from the target, the less. */
const leastLikeness = (farMs: number): number => farMs > 2 * FAR_MS ? -1 : farMs > FAR_MS ? 0.3 : 0.7;

/** Sound between two cuts: 60 ms, or 20 ms where it is far. */
const restSamples = (farMs: number): number => (farMs > FAR_MS ? 20 : 60) * SAMPLES_PER_MS;
