import assert from "node:assert/strict";
import type { Connection, Stream } from "@libp2p/interface";
import { streamPair } from "@libp2p/utils";
import { Counters } from "../../../rendezvous/counters.ts";
import { SPACES } from "../../../rendezvous/limits.ts";
import { OpenStreams } from "../../../rendezvous/spaces/openStreams.ts";
import { SpaceStream } from "../../../rendezvous/spaces/spaceStream.ts";
import { HandClock } from "../../rendezvous/support.ts";

const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

async function openStream(service: { clock: HandClock; counters: Counters }, streams: OpenStreams) {
  const [mine, theirs]: readonly Stream[] = await streamPair();
  const connection = {} as Connection;
  const stream = new SpaceStream({
    ...service,
    stream: theirs!,
    connection,
    hold: (bytes) => streams.hold(bytes),
  });
  streams.add(stream);
  return { mine: mine!, stream };
}

Deno.test("[MBX13] where streams hold too much together, those go first whose frames are late", async () => {
  const service = { clock: new HandClock(), counters: new Counters() };
  const streams = new OpenStreams(service);
  const [late, early] = [await openStream(service, streams), await openStream(service, streams)];
  const frames = [late.stream.next()];
  late.mine.send(Uint8Array.of(200, 1));
  await soon();
  service.clock.advance(SPACES.lateFrameMs);
  frames.push(early.stream.next());
  early.mine.send(Uint8Array.of(200, 1));
  await soon();
  assert.equal(streams.heldBytes, 4);
  assert.ok(streams.hold(SPACES.maxHeldBytes - 4));
  assert.ok(late.stream.isOpen);
  assert.ok(!streams.hold(10), "cutting it made room for two bytes only");
  assert.deepEqual([late.stream.isOpen, early.stream.isOpen], [false, true]);
  assert.equal(service.counters.get("spaces.slow-frame"), 1);
  assert.ok(streams.hold(-10) && streams.hold(2));
  early.stream.cut("spaces.malformed");
  assert.deepEqual((await Promise.all(frames)).map(({ t }) => t), ["end", "end"]);
  await streams.drain();
});

Deno.test("[MBX13] a reader may stop as often as it likes: the server waits each time, and does other things", async () => {
  const service = { clock: new HandClock(), counters: new Counters() };
  const streams = new OpenStreams(service);
  const { mine, stream } = await openStream(service, streams);
  for (let stops = 0; stops < 3; stops++) {
    mine.pause();
    const page = new Uint8Array(300_000);
    for (let said = 0; said < 20 && stream.isFlowing; said++) stream.sayBytes(page);
    assert.ok(!stream.isFlowing);
    let isTaken = false;
    mine.send(Uint8Array.of(1, stops));
    const frame = stream.next().finally(() => isTaken = true);
    await Promise.resolve().then(() => assert.ok(!isTaken));
    mine.addEventListener("message", () => {});
    mine.resume();
    const taken = await frame;
    assert.deepEqual(taken.t === "frame" && [...taken.bytes], [stops]);
  }
  stream.cut("spaces.slow-reader");
  await streams.drain();
});

Deno.test("[MBX13] what a reader does not take counts as held until it does", async () => {
  const service = { clock: new HandClock(), counters: new Counters() };
  const streams = new OpenStreams(service);
  const { mine, stream } = await openStream(service, streams);
  mine.pause();
  const page = new Uint8Array(300_000);
  for (let said = 0; said < 20 && streams.heldBytes === 0; said++) stream.sayBytes(page);
  assert.ok(streams.heldBytes > 0);
  stream.cut("spaces.slow-reader");
  assert.equal(streams.heldBytes, 0);
  await streams.drain();
});
