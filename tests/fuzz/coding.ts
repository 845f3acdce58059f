/** Targets of decoders: what is accepted is what the encoder would have made, and what is refused is refused by name. */
import assert from "node:assert/strict";
import type { Reason, Result } from "../../core/errors.ts";
import { sameBytes } from "../../core/wire/bytes.ts";
import type { Codec } from "../../core/wire/schema.ts";
import { behind, mutateBytes, mutateCbor, type Mutator } from "./mutate.ts";
import type { Outcome, Target } from "./target.ts";

/** Generous for structures of at most 64 KiB: most take some hundredths of it. */
export const MAX_DECODE_MS = 25;
/** Records of up to 512 KiB come from the own disk. */
const MAX_RECORD_MS = 100;

const UNPARSED: ReadonlySet<Reason> = new Set<Reason>([
  "wire.too-large",
  "wire.too-deep",
  "wire.malformed",
  "wire.not-canonical",
  "wire.unknown-version",
]);

const ACCEPTED: Outcome = { passedFirstParse: true, reason: null };

/** Formats of one step are read whole or not at all. */
export const outcome = (result: Result<unknown>, steps: 1 | 2): Outcome =>
  result.ok ? ACCEPTED : { passedFirstParse: steps === 2 && !UNPARSED.has(result.reason), reason: result.reason };

interface Coding<T> {
  readonly decode: (bytes: Uint8Array) => Result<T>;
  /** What `decode` read, as the bytes it stood in. */
  readonly encode: (value: T, input: Uint8Array) => Uint8Array;
  readonly mutate?: Mutator;
  readonly maxInputMs?: number;
  /** 2 where one decoder hands on to another; otherwise 1. */
  readonly steps?: 2;
}

export const target = <T>(name: string, seeds: readonly Uint8Array[], coding: Coding<T>): Target => ({
  name,
  cost: "cheap",
  maxInputMs: coding.maxInputMs ?? MAX_DECODE_MS,
  seeds,
  mutate: coding.mutate ?? mutateBytes,
  run(input) {
    const decoded = coding.decode(input);
    if (decoded.ok) assert.ok(sameBytes(coding.encode(decoded.value, input), input), "it has another encoding");
    return outcome(decoded, coding.steps ?? 1);
  },
});

export const cbor = <T>(name: string, seeds: readonly Uint8Array[], { decode, encode }: Codec<T>): Target =>
  target(name, seeds, { decode, encode, mutate: mutateCbor, steps: 2 });

export const record = <T>(name: string, seeds: readonly Uint8Array[], { decode, encode }: Codec<T>): Target =>
  target(name, seeds, { decode, encode, mutate: behind(1, mutateCbor), maxInputMs: MAX_RECORD_MS, steps: 2 });
