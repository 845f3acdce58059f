import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeFrame, FrameReader } from "../../../../client/net/frames.ts";
import { concat } from "../../../../core/wire/bytes.ts";

const SEED = { seed: 20261124 };

Deno.test("[NET2] frames come out as they went in, however the bytes are cut", () => {
  const frames = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 12 });
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }), (sent, cuts) => {
      const bytes = concat(...sent.map(encodeFrame));
      const reader = new FrameReader(400);
      const received: Uint8Array[] = [];
      for (let at = 0, i = 0; at < bytes.length; at += cuts[i++ % cuts.length]!) {
        const read = reader.push(bytes.subarray(at, at + cuts[i % cuts.length]!));
        assert.ok(read.ok);
        received.push(...read.value);
      }
      assert.deepEqual(received, sent);
      assert.ok(reader.isBetweenFrames);
    }),
    SEED,
  );
});

Deno.test("[NET2] a frame above the bound is refused at its length, before its bytes are waited for", () => {
  assert.deepEqual(new FrameReader(16).push(encodeFrame(new Uint8Array(16))), {
    ok: true,
    value: [new Uint8Array(16)],
  });
  assert.deepEqual(new FrameReader(16).push(Uint8Array.of(17)), { ok: false, reason: "wire.too-large" });
});

Deno.test("[NET2] a length that is too long or not the shortest form is refused, and so is all that follows", () => {
  for (const head of [[0x80, 0x80, 0x80], [0x81, 0x00], [0xff, 0xff, 0xff, 0x7f]]) {
    const reader = new FrameReader(1 << 20);
    assert.deepEqual(reader.push(Uint8Array.from(head)), { ok: false, reason: "wire.malformed" });
    assert.equal(reader.push(encodeFrame(new Uint8Array(1))).ok, false);
  }
});

Deno.test("[NET2] whatever bytes come, the reader neither throws nor keeps more than one frame", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 64 })), (chunks) => {
      const reader = new FrameReader(100);
      for (const chunk of chunks) {
        const read = reader.push(chunk);
        if (read.ok) assert.ok(read.value.every((frame) => frame.length <= 100));
      }
    }),
    { ...SEED, numRuns: 500 },
  );
});

Deno.test("[NET2] a stream that ends inside a frame is told from one that ends between two", () => {
  const reader = new FrameReader(16);
  reader.push(Uint8Array.of(2, 1));
  assert.equal(reader.isBetweenFrames, false);
  reader.push(Uint8Array.of(1));
  assert.equal(reader.isBetweenFrames, true);
});
