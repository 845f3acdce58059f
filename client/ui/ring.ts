/** A soft two-tone ring, made here so that there is no file to load: 16-bit mono PCM in a WAV container. */
const RATE_HZ = 16_000;
const LENGTH_S = 3;
const TONES = [{ atS: 0, hz: 523.25 }, { atS: 0.18, hz: 659.25 }, { atS: 0.7, hz: 523.25 }, { atS: 0.88, hz: 659.25 }];
/** Time in which a tone falls to about a third. */
const FADE_S = 0.16;
const LOUDNESS = 0.22;
const VIBRATION_MS = [200, 120, 200, 1_500];

/** Rings until the returned function is called. Browsers that refuse to play without a click stay silent. */
export function ring(): () => void {
  const url = URL.createObjectURL(new Blob([wav(samples())], { type: "audio/wav" }));
  const player = new Audio(url);
  player.loop = true;
  player.play().catch(() => {});
  // Browsers refuse, with a warning, before the person has touched the page.
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(VIBRATION_MS);
  return () => {
    player.pause();
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(0);
    URL.revokeObjectURL(url);
  };
}

function samples(): Int16Array<ArrayBuffer> {
  const sound = new Int16Array(RATE_HZ * LENGTH_S);
  for (let i = 0; i < sound.length; i++) {
    let value = 0;
    for (const { atS, hz } of TONES) {
      const sinceS = i / RATE_HZ - atS;
      if (sinceS > 0) value += Math.sin(2 * Math.PI * hz * sinceS) * Math.exp(-sinceS / FADE_S);
    }
    sound[i] = Math.round(value * LOUDNESS * 0x7fff);
  }
  return sound;
}

/** RIFF/WAVE header of 44 bytes, little-endian, then the samples. */
function wav(sound: Int16Array<ArrayBuffer>): ArrayBuffer {
  const bytes = new ArrayBuffer(44 + sound.byteLength);
  const view = new DataView(bytes);
  const text = (at: number, value: string) => [...value].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + sound.byteLength, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE_HZ, true);
  view.setUint32(28, RATE_HZ * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, sound.byteLength, true);
  sound.forEach((value, i) => view.setInt16(44 + 2 * i, value, true));
  return bytes;
}
