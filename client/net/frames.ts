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
  #head: number[] = [];
  #frame: Uint8Array | null = null;
  #filledBytes = 0;
  #refused = false;

  constructor(private readonly maxFrameBytes: number) {}

  /** The frames that `bytes` complete. After a refusal nothing more is accepted. Each byte is copied once. */
  push(bytes: Uint8Array): Result<readonly Uint8Array[], "wire.too-large" | "wire.malformed"> {
    if (this.#refused) return refuse("wire.malformed");
    const frames: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      if (this.#frame === null) {
        this.#head.push(bytes[at++]!);
        const length = readLength(this.#head);
        if (length === null) continue;
        if (length === "malformed" || length > this.maxFrameBytes) {
          this.#refused = true;
          return refuse(length === "malformed" ? "wire.malformed" : "wire.too-large");
        }
        this.#head = [];
        this.#frame = new Uint8Array(length);
        this.#filledBytes = 0;
      }
      const part = bytes.subarray(at, at + this.#frame.length - this.#filledBytes);
      this.#frame.set(part, this.#filledBytes);
      this.#filledBytes += part.length;
      at += part.length;
      if (this.#filledBytes < this.#frame.length) break;
      frames.push(this.#frame);
      this.#frame = null;
    }
    return ok(frames);
  }

  /** Whether the stream ended in the middle of a frame. */
  get isBetweenFrames(): boolean {
    return this.#head.length === 0 && this.#frame === null;
  }
}

/** `null` where the length is not complete yet. Lengths have one form only: the shortest. */
function readLength(head: readonly number[]): number | "malformed" | null {
  const last = head.at(-1)!;
  if (last >= 0x80) return head.length < MAX_LENGTH_BYTES ? null : "malformed";
  if (head.length > 1 && last === 0) return "malformed";
  return head.reduceRight((length, byte) => length << 7 | byte & 0x7f, 0);
}
