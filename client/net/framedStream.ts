/** A stream of the rendezvous as frames that are read one after the other. */
import type { Stream } from "@libp2p/interface";
import { DISCOVERY } from "../limits.ts";
import { encodeFrame, FrameReader } from "./frames.ts";

export interface FramedStream {
  send(frame: Uint8Array): void;
  /**
   * The next frame, `null` where the stream has ended, however that was. Rejects on malformed bytes, and after `timeoutMs`
   * where it is given.
   */
  next(timeoutMs?: number): Promise<Uint8Array | null>;
  close(): void;
}

export interface FramedStreamBounds {
  readonly maxFrameBytes: number;
  /** Frames not yet asked for, above which the stream is not read on. */
  readonly maxWaitingFrames: number;
}

export function framedStream(stream: Stream, bounds: FramedStreamBounds = DISCOVERY): FramedStream {
  const reader = new FrameReader(bounds.maxFrameBytes);
  const frames: Uint8Array[] = [];
  let end: Error | "ended" | null = null;
  let wake = () => {};

  const finish = (how: Error | "ended") => {
    end ??= how;
    wake();
  };
  stream.addEventListener("message", ({ data }) => {
    const read = reader.push(data.subarray());
    if (!read.ok) {
      finish(new Error(read.reason));
      stream.abort(new Error(read.reason));
      return;
    }
    frames.push(...read.value);
    if (frames.length > bounds.maxWaitingFrames && stream.readStatus === "readable") stream.pause();
    wake();
  });
  stream.addEventListener("end", () => finish("ended"));
  stream.addEventListener("close", () => finish("ended"));
  if (stream.status !== "open") finish("ended");

  return {
    send: (frame) => void stream.send(encodeFrame(frame)),
    async next(timeoutMs) {
      if (frames.length === 0 && end === null) {
        await new Promise<void>((resolve, reject) => {
          const timer = timeoutMs && setTimeout(() => reject(new Error("no answer")), timeoutMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      const frame = frames.shift();
      if (frames.length === 0 && stream.readStatus === "paused") stream.resume();
      if (frame !== undefined) return frame;
      if (end instanceof Error) throw end;
      return null;
    },
    close: () => void stream.close().catch(() => {}),
  };
}
