/** Frames behind an unsigned varint length, taken one by one from a stream: what is not taken holds the stream up. */
import type { Stream, StreamMessageEvent } from "@libp2p/interface";
import { Uint8ArrayList } from "uint8arraylist";
import { STREAMS } from "./limits.ts";

/** What came, with the reasons of its refusal told apart. */
export type Frame =
  | { readonly t: "frame"; readonly bytes: Uint8Array }
  /** The stream was closed between two frames, or by the clock. */
  | { readonly t: "end" }
  | { readonly t: "too-large" }
  /** Not a length, or the stream ended inside a frame. */
  | { readonly t: "malformed" };

export interface FrameReaderInit {
  readonly stream: Stream;
  readonly maxBytes: number;
  /** So many bytes more wait here, or fewer: what was taken does not. */
  readonly held: (deltaBytes: number) => void;
  readonly nowMs: () => number;
}

/** The length of the frame in front and of its head; `short` where the head is not complete. */
type Head = { readonly length: number; readonly headBytes: number } | "short" | "malformed";

export class FrameReader {
  readonly #init: FrameReaderInit;
  readonly #buffer = new Uint8ArrayList();
  #wake: (() => void) | null = null;
  #hasEnded: boolean;
  #isDropped: boolean;
  /** When the first byte came of a frame that is not complete. */
  #partialSinceMs: number | null = null;

  constructor(init: FrameReaderInit) {
    this.#init = init;
    const { stream } = init;
    this.#hasEnded = stream.readableEnded;
    this.#isDropped = stream.status !== "open";
    stream.addEventListener("message", ({ data }: StreamMessageEvent) => this.#receive(data));
    stream.addEventListener("end", () => {
      this.#hasEnded = true;
      this.#wake?.();
    });
    // Reset, or without a connection: nobody waits for answers to what is left.
    stream.addEventListener("close", () => this.drop());
  }

  get partialSinceMs(): number | null {
    return this.#partialSinceMs;
  }

  #receive(data: Uint8Array | Uint8ArrayList): void {
    if (this.#isDropped) return;
    this.#buffer.append(data);
    this.#init.held(data.byteLength);
    if (this.#wake !== null) this.#wake();
    else if (this.#buffer.byteLength > this.#init.maxBytes) this.#pause();
  }

  #pause(): void {
    if (this.#init.stream.readStatus === "readable") this.#init.stream.pause();
  }

  #resume(): void {
    if (this.#init.stream.readStatus === "paused") this.#init.stream.resume();
  }

  async next(): Promise<Frame> {
    while (true) {
      if (this.#isDropped) return { t: "end" };
      const frame = this.#take();
      if (frame !== null) return frame;
      if (this.#hasEnded) return { t: this.#buffer.byteLength === 0 ? "end" : "malformed" };
      const more = new Promise<void>((resolve) => this.#wake = resolve);
      this.#resume();
      await more;
      this.#wake = null;
    }
  }

  /** Throws away what was not taken, and what still comes. */
  drop(): void {
    this.#isDropped = true;
    const { byteLength } = this.#buffer;
    this.#buffer.consume(byteLength);
    this.#init.held(-byteLength);
    this.#partialSinceMs = null;
    this.#wake?.();
  }

  #take(): Frame | null {
    const head = this.#head();
    if (head === "malformed") return { t: "malformed" };
    if (head !== "short" && head.length > this.#init.maxBytes) return { t: "too-large" };
    if (head === "short" || this.#buffer.byteLength < head.headBytes + head.length) {
      if (this.#buffer.byteLength > 0) this.#partialSinceMs ??= this.#init.nowMs();
      return null;
    }
    this.#partialSinceMs = null;
    // A copy only where it came in several pieces.
    const bytes = this.#buffer.subarray(head.headBytes, head.headBytes + head.length);
    this.#buffer.consume(head.headBytes + head.length);
    this.#init.held(-head.headBytes - head.length);
    return { t: "frame", bytes };
  }

  #head(): Head {
    let length = 0;
    for (let at = 0; at < STREAMS.maxLengthBytes; at++) {
      if (at === this.#buffer.byteLength) return "short";
      const byte = this.#buffer.get(at);
      length += (byte & 0x7f) * 2 ** (7 * at);
      if (byte < 0x80) return { length, headBytes: at + 1 };
    }
    return "malformed";
  }
}
