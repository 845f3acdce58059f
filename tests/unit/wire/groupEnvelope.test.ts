import assert from "node:assert/strict";
import { treeOf } from "../../../core/group/block.ts";
import { GROUP } from "../../../core/limits.ts";
import { decodeGroupEnvelope, encodeGroupEnvelope, wayUp } from "../../../core/wire/groupEnvelope.ts";
import { envOf, must, mustRefuse } from "../../support/world.ts";

const { rng } = envOf(3);
const envelope = (position: number, count: number, first = 7) => ({
  chain: rng.bytes(16),
  first,
  count,
  position,
  nonce: rng.bytes(12),
  previous: rng.bytes(32),
  signature: rng.bytes(64),
  path: Array.from(wayUp(position, count), () => rng.bytes(32)),
  ciphertext: rng.bytes(272),
});

Deno.test("[SK5] an envelope reads back as it was, at every place of every block", () => {
  for (let count = 1; count <= GROUP.maxBlock; count++) {
    for (const position of new Set([0, count >> 1, count - 1])) {
      const value = envelope(position, count);
      assert.deepEqual(must(decodeGroupEnvelope(encodeGroupEnvelope(value))), value);
    }
  }
});

Deno.test("[SK5] a path has as many digests as the tree gives it", () => {
  for (let count = 1; count <= GROUP.maxBlock; count++) {
    const tree = treeOf(Array.from({ length: count }, () => rng.bytes(32)));
    for (let position = 0; position < count; position++) {
      assert.equal(tree.path(position).length, [...wayUp(position, count)].length);
    }
  }
});

Deno.test("[SK5] places outside of the block or the chain, other versions and other sizes are refused by name", () => {
  const bytes = encodeGroupEnvelope(envelope(2, 4));
  mustRefuse(decodeGroupEnvelope(bytes.with(0, 2)), "wire.unknown-version");
  mustRefuse(decodeGroupEnvelope(bytes.with(21, 4)), "wire.wrong-shape");
  mustRefuse(decodeGroupEnvelope(bytes.with(22, GROUP.maxBlock + 1)), "wire.wrong-shape");
  mustRefuse(decodeGroupEnvelope(bytes.with(20, 1)), "wire.wrong-shape");
  mustRefuse(decodeGroupEnvelope(encodeGroupEnvelope(envelope(0, 2, GROUP.maxMessages - 1))), "wire.wrong-shape");
  must(decodeGroupEnvelope(encodeGroupEnvelope(envelope(0, 1, GROUP.maxMessages - 1))));
  mustRefuse(decodeGroupEnvelope(bytes.subarray(0, 131 + 64 + 15)), "wire.malformed");
  mustRefuse(decodeGroupEnvelope(bytes.subarray(0, 100)), "wire.malformed");
  mustRefuse(decodeGroupEnvelope(new Uint8Array(GROUP.maxEnvelopeBytes + 1)), "wire.too-large");
});
