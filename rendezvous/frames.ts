/** Frames behind an unsigned varint length on a stream of libp2p: taken one by one, and sent as fast as they go out. */
import type { Stream } from "@libp2p/interface";
import { Uint8ArrayList } from "uint8arraylist";
import type { Clock } from "./clock.ts";
import { type Frame, FrameReader } from "./frameReader.ts";

export interface FrameStream {
  next(): Promise<Frame>;
  /** Resolves when the stream can take more. */
  send(bytes: Uint8Array): Promise<void>;
}

/** Frames of at most `maxBytes`; with `idleMs`, a stream on which none is complete for that long is at its end. */
export function frameStream(stream: Stream, maxBytes: number, clock: Clock, idleMs: number | null): FrameStream {
  const reader = new FrameReader({ stream, maxBytes, held: () => {}, nowMs: () => clock.nowMs() });
  const heard = idleMs === null ? () => {} : endWhenIdle(stream, reader, clock, idleMs);
  return {
    async next() {
      const frame = await reader.next();
      heard();
      return frame;
    },
    async send(payload) {
      if (!stream.send(new Uint8ArrayList(varint(payload.length), payload))) await drained(stream);
    },
  };
}

/** The stream's own `onDrain` waits once only: the promise of the first drain stays resolved for all that follow. */
function drained(stream: Stream): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const closed = () => reject(new Error("the stream has closed"));
  stream.addEventListener("drain", () => resolve(), { once: true });
  stream.addEventListener("close", closed, { once: true });
  if (stream.status !== "open") closed();
  return promise.finally(() => stream.removeEventListener("close", closed));
}

/** One timer for a stream and not for each of its frames, which can be many. Returns what is called at each of them. */
function endWhenIdle(stream: Stream, reader: FrameReader, clock: Clock, idleMs: number): () => void {
  let heardAtMs = clock.nowMs();
  let cancel = wait(idleMs);
  stream.addEventListener("close", () => cancel());
  function wait(delayMs: number): () => void {
    return clock.after(delayMs, () => {
      const leftMs = heardAtMs + idleMs - clock.nowMs();
      if (leftMs > 0) cancel = wait(leftMs);
      else reader.drop();
    });
  }
  return () => heardAtMs = clock.nowMs();
}

export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}
