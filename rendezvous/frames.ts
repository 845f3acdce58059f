/** Frames behind an unsigned varint length on a stream of libp2p, with the reasons of their refusal told apart. */
import type { Stream } from "@libp2p/interface";
import { byteStream } from "@libp2p/utils";
import { concat } from "../core/wire/bytes.ts";
import type { Clock } from "./clock.ts";
import { STREAMS } from "./limits.ts";

export type Frame =
  | { readonly t: "frame"; readonly bytes: Uint8Array }
  /** The stream was closed between two frames, or by the clock. */
  | { readonly t: "end" }
  | { readonly t: "too-large" }
  /** Not a length, or the stream ended inside a frame. */
  | { readonly t: "malformed" };

export interface FrameStream {
  next(): Promise<Frame>;
  /** Resolves when the stream can take more. */
  send(bytes: Uint8Array): Promise<void>;
}

/** Frames of at most `maxBytes`; with `idleMs`, a stream on which none is complete for that long is at its end. */
export function frameStream(stream: Stream, maxBytes: number, clock: Clock, idleMs: number | null): FrameStream {
  const bytes = byteStream(stream, { maxBufferSize: Math.max(STREAMS.maxReadBufferBytes, 2 * maxBytes) });

  async function readLength(signal: AbortSignal): Promise<number | "end" | "malformed"> {
    let length = 0;
    for (let at = 0; at < STREAMS.maxLengthBytes; at++) {
      const byte = (await bytes.read({ bytes: 1, signal }).catch(() => null))?.get(0);
      if (byte === undefined) return at === 0 || signal.aborted ? "end" : "malformed";
      length += (byte & 0x7f) * 2 ** (7 * at);
      if (byte < 0x80) return length;
    }
    return "malformed";
  }

  async function read(signal: AbortSignal): Promise<Frame> {
    const length = await readLength(signal);
    if (typeof length !== "number") return { t: length };
    if (length > maxBytes) return { t: "too-large" };
    if (length === 0) return { t: "frame", bytes: new Uint8Array(0) };
    const body = await bytes.read({ bytes: length, signal }).catch(() => null);
    if (body === null) return { t: signal.aborted ? "end" : "malformed" };
    return { t: "frame", bytes: body.slice() };
  }

  return {
    async next() {
      const idle = new AbortController();
      const cancel = idleMs === null ? null : clock.after(idleMs, () => idle.abort());
      const frame = await read(idle.signal);
      cancel?.();
      return frame;
    },
    send: (payload) => bytes.write(concat(varint(payload.length), payload)),
  };
}

export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}
