import assert from "node:assert/strict";
import fc from "fast-check";
import { bytesUint, concat, framed, sameBytes, uintBytes } from "../../../core/wire/bytes.ts";
import { fromUtf8, utf8 } from "../../../core/wire/text.ts";

Deno.test("[WIRE6] integers are big-endian and come back exactly", () => {
  assert.deepEqual(uintBytes(0x010203, 4), Uint8Array.of(0, 1, 2, 3));
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => assert.equal(bytesUint(uintBytes(value, 8)), value)),
    { seed: 1 },
  );
});

Deno.test("[WIRE7] no two lists of parts are framed alike", () => {
  assert.deepEqual(framed(Uint8Array.of(7), new Uint8Array(0)), Uint8Array.of(0, 0, 0, 1, 7, 0, 0, 0, 0));
  const parts = fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 4 });
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      const alike = a.length === b.length && a.every((part, i) => sameBytes(part, b[i]!));
      assert.equal(sameBytes(framed(...a), framed(...b)), alike);
    }),
    { seed: 2, numRuns: 1000 },
  );
});

Deno.test("[WIRE6] joining keeps order and length", () => {
  assert.deepEqual(concat(Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)), Uint8Array.of(1, 2, 3));
  assert.equal(sameBytes(Uint8Array.of(1), Uint8Array.of(1, 2)), false);
  assert.equal(sameBytes(Uint8Array.of(1, 3), Uint8Array.of(1, 2)), false);
});

Deno.test("[WIRE1] bytes that are not UTF-8 are no text", () => {
  assert.equal(fromUtf8(utf8("größer 🜁")), "größer 🜁");
  assert.equal(fromUtf8(Uint8Array.of(0xc3, 0x28)), null);
  assert.equal(fromUtf8(Uint8Array.of(0xed, 0xa0, 0x80)), null);
});
