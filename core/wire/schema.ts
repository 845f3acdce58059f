/**
 * Schemas: one value gives the type, the encoder and the decoder of a structure. A structure is a CBOR map with short
 * text keys, all of them required; a union is told apart by its text field `t`.
 */
import { ok, type Reason, refuse, type Result } from "../errors.ts";
import { concat } from "./bytes.ts";
import { decode as decodeCbor, encode as encodeCbor } from "./cbor.ts";
import { utf8 } from "./text.ts";

export type WireReason = Extract<Reason, `wire.${string}`>;

/** One field's two directions. `read` throws `Mismatch`, which never leaves this file. */
export interface Field<T> {
  write(value: T): unknown;
  read(raw: unknown): T;
}

/** A whole message: bytes out, and bytes in with a named reason where they are not one. */
export interface Codec<T> {
  readonly maxBytes: number;
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): Result<T, WireReason>;
}

export type TypeOf<C> = C extends Field<infer T> ? T : C extends Codec<infer T> ? T : never;

class Mismatch extends Error {}

function must(condition: boolean): asserts condition {
  if (!condition) throw new Mismatch();
}

/** Byte strings of exactly `min` bytes, or of `min` to `max`. */
export const bytes = (min: number, max = min): Field<Uint8Array> => ({
  write: (value) => value,
  read(raw) {
    must(raw instanceof Uint8Array && raw.length >= min && raw.length <= max);
    return raw;
  },
});

/** Text of at most `maxBytes` bytes of UTF-8. */
export const text = (maxBytes: number): Field<string> => ({
  write: (value) => value,
  read(raw) {
    must(typeof raw === "string" && raw.length <= maxBytes && utf8(raw).length <= maxBytes);
    return raw;
  },
});

/** A non-negative integer up to `max`. */
export const uint = (max: number = Number.MAX_SAFE_INTEGER): Field<number> => integer(0, max);

/** A number that counts from 1. */
export const positive: Field<number> = integer(1, Number.MAX_SAFE_INTEGER);

function integer(min: number, max: number): Field<number> {
  const fits = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
  return {
    write(value) {
      // A record that its own reader refuses would lock the person out: better to fail before it is kept.
      if (!fits(value)) throw new RangeError(`${value} is not from ${min} to ${max}`);
      return value;
    },
    read(raw) {
      must(fits(raw));
      return raw as number;
    },
  };
}

export const bool: Field<boolean> = {
  write: (value) => value,
  read(raw) {
    must(typeof raw === "boolean");
    return raw;
  },
};

/** One of a closed set of words. */
export const word = <const W extends readonly string[]>(...words: W): Field<W[number]> => ({
  write: (value) => value,
  read(raw) {
    must(typeof raw === "string" && words.includes(raw));
    return raw;
  },
});

export const nullable = <T>(field: Field<T>): Field<T | null> => ({
  write: (value) => (value === null ? null : field.write(value)),
  read: (raw) => (raw === null ? null : field.read(raw)),
});

export const list = <T>(field: Field<T>, maxCount: number): Field<readonly T[]> => ({
  write: (values) => values.map((value) => field.write(value)),
  read(raw) {
    must(Array.isArray(raw) && raw.length <= maxCount);
    return raw.map((item) => field.read(item));
  },
});

/** A value of another type than the wire has, through a pair of functions (an id from its bytes, say). */
export const mapped = <Wire, T>(
  field: Field<Wire>,
  toWire: (value: T) => Wire,
  fromWire: (wire: Wire) => Result<T, WireReason>,
): Field<T> => ({
  write: (value) => field.write(toWire(value)),
  read(raw) {
    const result = fromWire(field.read(raw));
    must(result.ok);
    return result.value;
  },
});

type StructOf<F> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

function readMap(raw: unknown): Readonly<Record<string, unknown>> {
  must(typeof raw === "object" && raw !== null && !Array.isArray(raw) && !(raw instanceof Uint8Array));
  return raw as Readonly<Record<string, unknown>>;
}

export function struct<const F extends { readonly [key: string]: Field<unknown> }>(fields: F): Field<StructOf<F>> {
  const entries = Object.entries(fields) as [string, Field<unknown>][];
  return {
    write: (value) =>
      Object.fromEntries(entries.map(([key, field]) => [key, field.write((value as Record<string, unknown>)[key])])),
    read(raw) {
      const map = readMap(raw);
      must(Object.keys(map).length === entries.length);
      return Object.fromEntries(
        entries.map(([key, field]) => {
          must(Object.hasOwn(map, key));
          return [key, field.read(map[key])];
        }),
      ) as StructOf<F>;
    },
  };
}

type UnionOf<V> = { [K in keyof V]: { readonly t: K } & (V[K] extends Field<infer T> ? T : never) }[keyof V];

/** Structures told apart by the word in their field `t`. */
export function union<const V extends { readonly [tag: string]: Field<object> }>(variants: V): Field<UnionOf<V>> {
  return {
    write(value) {
      const variant = variants[value.t as string]!;
      return { ...(variant.write(value) as object), t: value.t };
    },
    read(raw) {
      const { t, ...rest } = readMap(raw);
      must(typeof t === "string" && Object.hasOwn(variants, t));
      return { ...variants[t]!.read(rest), t } as UnionOf<V>;
    },
  };
}

/** The codec of a whole message of at most `maxBytes`. */
export const codec = <T>(field: Field<T>, maxBytes: number): Codec<T> => ({
  maxBytes,
  encode: (value) => encodeCbor(field.write(value)),
  decode(input) {
    const raw = decodeCbor(input, maxBytes);
    if (!raw.ok) return raw;
    try {
      return ok(field.read(raw.value));
    } catch (error) {
      if (error instanceof Mismatch) return refuse("wire.wrong-shape");
      throw error;
    }
  },
});

/**
 * A record that has changed since version `earlier`: what that wrote is read for ever, and brought up to date by
 * `upgrade`; what is written is of version `current`.
 */
export const upgraded = <Old, T>(current: Codec<T>, earlier: Codec<Old>, upgrade: (old: Old) => T): Codec<T> => ({
  maxBytes: Math.max(current.maxBytes, earlier.maxBytes),
  encode: current.encode,
  decode(input) {
    const read = current.decode(input);
    if (read.ok || read.reason !== "wire.unknown-version") return read;
    const old = earlier.decode(input);
    return old.ok ? ok(upgrade(old.value)) : old;
  },
});

/** `inner` behind one byte that names its version: for records, which outlive the code that wrote them. */
export const versioned = <T>(version: number, inner: Codec<T>): Codec<T> => ({
  maxBytes: inner.maxBytes + 1,
  encode: (value) => concat(Uint8Array.of(version), inner.encode(value)),
  decode(input) {
    if (input.length === 0) return refuse("wire.malformed");
    return input[0] === version ? inner.decode(input.subarray(1)) : refuse("wire.unknown-version");
  },
});
