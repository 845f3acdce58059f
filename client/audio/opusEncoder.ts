/** WebCodecs' Opus encoder, set up for speech: one encode for all listeners. */
import { VOICE } from "../../core/limits.ts";

/** The parts of the WebCodecs Opus registration that the DOM library does not know. */
interface OpusOptions {
  readonly frameDuration: number;
  readonly application: "lowdelay";
  readonly signal: "voice";
  readonly usedtx: boolean;
}

type EncoderConfig = AudioEncoderConfig & { readonly opus: OpusOptions };

export const encoderConfig = (frameMs: 10 | 20): EncoderConfig => ({
  codec: "opus",
  sampleRate: VOICE.sampleRateHz,
  numberOfChannels: 1,
  bitrate: VOICE.bitrateBps,
  // Constant, because the sizes of packets of variable rate tell what is being said.
  bitrateMode: "constant",
  // At 64 kbit/s CELT alone beats the speech modes at everything: 4 ms less delay, an eighth of the work, and closer to
  // the original on recorded voices (log-spectral distance 2.3 against 2.6 dB, and 2.7 against 2.9 at 20 % loss with
  // redundancy). "voip" would turn to the speech modes.
  opus: { frameDuration: frameMs * 1000, application: "lowdelay", signal: "voice", usedtx: false },
});

/** Calls `onPacket` with each Opus packet, in order. `onFailed` is called once, and nothing after it. */
export function createOpusEncoder(
  frameMs: 10 | 20,
  onPacket: (opus: Uint8Array<ArrayBuffer>) => void,
  onFailed: () => void,
): { encode(samples: Float32Array<ArrayBuffer>): void; close(): void } {
  const output = (chunk: EncodedAudioChunk) => {
    const opus = new Uint8Array(chunk.byteLength);
    chunk.copyTo(opus);
    onPacket(opus);
  };
  const encoder = new AudioEncoder({ output, error: onFailed });
  encoder.configure(encoderConfig(frameMs));
  let frames = 0;
  return {
    encode(samples) {
      if (encoder.state !== "configured") return;
      const data = new AudioData({
        format: "f32-planar",
        sampleRate: VOICE.sampleRateHz,
        numberOfFrames: samples.length,
        numberOfChannels: 1,
        timestamp: frames++ * frameMs * 1000,
        data: samples,
      });
      encoder.encode(data);
      data.close();
    },
    close() {
      if (encoder.state !== "closed") encoder.close();
    },
  };
}
