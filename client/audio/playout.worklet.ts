/** Plays every sender's packets: jitter buffer, decoder, volume, mix. Runs on the audio thread. */
import { Playout } from "../../core/voice/playout.ts";
import { Limiter } from "./limiter.ts";
import type { FromPlayout, PlayFrame, ToPlayout } from "./messages.ts";
import { OpusFrameDecoder } from "./opusDecoder.ts";
import { type WorkletProcessor, workletScope } from "./workletGlobals.ts";

const QUANTUM = 128;
const REPORT_EVERY_QUANTA = 75;

interface Stream {
  readonly id: string;
  readonly port: MessagePort;
  readonly playout: Playout;
  readonly decoder: OpusFrameDecoder;
  gain: number;
  /** Sum of squares since the last report. */
  energy: number;
}

class PlayoutProcessor extends workletScope.AudioWorkletProcessor implements WorkletProcessor {
  readonly #streams = new Map<string, Stream>();
  /** Streams whose decoder is being set up; one that is removed meanwhile is gone from here. */
  readonly #opening = new Map<string, MessagePort>();
  readonly #gains = new Map<string, number>();
  readonly #sound = new Float32Array(QUANTUM);
  readonly #limiter = new Limiter();
  #quanta = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<ToPlayout>) => {
      if (data.t === "add") void this.#add(data.id, data.port, data.frameMs);
      else if (data.t === "remove") this.#remove(data.id);
      else this.#setVolume(data.id, data.gain);
    };
  }

  process(_inputs: unknown, outputs: readonly (readonly Float32Array[])[]): boolean {
    const mix = outputs[0]?.[0];
    if (mix === undefined) return true;
    const nowMs = this.#nowMs();
    for (const stream of this.#streams.values()) this.#play(stream, mix, nowMs);
    if (this.#streams.size > 0) this.#limiter.apply(mix);
    for (const channel of outputs[0]!.slice(1)) channel.set(mix);
    if (++this.#quanta % REPORT_EVERY_QUANTA === 0) {
      for (const stream of this.#streams.values()) {
        this.#report(stream);
      }
    }
    return true;
  }

  #play(stream: Stream, mix: Float32Array, nowMs: number): void {
    const sound = this.#sound;
    stream.playout.read(sound, nowMs);
    for (let i = 0; i < QUANTUM; i++) {
      const sample = sound[i]! * stream.gain;
      mix[i]! += sample;
      stream.energy += sample * sample;
    }
  }

  async #add(id: string, port: MessagePort, frameMs: 10 | 20): Promise<void> {
    this.#remove(id);
    this.#opening.set(id, port);
    const decoder = await OpusFrameDecoder.create(frameMs);
    if (this.#opening.get(id) !== port) {
      decoder.free();
      return;
    }
    this.#opening.delete(id);
    const playout = new Playout(decoder, frameMs);
    port.onmessage = ({ data }: MessageEvent<PlayFrame>) =>
      playout.insert(data.sequence, data, this.#nowMs(), data.isCopy);
    this.#streams.set(id, { id, port, playout, decoder, gain: this.#gains.get(id) ?? 1, energy: 0 });
  }

  #remove(id: string): void {
    this.#opening.get(id)?.close();
    this.#opening.delete(id);
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    stream.port.close();
    stream.decoder.free();
    this.#streams.delete(id);
  }

  #setVolume(id: string, gain: number): void {
    this.#gains.set(id, gain);
    const stream = this.#streams.get(id);
    if (stream !== undefined) stream.gain = gain;
  }

  #nowMs(): number {
    return (workletScope.currentFrame / workletScope.sampleRate) * 1000;
  }

  #report(stream: Stream): void {
    const { counts } = stream.playout;
    const report: FromPlayout = {
      t: "stream",
      id: stream.id,
      level: Math.sqrt(stream.energy / (REPORT_EVERY_QUANTA * QUANTUM)),
      delayMs: stream.playout.isPlaying ? stream.playout.delayMs(this.#nowMs()) : 0,
      targetMs: stream.playout.targetDelayMs,
      played: counts.played,
      concealed: counts.concealed,
      waited: counts.waited,
      late: counts.late,
      stretchedSamples: counts.removedSamples + counts.repeatedSamples,
    };
    stream.energy = 0;
    this.port.postMessage(report);
  }
}

workletScope.registerProcessor("securecomm-playout", PlayoutProcessor);
