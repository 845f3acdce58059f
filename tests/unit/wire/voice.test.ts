import assert from "node:assert/strict";
import fc from "fast-check";
import { VOICE } from "../../../core/limits.ts";
import { type CallControl, callControl } from "../../../core/wire/callControl.ts";
import { decodeSframeHeader, encodeSframeHeader } from "../../../core/wire/sframeHeader.ts";
import { splitVoiceFrame } from "../../../core/wire/voiceFrame.ts";
import { decodeVoicePacket, encodeVoicePacket } from "../../../core/wire/voicePacket.ts";
import { decodeVoicePayload, encodeVoicePayload } from "../../../core/wire/voicePayload.ts";
import { callId } from "../../../core/ids.ts";
import { must, mustRefuse } from "../../support/world.ts";

const bytes = (min: number, max = min) => fc.uint8Array({ minLength: min, maxLength: max });

Deno.test("[VF2] a header has one encoding: every other one is refused", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      (kid, ctr) => {
        const encoded = encodeSframeHeader(kid, ctr);
        assert.deepEqual(must(decodeSframeHeader(encoded)), { kid, ctr, sizeBytes: encoded.length });
      },
    ),
    { seed: 3 },
  );
  fc.assert(
    fc.property(bytes(0, 20), (input) => {
      const decoded = decodeSframeHeader(input);
      if (!decoded.ok) return;
      const { kid, ctr, sizeBytes } = decoded.value;
      assert.deepEqual(encodeSframeHeader(kid, ctr), input.slice(0, sizeBytes));
    }),
    { seed: 4, numRuns: 2000 },
  );
  mustRefuse(decodeSframeHeader(Uint8Array.of(0x80, 7)), "voice.malformed");
  mustRefuse(decodeSframeHeader(Uint8Array.of(0x90, 0, 200)), "voice.malformed");
});

Deno.test("[VF10] packets with and without a copy survive the wire", () => {
  fc.assert(
    fc.property(fc.nat(255), bytes(1, 590), fc.option(bytes(1, 590)), (loss256, frame, previous) => {
      assert.deepEqual(must(decodeVoicePacket(encodeVoicePacket({ loss256, frame, previous }))), {
        loss256,
        frame,
        previous,
      });
    }),
    { seed: 5 },
  );
});

Deno.test("[VF11] packets and frames that are too large, cut off or of an unknown kind are refused", () => {
  for (const packet of [[], [1], [1, 0], [3, 0, 1], [2, 0, 0, 0, 1, 1], [2, 0, 0, 9, 1, 1], [2, 0, 0, 2, 1, 1]]) {
    mustRefuse(decodeVoicePacket(Uint8Array.from(packet)), "voice.malformed");
  }
  mustRefuse(decodeVoicePacket(new Uint8Array(VOICE.maxPacketBytes + 1).fill(1)), "voice.malformed");
  mustRefuse(splitVoiceFrame(new Uint8Array(VOICE.maxFrameBytes + 1)), "voice.malformed");
  mustRefuse(splitVoiceFrame(new Uint8Array(48)), "voice.malformed");
});

Deno.test("[VF9] payloads survive the wire, and unknown flags are refused", () => {
  for (const durationMs of [10, 20] as const) {
    for (const silenceFollows of [true, false]) {
      const payload = { durationMs, silenceFollows, opus: Uint8Array.of(1, 2, 3) };
      assert.deepEqual(must(decodeVoicePayload(encodeVoicePayload(payload))), payload);
    }
  }
  for (const payload of [[], [0], [4, 1], [255, 1]]) {
    mustRefuse(decodeVoicePayload(Uint8Array.from(payload)), "voice.malformed");
  }
});

const call = bytes(16).map((id) => must(callId(id)));
const share = { call, ephemeral: bytes(65), fresh: bytes(32), signature: bytes(64) };
const kid = fc.nat(2 ** 31);
const control: fc.Arbitrary<CallControl> = fc.oneof(
  fc.record({ t: fc.constant("offer" as const), ...share }),
  fc.record({ t: fc.constant("answer" as const), ...share }),
  fc.record({ t: fc.constantFrom("decline" as const, "busy" as const, "hangup" as const), call }),
  fc.record({ t: fc.constant("signal" as const), call, signal: bytes(1, VOICE.maxSignalBytes) }),
  fc.record({ t: fc.constant("key" as const), call, kid, wrapped: bytes(48) }),
  fc.record({ t: fc.constant("keyAck" as const), call, kid }),
);

Deno.test("[VK1] [VK5] call control messages survive the wire, the largest included", () => {
  fc.assert(
    fc.property(control, (message) => {
      assert.deepEqual(must(callControl.decode(callControl.encode(message))), { ...message });
    }),
    { seed: 6, numRuns: 300 },
  );
  const largest = {
    t: "signal",
    call: must(callId(new Uint8Array(16))),
    signal: new Uint8Array(VOICE.maxSignalBytes),
  } as const;
  must(callControl.decode(callControl.encode(largest)));
});
