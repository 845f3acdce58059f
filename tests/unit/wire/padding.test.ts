import assert from "node:assert/strict";
import fc from "fast-check";
import { PADDING } from "../../../core/limits.ts";
import { MAX_PLAINTEXT_BYTES, pad, unpad } from "../../../core/wire/padding.ts";
import { must, mustRefuse } from "../../support/world.ts";

Deno.test("[RAT9] a plaintext fills the smallest bucket that holds it, and comes back", () => {
  assert.equal(MAX_PLAINTEXT_BYTES, 16_383);
  const plaintext = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.integer({ min: 0, max: MAX_PLAINTEXT_BYTES }).map((length) => new Uint8Array(length)),
  );
  fc.assert(
    fc.property(plaintext, (bytes) => {
      const padded = pad(bytes);
      assert.equal(padded.length, PADDING.textBucketsBytes.find((bucket) => bucket > bytes.length));
      assert.deepEqual(must(unpad(padded)), bytes);
    }),
    { seed: 1 },
  );
});

Deno.test("[RAT9] lengths at a bucket's edge", () => {
  const lengths = [0, 255, 256, 1023, 1024, 4095, 4096, 16_383].map((length) => pad(new Uint8Array(length)).length);
  assert.deepEqual(lengths, [256, 256, 1024, 1024, 4096, 4096, 16_384, 16_384]);
  assert.throws(() => pad(new Uint8Array(16_384)), RangeError);
});

Deno.test("[RAT9] padding of another form is refused", () => {
  const padded = pad(Uint8Array.of(1, 2, 3));
  mustRefuse(unpad(padded.with(255, 1)), "wire.malformed");
  mustRefuse(unpad(padded.with(3, 0)), "wire.malformed");
  mustRefuse(unpad(padded.subarray(0, 255)), "wire.malformed");
  mustRefuse(unpad(new Uint8Array(256)), "wire.malformed");
  mustRefuse(unpad(new Uint8Array(0)), "wire.malformed");
  const tooLarge = new Uint8Array(1024).with(10, 0x80);
  mustRefuse(unpad(tooLarge), "wire.malformed");
});
