/** Records what goes in at the mouth and what comes out at the ear, on one clock. Answers "take" with both. */
import { type WorkletProcessor, workletScope } from "../../../client/audio/workletGlobals.ts";

const SECONDS = 30;

class ProbeProcessor extends workletScope.AudioWorkletProcessor implements WorkletProcessor {
  readonly #tracks = [0, 1].map(() => new Float32Array(SECONDS * 48_000));
  #at = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<"start" | "take">) => {
      if (data === "take") this.port.postMessage(this.#tracks.map((track) => track.slice(0, this.#at)));
      this.#at = 0;
    };
  }

  process(inputs: readonly (readonly Float32Array[])[]): boolean {
    if (this.#at + 128 > SECONDS * 48_000) return true;
    this.#tracks.forEach((track, i) => {
      const quantum = inputs[i]?.[0];
      if (quantum !== undefined) track.set(quantum, this.#at);
      else track.fill(0, this.#at, this.#at + 128);
    });
    this.#at += 128;
    return true;
  }
}

workletScope.registerProcessor("probe", ProbeProcessor);
