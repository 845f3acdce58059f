/** Values that nobody may change: whoever tries is caught in the act, or, where bytes cannot be frozen, afterwards. */
import assert from "node:assert/strict";

const MUTATORS = ["set", "add", "delete", "clear"] as const;

function forbid(): never {
  throw new Error("a state that was passed in is changed");
}

/** Plain objects, arrays, maps and sets, and what is in them. What has a class looks after itself. */
export class Frozen {
  private readonly done = new WeakSet<object>();
  private readonly bytes: (readonly [Uint8Array, Uint8Array])[] = [];

  /** `value` as it is; what is under one of `except` is left alone. */
  freeze<T>(value: T, except: ReadonlySet<unknown> = new Set()): T {
    if (typeof value !== "object" || value === null || this.done.has(value) || except.has(value)) return value;
    this.done.add(value);
    if (value instanceof Uint8Array) this.bytes.push([value, value.slice()]);
    else if (value instanceof Map || value instanceof Set) {
      for (const name of MUTATORS) if (name in value) Object.defineProperty(value, name, { value: forbid });
      for (const each of value instanceof Map ? [...value.keys(), ...value.values()] : value) this.freeze(each, except);
    } else if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) {
      Object.freeze(value);
      for (const each of Object.values(value)) this.freeze(each, except);
    }
    return value;
  }

  /** Of all bytes that were in what was frozen. */
  bytesAreTheSame(): void {
    for (const [now, before] of this.bytes) assert.deepEqual(now, before, "bytes of a state were changed");
  }
}
