/** Recorded human speech for fake microphones: Debian's prompts for telephone systems, two different readings. */
import { join } from "node:path";

export const SPEECH_FOLDER = "/usr/share/asterisk/sounds/en_US_f_Allison";

const READINGS = [
  ["demo-instruct"],
  ["demo-congrats", "priv-callee-options", "basic-pbx-ivr-main"],
] as const;

export interface Recording {
  /** A 48 kHz mono WAV file; the fake microphone plays it over and over. */
  readonly path: string;
  /** Loudness of each hundredth of a second. */
  readonly envelope: Float64Array;
}

export const RATE_HZ = 48_000;
export const ENVELOPE_HZ = 100;

export async function makeRecordings(folder: string): Promise<readonly [Recording, Recording]> {
  const made = await Promise.all(READINGS.map((names, i) => record(names, join(folder, `reading-${i}.wav`))));
  return made as unknown as readonly [Recording, Recording];
}

async function record(names: readonly string[], path: string): Promise<Recording> {
  const inputs = names.flatMap((name) => ["-f", "g722", "-i", join(SPEECH_FOLDER, `${name}.g722`)]);
  const joined = `concat=n=${names.length}:v=0:a=1,loudnorm=I=-18,aresample=${RATE_HZ}`;
  await ffmpeg([...inputs, "-filter_complex", joined, "-ac", "1", "-c:a", "pcm_s16le", path]);
  const raw = await ffmpeg(["-i", path, "-f", "s16le", "-"]);
  return { path, envelope: envelopeOf(new Int16Array(raw.buffer, raw.byteOffset, raw.byteLength >> 1)) };
}

async function ffmpeg(args: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
  const { success, stdout, stderr } = await new Deno.Command("ffmpeg", {
    args: ["-hide_banner", "-loglevel", "error", "-y", ...args],
    stdin: "null",
  }).output();
  if (!success) throw new Error(`ffmpeg: ${new TextDecoder().decode(stderr)}`);
  return new Uint8Array(stdout);
}

function envelopeOf(samples: Int16Array): Float64Array {
  const step = RATE_HZ / ENVELOPE_HZ;
  return Float64Array.from({ length: Math.floor(samples.length / step) }, (_, i) => {
    let energy = 0;
    for (let at = i * step; at < (i + 1) * step; at++) energy += (samples[at]! / 32768) ** 2;
    return Math.sqrt(energy / step);
  });
}

export interface Match {
  /** Correlation of the loudness at the best place, -1 to 1. */
  readonly likeness: number;
  /** That place in the recording, in hundredths of a second. */
  readonly at: number;
}

/** Where in the endless recording `heard` fits best. Loudness is compared by its square root, as ears roughly do. */
export function match(heard: Float64Array, recording: Recording): Match {
  const probe = centred(heard.map(Math.sqrt));
  const probeEnergy = probe.reduce((sum, value) => sum + value * value, 0);
  const length = recording.envelope.length;
  const endless = Float64Array.from(
    { length: length + probe.length },
    (_, i) => Math.sqrt(recording.envelope[i % length]!),
  );
  const sums = prefixSums(endless);
  const squares = prefixSums(endless.map((value) => value * value));
  let best: Match = { likeness: -1, at: 0 };
  for (let at = 0; at < length; at++) {
    const sum = sums[at + probe.length]! - sums[at]!;
    const energy = squares[at + probe.length]! - squares[at]! - (sum * sum) / probe.length;
    // The probe's mean is zero, so the piece's own mean does not count in the product.
    let product = 0;
    for (let i = 0; i < probe.length; i++) product += probe[i]! * endless[at + i]!;
    const likeness = product / Math.sqrt(probeEnergy * energy || 1);
    if (likeness > best.likeness) best = { likeness, at };
  }
  return best;
}

function centred(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}

/** `sums[n]` is the sum of the first n values. */
function prefixSums(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length + 1);
  values.forEach((value, i) => sums[i + 1] = sums[i]! + value);
  return sums;
}

export interface Hearing {
  /** Share of windows in which the voice is clearly the other's, 0 to 1. */
  readonly clear: number;
  /** Share of windows that are more like one's own recording than like the other's. */
  readonly own: number;
  /** Share of clear windows whose place in the recording goes on steadily from the first one's, within a fifth of a second. */
  readonly steady: number;
}

const WINDOW = 4 * ENVELOPE_HZ;
const CLEAR = 0.8;
const STEADY = 0.2 * ENVELOPE_HZ;

/**
 * What a listener heard, in windows of four seconds. Windows are judged one by one, because a jitter buffer that changes
 * its delay moves what comes after against what came before.
 */
export function judge(heard: Float64Array, other: Recording, own: Recording): Hearing {
  const windows = Array.from({ length: Math.floor(heard.length / WINDOW) }, (_, i) => {
    const piece = heard.slice(i * WINDOW, (i + 1) * WINDOW);
    return { from: i * WINDOW, theirs: match(piece, other), mine: match(piece, own) };
  });
  const clear = windows.filter(({ theirs, mine }) => theirs.likeness > CLEAR && theirs.likeness > mine.likeness);
  const length = other.envelope.length;
  const offsets = clear.map(({ from, theirs }) => (theirs.at - from + 100 * length) % length);
  const usual = offsets.toSorted((a, b) => a - b)[Math.floor(offsets.length / 2)] ?? 0;
  const steady = offsets.filter((offset) => {
    const apart = Math.abs(offset - usual);
    return Math.min(apart, length - apart) <= STEADY;
  });
  return {
    clear: clear.length / windows.length,
    own: windows.filter(({ theirs, mine }) => mine.likeness > theirs.likeness).length / windows.length,
    steady: steady.length / Math.max(1, clear.length),
  };
}
