/** Cuts the microphone's sound into frames and hands each to those who encode. Runs on the audio thread. */
import type { ToCapture } from "./messages.ts";
import { type WorkletProcessor, workletScope } from "./workletGlobals.ts";

const SAMPLES_PER_MS = 48;

interface Sink {
  readonly port: MessagePort;
  readonly samples: number;
  frame: Float32Array<ArrayBuffer>;
  filled: number;
}

class CaptureProcessor extends workletScope.AudioWorkletProcessor implements WorkletProcessor {
  readonly #sinks = new Map<string, Sink>();

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<ToCapture>) => {
      this.#sinks.get(data.id)?.port.close();
      if (data.t === "remove") this.#sinks.delete(data.id);
      else {
        const samples = data.frameMs * SAMPLES_PER_MS;
        this.#sinks.set(data.id, { port: data.port, samples, frame: new Float32Array(samples), filled: 0 });
      }
    };
  }

  process(inputs: readonly (readonly Float32Array[])[]): boolean {
    const quantum = inputs[0]?.[0];
    // Without a source there is no quantum: nobody is connected, or the device went away.
    if (quantum !== undefined) { for (const sink of this.#sinks.values()) fill(sink, quantum); }
    return true;
  }
}

function fill(sink: Sink, quantum: Float32Array): void {
  let at = 0;
  while (at < quantum.length) {
    const taken = Math.min(quantum.length - at, sink.samples - sink.filled);
    sink.frame.set(quantum.subarray(at, at + taken), sink.filled);
    sink.filled += taken;
    at += taken;
    if (sink.filled < sink.samples) continue;
    sink.port.postMessage(sink.frame, [sink.frame.buffer]);
    sink.frame = new Float32Array(sink.samples);
    sink.filled = 0;
  }
}

workletScope.registerProcessor("securecomm-capture", CaptureProcessor);
