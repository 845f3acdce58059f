import assert from "node:assert/strict";
import { FrameOpener, FrameSealer } from "../../../../client/audio/frameCipher.ts";
import { FrameOpener as ReferenceOpener, sealVoiceFrame } from "../../../../core/voice/frame.ts";
import { voiceKey } from "../../../../core/voice/voiceKey.ts";
import { flipBit, must, mustRefuse, seededRng } from "../../../support/world.ts";

const rng = seededRng(7);
const own = (bytes: Uint8Array) => new Uint8Array(bytes);
const room = own(rng.bytes(16));
const message = (kid: number, secret: Uint8Array) => {
  const key = voiceKey(kid, secret);
  return { kid: key.kid, baseKey: own(key.baseKey), macKey: own(key.macKey) };
};
const key = message(0x1234_5678_0001, rng.bytes(32));
const plaintext = own(rng.bytes(80));

async function sealer(): Promise<FrameSealer> {
  const made = new FrameSealer(room);
  await made.use(key);
  return made;
}

Deno.test("[VF1] [VF4] the worker's frames are, byte for byte, those of the reference", async () => {
  const made = await sealer();
  for (let ctr = 0; ctr < 300; ctr++) {
    assert.deepEqual(await made.seal(plaintext), sealVoiceFrame(key, room, ctr, plaintext));
  }
  assert.equal(made.sealedPackets, 300);
});

Deno.test("[VF1] the reference opens what the worker seals, and the other way round", async () => {
  const reference = new ReferenceOpener(room);
  reference.accept(key);
  const frame = (await (await sealer()).seal(plaintext))!;
  assert.deepEqual(must(reference.open(frame)).plaintext, new Uint8Array(plaintext));
  const opener = new FrameOpener(room);
  opener.accept(key);
  assert.deepEqual(must(await opener.open(sealVoiceFrame(key, room, 9, plaintext))), { sequence: 9, plaintext });
});

Deno.test("[VF4] the worker refuses a frame with any bit of its code or its content flipped", async () => {
  const frame = sealVoiceFrame(key, room, 9, plaintext);
  const opener = new FrameOpener(room);
  opener.accept(key);
  for (let bit = 8 * 8; bit < frame.length * 8; bit += 5) {
    mustRefuse(await opener.open(flipBit(frame, bit)), "voice.bad-mac");
  }
  must(await opener.open(frame));
});

Deno.test("[VF8] the worker accepts each frame once, also when copies come at the same moment", async () => {
  const frame = sealVoiceFrame(key, room, 9, plaintext);
  const opener = new FrameOpener(room);
  opener.accept(key);
  const results = await Promise.all([frame, frame, frame].map((copy) => opener.open(copy)));
  assert.equal(results.filter(({ ok }) => ok).length, 1);
  mustRefuse(await opener.open(frame), "voice.replayed");
});

Deno.test("[VF6] the worker opens nothing with a wrong key, a dropped one, or in another room", async () => {
  const frame = sealVoiceFrame(key, room, 9, plaintext);
  const opener = new FrameOpener(room);
  mustRefuse(await opener.open(frame), "voice.unknown-key");
  opener.accept(message(0x1234_5678_0001, rng.bytes(32)));
  mustRefuse(await opener.open(frame), "voice.bad-mac");
  opener.drop(key.kid);
  opener.accept(key);
  const opening = opener.open(frame);
  opener.drop(key.kid);
  mustRefuse(await opening, "voice.unknown-key");
  const elsewhere = new FrameOpener(own(rng.bytes(16)));
  elsewhere.accept(key);
  mustRefuse(await elsewhere.open(frame), "voice.bad-mac");
});

Deno.test("[VF7] the counter goes on when the key changes, and without a key nothing is sealed", async () => {
  const made = new FrameSealer(room);
  assert.equal(await made.seal(plaintext), null);
  await made.use(key);
  await made.seal(plaintext);
  const next = message(0x1234_5678_0002, rng.bytes(32));
  await made.use(next);
  assert.deepEqual(await made.seal(plaintext), sealVoiceFrame(next, room, 2, plaintext));
  await made.use(key);
  assert.deepEqual(
    await made.seal(plaintext),
    sealVoiceFrame(next, room, 3, plaintext),
    "an older key is not taken up",
  );
});
