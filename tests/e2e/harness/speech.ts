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
