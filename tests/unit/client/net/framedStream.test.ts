import assert from "node:assert/strict";
import { streamPair } from "@libp2p/utils";
import { encodeFrame } from "../../../../client/net/frames.ts";
import { framedStream } from "../../../../client/net/framedStream.ts";

const BOUNDS = { maxFrameBytes: 100, maxWaitingFrames: 3 };

const settled = (delayMs = 20) => new Promise((resolve) => setTimeout(resolve, delayMs));

Deno.test("[NET2] a stream is not read on while frames wait, and goes on when they were taken, in order", async () => {
  const [far, near] = await streamPair();
  const stream = framedStream(near, BOUNDS);
  for (let i = 0; i < 5; i++) {
    far.send(encodeFrame(Uint8Array.of(i)));
    await settled();
  }
  assert.equal(near.readStatus, "paused");
  for (let i = 0; i < 5; i++) assert.deepEqual(await stream.next(1_000), Uint8Array.of(i));
  assert.equal(near.readStatus, "readable");
  far.send(encodeFrame(Uint8Array.of(9)));
  assert.deepEqual(await stream.next(1_000), Uint8Array.of(9));
});

Deno.test("a stream that was closed or reset has ended; what came before is still given", async () => {
  for (const end of ["close", "abort"] as const) {
    const [far, near] = await streamPair();
    const stream = framedStream(near, BOUNDS);
    far.send(encodeFrame(Uint8Array.of(1)));
    await settled();
    if (end === "close") await far.close();
    else far.abort(new Error("reset"));
    assert.deepEqual(await stream.next(1_000), Uint8Array.of(1));
    assert.equal(await stream.next(1_000), null);
  }
});

Deno.test("[NET2] malformed bytes are an error, and end the stream", async () => {
  const [far, near] = await streamPair();
  const stream = framedStream(near, BOUNDS);
  far.send(encodeFrame(new Uint8Array(101)));
  await assert.rejects(stream.next(1_000), /wire\.too-large/);
  await settled();
  assert.notEqual(far.status, "open");
});

Deno.test("without a frame in time, waiting is over", async () => {
  const [, near] = await streamPair();
  await assert.rejects(framedStream(near, BOUNDS).next(10), /no answer/);
});
