/**
 * Frames on a stream: an unsigned varint length, then that many bytes. Kept apart from any stream, so that it can be fed
 * whatever the network makes of the bytes.
 */
import { concat } from "../../core/wire/bytes.ts";
import { ok, refuse, type Result } from "../../core/errors.ts";

/** Seven bits each: enough for 2^21 - 1, more than any frame of ours. */
const MAX_LENGTH_BYTES = 3;

export function encodeFrame(frame: Uint8Array): Uint8Array {
  const head: number[] = [];
  let rest = frame.length;
  for (; rest >= 0x80; rest >>>= 7) head.push((rest & 0x7f) | 0x80);
  return concat(Uint8Array.of(...head, rest), frame);
}

export class FrameReader {
  #buffer: Uint8Array = new Uint8Array(0);
  #refused = false;

  constructor(private readonly maxFrameBytes: number) {}

  /** The frames that `bytes` complete. After a refusal nothing more is accepted. */
  push(bytes: Uint8Array): Result<readonly Uint8Array[], "wire.too-large" | "wire.malformed"> {
    if (this.#refused) return refuse("wire.malformed");
    this.#buffer = this.#buffer.length === 0 ? bytes.slice() : concat(this.#buffer, bytes);
    const frames: Uint8Array[] = [];
    let at = 0;
    while (true) {
      const head = readLength(this.#buffer, at);
      if (head === null) break;
      if (head === "malformed" || head.length > this.maxFrameBytes) {
        this.#refused = true;
        this.#buffer = new Uint8Array(0);
        return refuse(head === "malformed" ? "wire.malformed" : "wire.too-large");
      }
      if (this.#buffer.length < head.end + head.length) break;
      frames.push(this.#buffer.slice(head.end, head.end + head.length));
      at = head.end + head.length;
    }
    this.#buffer = this.#buffer.slice(at);
    return ok(frames);
  }

  /** Whether the stream ended in the middle of a frame. */
  get isBetweenFrames(): boolean {
    return this.#buffer.length === 0;
  }
}

/** `null` where the length is not complete yet. Lengths have one form only: the shortest. */
function readLength(bytes: Uint8Array, at: number): { length: number; end: number } | "malformed" | null {
  let length = 0;
  for (let i = 0; i < MAX_LENGTH_BYTES; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return null;
    length |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return i > 0 && byte === 0 ? "malformed" : { length, end: at + i + 1 };
  }
  return "malformed";
}
