/** Bytes that arrive in pieces and are asked for in others. */
import { concat } from "../../../core/wire/bytes.ts";

export class ByteQueue {
  #bytes: Uint8Array = new Uint8Array(0);
  #waiter: (() => void) | null = null;
  #failure: Error | null = null;

  push(piece: Uint8Array): void {
    this.#bytes = this.#bytes.length === 0 ? piece : concat(this.#bytes, piece);
    this.#waiter?.();
  }

  /** Nothing more will come: whoever reads is told why. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#waiter?.();
  }

  /** The next `count` bytes if all of them are there. */
  take(count: number): Uint8Array | null {
    if (this.#bytes.length < count) return null;
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  /** One reader at a time. */
  async read(count: number): Promise<Uint8Array> {
    while (true) {
      const taken = this.take(count);
      if (taken !== null) return taken;
      if (this.#failure !== null) throw this.#failure;
      await new Promise<void>((resolve) => this.#waiter = resolve);
      this.#waiter = null;
    }
  }

  /** A frame behind an unsigned varint length. */
  async readFrame(): Promise<Uint8Array> {
    let length = 0;
    for (let shift = 0;; shift += 7) {
      const byte = (await this.read(1))[0]!;
      length += (byte & 0x7f) << shift;
      if (byte < 0x80) return await this.read(length);
    }
  }
}

export function frameOf(payload: Uint8Array): Uint8Array {
  const head: number[] = [];
  let rest = payload.length;
  for (; rest >= 0x80; rest >>>= 7) head.push((rest & 0x7f) | 0x80);
  return concat(Uint8Array.of(...head, rest), payload);
}
