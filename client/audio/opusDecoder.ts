/** libopus as the decoder of a playout: frames in order, and concealment by the decoder's own means. */
import "./workletShims.ts";
import { OpusDecoder } from "opus-decoder";
import type { FrameDecoder } from "../../core/voice/playout.ts";

/** Everything of a packet's first byte but the count of frames, which then is one (RFC 6716, 3.1). */
const TOC_OF_ONE_FRAME = 0xfc;
/** CELT, fullband, 10 and 20 ms: what to conceal with before any packet was seen. */
const FIRST_TOC = { 10: 0xf0, 20: 0xf8 } as const;

export class OpusFrameDecoder implements FrameDecoder {
  readonly #decoder: OpusDecoder;
  readonly #samples: number;
  /** A packet that holds a frame of no bytes: libopus takes it for a lost one and conceals it. */
  readonly #lost: Uint8Array;

  private constructor(decoder: OpusDecoder, frameMs: 10 | 20) {
    this.#decoder = decoder;
    this.#samples = frameMs * 48;
    this.#lost = Uint8Array.of(FIRST_TOC[frameMs]);
  }

  static async create(frameMs: 10 | 20): Promise<OpusFrameDecoder> {
    const decoder = new OpusDecoder({ channels: 1, streamCount: 1, coupledStreamCount: 0, channelMappingTable: [0] });
    await decoder.ready;
    return new OpusFrameDecoder(decoder, frameMs);
  }

  /** A broken packet, or one that lasts longer or shorter than agreed, is concealed. */
  decode(opus: Uint8Array): Float32Array {
    const sound = opus.length > 1 ? this.#decoder.decodeFrame(opus).channelData[0] : undefined;
    if (sound === undefined || sound.length !== this.#samples) return this.conceal();
    this.#lost[0] = opus[0]! & TOC_OF_ONE_FRAME;
    return sound;
  }

  conceal(): Float32Array {
    const sound = this.#decoder.decodeFrame(this.#lost).channelData[0];
    return sound?.length === this.#samples ? sound : new Float32Array(this.#samples);
  }

  free(): void {
    this.#decoder.free();
  }
}
