import assert from "node:assert/strict";
import type { Connection, Stream } from "@libp2p/interface";
import { streamPair } from "@libp2p/utils";
import { linkId } from "../../../../core/ids.ts";
import { WIRE } from "../../../../core/limits.ts";
import { PEER_LINK } from "../../../../client/limits.ts";
import { encodeFrame } from "../../../../client/net/frames.ts";
import { PeerLink } from "../../../../client/net/link.ts";

const settled = (delayMs = 20) => new Promise((resolve) => setTimeout(resolve, delayMs));

function link(stream: Stream, onFrame: (frame: Uint8Array) => Promise<unknown> = () => Promise.resolve()) {
  const log: string[] = [];
  const frames: number[] = [];
  const made = new PeerLink(linkId("one"), {} as Connection, stream, {
    onFrame(frame) {
      frames.push(frame.length);
      return onFrame(frame);
    },
    onFault: (fault) => log.push(fault),
    onClosed: () => log.push("closed"),
  });
  return { link: made, log, frames };
}

Deno.test("frames cross a stream in order, and closing sends what is queued first", async () => {
  const [a, b] = await streamPair();
  const [one, two] = [link(a), link(b)];
  for (let size = 0; size < 50; size++) one.link.send(new Uint8Array(size));
  one.link.close();
  await settled(100);
  assert.deepEqual(two.frames, Array.from({ length: 50 }, (_, size) => size));
  assert.deepEqual([one.log, two.log], [["closed"], ["closed"]]);
});

Deno.test("[NET2] a frame that is too large or malformed cuts the link, counted by name", async () => {
  const cases = {
    "peer.too-large": encodeFrame(new Uint8Array(WIRE.maxFrameBytes + 1)),
    "peer.malformed": Uint8Array.of(0x80, 0x80, 0x80, 0x80),
  };
  for (const [fault, bytes] of Object.entries(cases)) {
    const [a, b] = await streamPair();
    const { log, frames } = link(b);
    a.send(bytes);
    await settled(50);
    assert.deepEqual(log, [fault, "closed"]);
    assert.deepEqual(frames, []);
    assert.notEqual(a.status, "open");
  }
});

Deno.test("[NET2] a stream that ends inside a frame is malformed", async () => {
  const [a, b] = await streamPair();
  const { log } = link(b);
  a.send(Uint8Array.of(5, 1));
  await a.close();
  await settled(50);
  assert.deepEqual(log, ["peer.malformed", "closed"]);
});

/** A stream that takes nothing: it always needs a drain that never comes. */
function stuckStream(): Stream & { aborted: boolean } {
  const stream = Object.assign(new EventTarget(), {
    status: "open",
    readStatus: "readable",
    aborted: false,
    send: () => false,
    onDrain: () => new Promise<void>(() => {}),
    abort() {
      stream.aborted = true;
      stream.status = "aborted";
      stream.dispatchEvent(new Event("close"));
    },
  });
  return stream as unknown as Stream & { aborted: boolean };
}

Deno.test("[NET3] a peer who does not read is cut off at the bound of the queue", () => {
  const stream = stuckStream();
  const { link: slow, log } = link(stream);
  const frame = new Uint8Array(WIRE.maxFrameBytes);
  const fitting = Math.floor(PEER_LINK.maxQueuedBytes / (frame.length + 3));
  for (let i = 0; i < fitting; i++) slow.send(frame);
  assert.equal(stream.aborted, false);
  slow.send(frame);
  assert.ok(stream.aborted);
  assert.deepEqual(log, ["peer.slow-reader", "closed"]);
});

Deno.test("[NET3] while too many frames are not dealt with, the stream is not read on", async () => {
  const [a, b] = await streamPair();
  const waiting: (() => void)[] = [];
  const { frames } = link(b, () => new Promise<void>((resolve) => waiting.push(resolve)));
  for (let i = 0; i < 10 * PEER_LINK.maxPendingFrames; i++) {
    a.send(encodeFrame(new Uint8Array(1000)));
    if (i % 16 === 0) await settled(1);
  }
  await settled(50);
  assert.equal(b.readStatus, "paused");
  assert.ok(frames.length < 3 * PEER_LINK.maxPendingFrames, `${frames.length} frames`);
  while (frames.length < 10 * PEER_LINK.maxPendingFrames) {
    waiting.splice(0).forEach((done) => done());
    await settled(5);
  }
  assert.equal(frames.length, 10 * PEER_LINK.maxPendingFrames);
});
