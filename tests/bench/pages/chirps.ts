/** A sound whose arrival can be told to the sample, and the arithmetic that tells it. */

export const CHIRP_EVERY_S = 1;
const CHIRP_SAMPLES = 9_600;
const FROM_HZ = 400;
const TO_HZ = 3_000;

/** 200 ms that sweep through the middle of speech, softly begun and ended. */
export function chirp(): Float32Array<ArrayBuffer> {
  const seconds = CHIRP_SAMPLES / 48_000;
  return Float32Array.from({ length: CHIRP_SAMPLES }, (_, i) => {
    const t = i / 48_000;
    const phase = 2 * Math.PI * (FROM_HZ * t + ((TO_HZ - FROM_HZ) * t * t) / (2 * seconds));
    return 0.5 * Math.sin(phase) * Math.sin((Math.PI * i) / CHIRP_SAMPLES) ** 2;
  });
}

/** Every fourth sample is enough for sounds below 3 kHz, and sixteen times quicker. */
const thin = (samples: Float32Array): Float32Array =>
  Float32Array.from({ length: Math.floor(samples.length / 4) }, (_, i) => samples[4 * i]!);

/** Where `pattern` fits best into `track` from `from` to `to`, and how well (1: exactly). */
function locate(track: Float32Array, pattern: Float32Array, from: number, to: number): { at: number; fit: number } {
  let best = { at: -1, fit: 0 };
  const patternPower = pattern.reduce((sum, x) => sum + x * x, 0);
  for (let at = from; at < Math.min(to, track.length - pattern.length); at++) {
    let cross = 0;
    let power = 1e-9;
    for (let i = 0; i < pattern.length; i++) {
      cross += pattern[i]! * track[at + i]!;
      power += track[at + i]! ** 2;
    }
    const fit = cross / Math.sqrt(power * patternPower);
    if (fit > best.fit) best = { at, fit };
  }
  return best;
}

/** By chirp: ms from mouth to ear. A chirp that did not arrive recognisably gives none. */
export function delays(mouth: Float32Array, ear: Float32Array): number[] {
  const [source, heard, pattern] = [thin(mouth), thin(ear), thin(chirp())];
  const step = CHIRP_EVERY_S * 12_000;
  const found: number[] = [];
  for (let from = 0; from + step + pattern.length <= source.length; from += step) {
    const said = locate(source, pattern, from, from + step);
    if (said.fit < 0.8) continue;
    const arrived = locate(heard, pattern, said.at, said.at + 6_000);
    if (arrived.fit > 0.6) found.push((arrived.at - said.at) / 12);
  }
  return found;
}
