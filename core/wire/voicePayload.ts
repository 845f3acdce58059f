/** The plaintext of a voice frame: one byte that says how long the frame lasts and whether silence follows, then Opus. */
import { ok, refuse, type Result } from "../errors.ts";

export interface VoicePayload {
  readonly durationMs: 10 | 20;
  /** The sender was quiet and skips the counters of the frames it leaves out (DTX). */
  readonly silenceFollows: boolean;
  readonly opus: Uint8Array;
}

const enum Flag {
  TwentyMs = 0x01,
  SilenceFollows = 0x02,
}

export function encodeVoicePayload({ durationMs, silenceFollows, opus }: VoicePayload): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(1 + opus.length);
  bytes[0] = (durationMs === 20 ? Flag.TwentyMs : 0) | (silenceFollows ? Flag.SilenceFollows : 0);
  bytes.set(opus, 1);
  return bytes;
}

export function decodeVoicePayload(bytes: Uint8Array): Result<VoicePayload, "voice.malformed"> {
  const flags = bytes[0];
  if (flags === undefined || flags > 3 || bytes.length < 2) return refuse("voice.malformed");
  return ok({
    durationMs: flags & Flag.TwentyMs ? 20 : 10,
    silenceFollows: (flags & Flag.SilenceFollows) !== 0,
    opus: bytes.subarray(1),
  });
}
