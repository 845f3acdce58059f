import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex } from "../../../core/ids.ts";
import { decode, encode } from "../../../core/wire/cbor.ts";
import { must, mustRefuse } from "../../support/world.ts";

const refused = (hex: string, reason: string) => mustRefuse(decode(fromHex(hex), 1024), reason);

Deno.test("[WIRE1] what was encoded decodes to equal values", () => {
  const leaf = fc.oneof(fc.maxSafeNat(), fc.string(), fc.uint8Array(), fc.boolean(), fc.constant(null));
  const value = fc.oneof(leaf, fc.array(leaf), fc.dictionary(fc.string({ minLength: 1 }).filter(isPlainKey), leaf));
  fc.assert(
    fc.property(value, (item) => {
      const bytes = encode(item);
      assert.deepEqual(encode(must(decode(bytes, bytes.length))), bytes);
    }),
    { seed: 1, numRuns: 500 },
  );
});

const isPlainKey = (key: string): boolean => key !== "__proto__";

Deno.test("[WIRE1] another encoding of the same value is refused", () => {
  refused("1801", "wire.malformed");
  refused("190001", "wire.malformed");
  refused("a2616201616101", "wire.not-canonical");
  refused("7801" + "61", "wire.malformed");
});

const KEYS = ["a", "b", "aa", "ab", "ä", "\ud800", "__proto__", "1", "10", "2", ""];

/** CBOR by hand, of well-formed items whose keys and texts may be in any order and of any bytes. */
const item = fc.letrec<{ item: readonly number[]; text: readonly number[] }>((tie) => ({
  text: fc.oneof(
    fc.constantFrom(...KEYS).map((key) => [...new TextEncoder().encode(key)]),
    fc.array(fc.constantFrom(0x61, 0x7f, 0x80, 0xc3, 0xa4, 0xef, 0xbb, 0xbf, 0xff), { maxLength: 4 }),
  ).map((bytes) => [0x60 + bytes.length, ...bytes]),
  item: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom([0], [0x17], [0x18, 0x17], [0x18, 0x18], [0x19, 0, 0xff], [0x20], [0x38, 3], [0xf5], [0xf6], [
      0x41,
      9,
    ]),
    fc.constantFrom([0x1b, 0, 0x1f, ...Array(6).fill(0xff)], [0x1b, 0, 0x20, ...Array(6).fill(0)], [0x58, 1, 0], [
      0x78,
      1,
      0x61,
    ]),
    tie("text"),
    fc.array(tie("item"), { maxLength: 3 }).map((items) => [0x80 + items.length, ...items.flat()]),
    fc.array(fc.tuple(tie("text"), tie("item")), { maxLength: 4 }).map((all) => [0xa0 + all.length, ...all.flat(2)]),
  ),
})).item;

Deno.test("[WIRE1] whatever is accepted is the one encoding of its value", () => {
  let acceptedCount = 0;
  fc.assert(
    fc.property(item, (numbers) => {
      const bytes = Uint8Array.from(numbers);
      const result = decode(bytes, 1024);
      if (!result.ok) return;
      acceptedCount++;
      assert.deepEqual(encode(result.value), bytes);
    }),
    { seed: 3, numRuns: 20_000 },
  );
  assert.ok(acceptedCount > 2_000, `${acceptedCount}`);
});

Deno.test("[WIRE1] indefinite lengths, tags, floats, undefined and twice the same key are refused", () => {
  refused("9f01ff", "wire.malformed");
  refused("5f4101ff", "wire.malformed");
  refused("c001", "wire.malformed");
  refused("fb3ff199999999999a", "wire.malformed");
  refused("f7", "wire.malformed");
  refused("a2616101616102", "wire.malformed");
});

Deno.test("[WIRE3] what is too large or too deep is refused before it is decoded", () => {
  mustRefuse(decode(new Uint8Array(1025), 1024), "wire.too-large");
  must(decode(fromHex("81".repeat(8) + "01"), 1024));
  refused("81".repeat(9) + "01", "wire.too-deep");
  refused("81".repeat(1000), "wire.too-deep");
});

Deno.test("[WIRE4] an item cut short, and one with bytes behind it, are refused", () => {
  const bytes = encode({ a: [1, "text", new Uint8Array(40)], b: null });
  for (let length = 0; length < bytes.length; length++) {
    mustRefuse(decode(bytes.subarray(0, length), 1024), "wire.malformed");
  }
  mustRefuse(decode(Uint8Array.of(...bytes, 0), 1024), "wire.malformed");
});

Deno.test("[WIRE4] no bytes make the decoder throw or run on", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const result = decode(bytes, 1024);
      if (result.ok) assert.deepEqual(encode(result.value), bytes);
    }),
    { seed: 2, numRuns: 5000 },
  );
});

Deno.test("[WIRE1] what was encoded is a plain array, of which a slice is a copy", () => {
  const bytes = encode({ text: "hello" });
  const copy = bytes.slice();
  copy[0] = 0;
  assert.notEqual(bytes[0], 0);
  assert.equal(bytes.constructor, Uint8Array);
});
