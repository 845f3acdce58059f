import assert from "node:assert/strict";
import { ok, refuse } from "../../../core/errors.ts";
import { encode } from "../../../core/wire/cbor.ts";
import {
  bool,
  bytes,
  codec,
  list,
  mapped,
  nullable,
  struct,
  text,
  uint,
  union,
  versioned,
  word,
} from "../../../core/wire/schema.ts";
import { must, mustRefuse } from "../../support/world.ts";

const point = codec(struct({ x: uint(10), y: nullable(uint()) }), 64);

Deno.test("[WIRE2] a structure has all of its keys and no others", () => {
  assert.deepEqual(must(point.decode(encode({ x: 1, y: null }))), { x: 1, y: null });
  for (const other of [{ x: 1 }, { x: 1, y: 2, z: 3 }, { x: 1, z: 2 }, {}, [1, 2], 7, null, "x", new Uint8Array(2)]) {
    mustRefuse(point.decode(encode(other)), "wire.wrong-shape");
  }
});

Deno.test("[WIRE2] a union is told apart by its key t", () => {
  const shape = codec(union({ dot: struct({}), line: struct({ length: uint() }) }), 64);
  assert.deepEqual(must(shape.decode(shape.encode({ t: "line", length: 4 }))), { t: "line", length: 4 });
  assert.deepEqual(must(shape.decode(shape.encode({ t: "dot" }))), { t: "dot" });
  for (const other of [{ t: "circle" }, { t: "dot", length: 4 }, { t: "line" }, { t: 1 }, {}, { t: "toString" }]) {
    mustRefuse(shape.decode(encode(other)), "wire.wrong-shape");
  }
});

Deno.test("[WIRE3] fields keep to their bounds", () => {
  const cases = [
    { field: bytes(2), good: [new Uint8Array(2)], bad: [new Uint8Array(1), new Uint8Array(3), "ab", [1, 2]] },
    { field: bytes(1, 2), good: [new Uint8Array(1), new Uint8Array(2)], bad: [new Uint8Array(0), new Uint8Array(3)] },
    { field: text(3), good: ["", "abc", "é"], bad: ["abcd", "éé", 1, new Uint8Array(1)] },
    { field: uint(9), good: [0, 9], bad: [10, -1, "1", null] },
    { field: bool, good: [true, false], bad: [0, 1, null] },
    { field: word("a", "b"), good: ["a", "b"], bad: ["c", "", 0] },
    { field: nullable(bool), good: [null, true], bad: [0] },
    { field: list(uint(), 2), good: [[], [1, 2]], bad: [[1, 2, 3], ["1"], 1, {}] },
  ];
  for (const { field, good, bad } of cases) {
    const whole = codec<unknown>(field as never, 64);
    for (const value of good) assert.deepEqual(must(whole.decode(whole.encode(value))), value);
    for (const value of bad) mustRefuse(whole.decode(encode(value)), "wire.wrong-shape");
  }
});

Deno.test("[WIRE3] a mapped field is refused where its map refuses", () => {
  const even = codec(
    mapped(uint(), (value: number) => 2 * value, (wire) => wire % 2 === 0 ? ok(wire / 2) : refuse("wire.wrong-shape")),
    8,
  );
  assert.equal(must(even.decode(even.encode(21))), 21);
  mustRefuse(even.decode(encode(41)), "wire.wrong-shape");
});

Deno.test("[WIRE5] a record of another version is refused by that name", () => {
  const record = versioned(3, point);
  const stored = record.encode({ x: 1, y: 2 });
  assert.equal(stored[0], 3);
  assert.deepEqual(must(record.decode(stored)), { x: 1, y: 2 });
  mustRefuse(record.decode(stored.with(0, 4)), "wire.unknown-version");
  mustRefuse(record.decode(new Uint8Array(0)), "wire.malformed");
  mustRefuse(record.decode(new Uint8Array(record.maxBytes + 1).fill(3)), "wire.too-large");
});
