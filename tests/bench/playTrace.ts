/** Plays a trace through a buffer, offline, and hears what comes out: the sound is a ramp that tells its media time. */
import type { FrameDecoder } from "../../core/voice/playout.ts";
import { Playout } from "../../core/voice/playout.ts";
import type { Trace } from "./delayTraces.ts";

const QUANTUM = 128;
const SAMPLES_PER_MS = 48;
/** The ramp rises by one in 100 s; a 32-bit float then resolves 0.01 ms. */
const MS_PER_UNIT = 100_000;

export interface Heard {
  /** By quantum of 2.67 ms: media time that was heard, in ms; NaN in silence. */
  readonly mediaMs: Float64Array;
  /** By quantum: its moment. */
  readonly atMs: (quantum: number) => number;
  readonly late: number;
  readonly lostOrLate: number;
  /** Frames of made-up sound while playing, for loss and in stalls. */
  readonly madeUp: number;
  readonly stretchedSamples: number;
  readonly samples: number;
  readonly decoded: readonly number[];
  readonly maxHeld: number;
}

const atMs = (quantum: number): number => (quantum * QUANTUM) / SAMPLES_PER_MS;

/** Packets name their sequence number; the decoder makes the ramp and goes on with it where it has to make sound up. */
class RampDecoder implements FrameDecoder {
  readonly decoded: number[] = [];
  madeUp = 0;
  readonly #frame: Float32Array;
  #media = 0;

  constructor(readonly frameMs: number) {
    this.#frame = new Float32Array(frameMs * SAMPLES_PER_MS);
  }

  decode(opus: Uint8Array): Float32Array {
    const sequence = new DataView(opus.buffer).getUint32(0);
    this.decoded.push(sequence);
    this.#media = sequence * this.frameMs;
    return this.#ramp();
  }

  conceal(): Float32Array {
    this.madeUp++;
    return this.#frame.fill(this.#media / MS_PER_UNIT + 1);
  }

  #ramp(): Float32Array {
    for (let i = 0; i < this.#frame.length; i++) {
      this.#frame[i] = (this.#media + i / SAMPLES_PER_MS) / MS_PER_UNIT + 1;
    }
    this.#media += this.frameMs;
    return this.#frame;
  }
}

export function packet(sequence: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, sequence);
  return bytes;
}

/** Through the adaptive buffer. `pieceQuanta`: the sound card fetches so many quanta at a time. */
export function playAdaptive(trace: Trace, frameMs: number, pieceQuanta = 1): Heard {
  const decoder = new RampDecoder(frameMs);
  const playout = new Playout(decoder, frameMs);
  const quanta = Math.floor((trace.sentCount * frameMs) / atMs(1));
  const mediaMs = new Float64Array(quanta).fill(NaN);
  const out = new Float32Array(QUANTUM);
  let arrived = 0;
  let maxHeld = 0;
  for (let quantum = 0; quantum < quanta; quantum++) {
    const nowMs = atMs(quantum);
    const fetchedMs = atMs(quantum - (quantum % pieceQuanta));
    for (; trace.arrivals[arrived] !== undefined && trace.arrivals[arrived]!.atMs <= fetchedMs; arrived++) {
      const { sequence } = trace.arrivals[arrived]!;
      playout.insert(sequence, { opus: packet(sequence), silenceFollows: false }, nowMs);
      maxHeld = Math.max(maxHeld, playout.heldPackets);
    }
    playout.read(out, nowMs);
    if (out[0]! > 0.5) mediaMs[quantum] = (out[0]! - 1) * MS_PER_UNIT;
  }
  const { late, removedSamples, repeatedSamples } = playout.counts;
  return {
    mediaMs,
    atMs,
    late,
    lostOrLate: late + trace.sentCount - trace.arrivals.length,
    madeUp: decoder.madeUp,
    stretchedSamples: removedSamples + repeatedSamples,
    samples: quanta * QUANTUM,
    decoded: decoder.decoded,
    maxHeld,
  };
}

/** Through a buffer of fixed delay: a packet plays at its time after the first one, or never. */
export function playFixed(trace: Trace, frameMs: number, delayMs: number): Heard {
  const first = trace.arrivals[0]!;
  const offsetMs = first.atMs - first.sequence * frameMs + delayMs;
  const inTime = new Set<number>();
  let late = 0;
  for (const { sequence, atMs: arrivedMs } of trace.arrivals) {
    if (arrivedMs <= sequence * frameMs + offsetMs) inTime.add(sequence);
    else late++;
  }
  const quanta = Math.floor((trace.sentCount * frameMs) / atMs(1));
  const mediaMs = Float64Array.from({ length: quanta }, (_, quantum) => {
    const position = atMs(quantum) - offsetMs;
    return position < 0 ? NaN : position;
  });
  const due = Math.floor((trace.sentCount * frameMs - offsetMs) / frameMs);
  let madeUp = 0;
  for (let sequence = 0; sequence < due; sequence++) if (!inTime.has(sequence)) madeUp++;
  return {
    mediaMs,
    atMs,
    late,
    lostOrLate: late + trace.sentCount - trace.arrivals.length,
    madeUp,
    stretchedSamples: 0,
    samples: quanta * QUANTUM,
    decoded: [...inTime],
    maxHeld: 0,
  };
}
