/** Who sits at a stream whose entry was right: what their frames ask, and what is done about it. */
import type { Result } from "../../core/errors.ts";
import type { Codec, WireReason } from "../../core/wire/schema.ts";

export interface Seat {
  /** Whether the stream may be quiet for ever, because mail is waited for. */
  readonly isForMail: boolean;
  /** Said right after `entered`. */
  welcome(): void;
  read(frame: Uint8Array): Result<Asked, WireReason>;
  /** The stream is over. */
  leave(): void;
}

export interface Asked {
  readonly number: number;
  /** What its answer can take of memory, where that is much. */
  readonly answerBytes: number;
  /** Resolves when it is answered. */
  serve(): Promise<void>;
}

/** `Seat.read` for the requests of one role on one protocol. */
export const reader = <Request>(
  codec: Codec<{ readonly number: number; readonly request: Request }>,
  serve: (number: number, request: Request) => Promise<void>,
  answerBytes: (request: Request) => number = () => 0,
): Seat["read"] =>
(frame) => {
  const decoded = codec.decode(frame);
  if (!decoded.ok) return decoded;
  const { number, request } = decoded.value;
  return { ok: true, value: { number, answerBytes: answerBytes(request), serve: () => serve(number, request) } };
};
