import assert from "node:assert/strict";
import fc from "fast-check";
import { VOICE } from "../../../core/limits.ts";
import { FrameOpener, sealVoiceFrame } from "../../../core/voice/frame.ts";
import { ReplayWindow } from "../../../core/voice/replay.ts";
import { kidOf, voiceKey } from "../../../core/voice/voiceKey.ts";
import { hmacSha256 } from "../../../core/crypto/kdf.ts";
import { concat } from "../../../core/wire/bytes.ts";
import { macInput } from "../../../core/wire/voiceFrame.ts";
import { flipBit, must, mustRefuse, seededRng } from "../../support/world.ts";

const rng = seededRng(3);
const room = rng.bytes(16);
const key = voiceKey(kidOf(0xabcd_1234, 1), rng.bytes(32));
const plaintext = rng.bytes(80);

function opener(): FrameOpener {
  const made = new FrameOpener(room);
  made.accept(key);
  return made;
}

Deno.test("[VF1] a sealed frame opens to what was sealed, with its key id and counter", () => {
  const opened = must(opener().open(sealVoiceFrame(key, room, 70_000, plaintext)));
  assert.deepEqual(opened, { kid: key.kid, ctr: 70_000, plaintext });
});

Deno.test("[VF4] a frame whose code was tampered with is refused, and leaves no trace", () => {
  const frame = sealVoiceFrame(key, room, 5, plaintext);
  const made = opener();
  for (let bit = (frame.length - 32) * 8; bit < frame.length * 8; bit++) {
    mustRefuse(made.open(flipBit(frame, bit)), "voice.bad-mac");
  }
  must(made.open(frame));
});

Deno.test("[VF4] a frame of another room is refused, even with the same keys", () => {
  mustRefuse(opener().open(sealVoiceFrame(key, rng.bytes(16), 5, plaintext)), "voice.bad-mac");
});

Deno.test("[VF5] whoever holds the mac key alone can neither forge a frame nor use up its counter", () => {
  const frame = sealVoiceFrame(key, room, 5, plaintext);
  const forged = flipBit(frame.slice(0, -32), 8 * 12);
  const made = opener();
  const withCode = concat(forged, hmacSha256(key.macKey, macInput(room, forged)));
  mustRefuse(made.open(withCode), "voice.not-authentic");
  must(made.open(frame));
});

Deno.test("[VF6] a wrong key is not accepted, and a dropped one not any longer", () => {
  const frame = sealVoiceFrame(key, room, 5, plaintext);
  const made = new FrameOpener(room);
  mustRefuse(made.open(frame), "voice.unknown-key");
  const wrong = voiceKey(Number(key.kid), rng.bytes(32));
  made.accept(wrong);
  mustRefuse(made.open(frame), "voice.bad-mac");
  made.drop(key.kid);
  made.accept({ ...wrong, macKey: key.macKey });
  mustRefuse(made.open(frame), "voice.not-authentic");
  const dropped = opener();
  dropped.drop(key.kid);
  mustRefuse(dropped.open(frame), "voice.unknown-key");
});

Deno.test("[VF8] a replayed frame is refused", () => {
  const made = opener();
  const frames = [3, 1, 2].map((ctr) => sealVoiceFrame(key, room, ctr, plaintext));
  for (const frame of frames) must(made.open(frame));
  for (const frame of frames) mustRefuse(made.open(frame), "voice.replayed");
});

Deno.test("[VF8] a frame from before the window is refused", () => {
  const made = opener();
  must(made.open(sealVoiceFrame(key, room, VOICE.replayWindow + 10, plaintext)));
  mustRefuse(made.open(sealVoiceFrame(key, room, 10, plaintext)), "voice.too-old");
  must(made.open(sealVoiceFrame(key, room, 11, plaintext)));
});

Deno.test("[VF8] the window accepts what a plain set would, each counter once", () => {
  const jump = fc.oneof(fc.integer({ min: -700, max: 40 }), fc.integer({ min: 0, max: 2000 }));
  fc.assert(
    fc.property(fc.array(jump, { maxLength: 300 }), (jumps) => {
      const window = new ReplayWindow();
      const seen = new Set<number>();
      let newest = -1;
      for (const step of jumps) {
        const ctr = Math.max(0, newest + step);
        const expected = ctr <= newest - VOICE.replayWindow ? "voice.too-old" : seen.has(ctr) ? "voice.replayed" : null;
        const result = window.accept(ctr);
        assert.equal(result.ok ? null : result.reason, expected);
        seen.add(ctr);
        newest = Math.max(newest, ctr);
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

Deno.test("[VF2] [VF7] whatever bytes come, they are opened or refused by name", () => {
  const made = opener();
  const frame = sealVoiceFrame(key, room, 5, plaintext);
  fc.assert(
    fc.property(
      fc.oneof(fc.uint8Array({ maxLength: 700 }), fc.nat(frame.length).map((end) => frame.slice(0, end))),
      (bytes) => {
        const result = made.open(bytes);
        assert.ok(result.ok ? bytes.length === frame.length : result.reason.startsWith("voice."));
      },
    ),
    { seed: 2, numRuns: 500 },
  );
});
