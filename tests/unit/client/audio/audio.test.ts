import assert from "node:assert/strict";
import { Limiter } from "../../../../client/audio/limiter.ts";
import { LossMeter } from "../../../../client/audio/lossMeter.ts";
import { openMicrophone } from "../../../../client/audio/microphone.ts";
import { decodeSignal, encodeSignal } from "../../../../client/audio/signal.ts";
import { SpeakingDetector } from "../../../../client/audio/speaking.ts";
import { utf8 } from "../../../../core/wire/text.ts";

Deno.test("the loss meter counts what is missing, and neither what is on its way nor what came in disorder", () => {
  const meter = new LossMeter();
  for (let i = 1000; i < 1500; i += 2) for (const sequence of [i + 1, i]) meter.add(sequence);
  assert.equal(meter.loss, 0);
  const lossy = new LossMeter();
  for (let i = 0; i < 1000; i++) if (i % 10 !== 0) lossy.add(i);
  assert.ok(Math.abs(lossy.loss - 0.1) < 0.01, `${lossy.loss}`);
});

Deno.test("the loss meter says nothing before it knows enough, and forgets", () => {
  const meter = new LossMeter();
  for (const sequence of [0, 5, 9]) meter.add(sequence);
  assert.equal(meter.loss, 0);
  for (let i = 10; i < 600; i++) meter.add(i);
  assert.equal(meter.loss, 0);
});

Deno.test("speaking begins at once, holds through pauses between words, and ends", () => {
  const detector = new SpeakingDetector();
  assert.equal(detector.update(0.001, 0), false);
  assert.equal(detector.update(0.1, 60), true);
  assert.equal(detector.update(0.001, 300), true);
  assert.equal(detector.update(0.001, 600), false);
});

Deno.test("the limiter leaves a quiet mix as it is and keeps a loud one within full scale", () => {
  const limiter = new Limiter();
  const quiet = new Float32Array(128).fill(0.5);
  limiter.apply(quiet);
  assert.ok(quiet.every((sample) => sample === 0.5));
  for (let block = 0; block < 100; block++) {
    const loud = Float32Array.from({ length: 128 }, (_, i) => 2.5 * Math.sin(i + 128 * block));
    limiter.apply(loud);
    assert.ok(loud.every((sample) => Math.abs(sample) <= 0.99));
  }
});

Deno.test("WebRTC signals survive the wire, and other wishes of a peer do not", () => {
  const offer = { type: "offer", sdp: "v=0" };
  assert.deepEqual(decodeSignal(encodeSignal(offer)!), offer);
  const candidate = { type: "candidate", candidate: { candidate: "a b", sdpMid: "0", sdpMLineIndex: 0 } };
  assert.deepEqual(decodeSignal(encodeSignal(candidate)!), candidate);
  assert.equal(encodeSignal({ type: "renegotiate" }), null);
  assert.equal(encodeSignal({ type: "offer", sdp: "x".repeat(9000) }), null);
  const hostile = [
    '{"type":"transceiverRequest","transceiverRequest":{"kind":"video"}}',
    '{"renegotiate":true}',
    "null",
    '{"type":"candidate","candidate":{"candidate":"a b","sdpMid":null,"sdpMLineIndex":null}}',
  ];
  for (const text of [...hostile, "{", '{"type":"candidate","candidate":7}', '{"type":"rollback","sdp":""}']) {
    assert.equal(decodeSignal(utf8(text)), null, text);
  }
  assert.equal(decodeSignal(Uint8Array.of(0xff, 0xfe)), null);
});

const failing = (name: string) => () => Promise.reject(Object.assign(new Error(), { name }));

Deno.test("what is wrong with a microphone has a name", async () => {
  const open = (name: string) => openMicrophone(failing(name), null, () => {});
  assert.equal(await open("NotAllowedError"), "microphone.refused");
  assert.equal(await open("NotFoundError"), "microphone.missing");
  assert.equal(await open("NotReadableError"), "microphone.busy");
});

Deno.test("a chosen microphone that is gone gives way to the default one", async () => {
  const asked: (ConstrainDOMString | undefined)[] = [];
  const result = await openMicrophone(
    ({ audio }) => {
      asked.push((audio as MediaTrackConstraints).deviceId);
      return failing("OverconstrainedError")();
    },
    "gone",
    () => {},
  );
  assert.equal(result, "microphone.missing");
  assert.deepEqual(asked, [{ exact: "gone" }, undefined]);
});
