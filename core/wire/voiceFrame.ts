/**
 * A voice frame: `SFrame | HMAC-SHA256`. The outer code covers the room and everything before it, under a key that a
 * relay may hold too, so that a relay drops forgeries without being able to listen.
 */
import { ok, refuse, type Result } from "../errors.ts";
import { VOICE } from "../limits.ts";
import { concat } from "./bytes.ts";
import { decodeSframeHeader } from "./sframeHeader.ts";

export const VOICE_FRAME = { roomBytes: 16, macBytes: 32, tagBytes: 16 } as const;

export interface VoiceFrame {
  readonly kid: bigint;
  /** Below 2^48: a sender counts through its whole call, so it is also the packet's sequence number. */
  readonly ctr: number;
  readonly headerBytes: number;
  /** The SFrame: header, ciphertext, tag. */
  readonly sframe: Uint8Array;
  /** 32 bytes. */
  readonly mac: Uint8Array;
}

const MAX_CTR = 2n ** 48n;

/** What the code is computed over: 16 bytes of room, then the SFrame. */
export const macInput = (room: Uint8Array, sframe: Uint8Array): Uint8Array => concat(room, sframe);

/** Parts of a frame; none of it is authenticated yet. */
export function splitVoiceFrame(frame: Uint8Array): Result<VoiceFrame, "voice.malformed"> {
  if (frame.length > VOICE.maxFrameBytes) return refuse("voice.malformed");
  const end = frame.length - VOICE_FRAME.macBytes;
  if (end < 1) return refuse("voice.malformed");
  const sframe = frame.subarray(0, end);
  const header = decodeSframeHeader(sframe);
  if (!header.ok) return header;
  const { kid, ctr, sizeBytes } = header.value;
  if (ctr >= MAX_CTR || end < sizeBytes + VOICE_FRAME.tagBytes) return refuse("voice.malformed");
  return ok({ kid, ctr: Number(ctr), headerBytes: sizeBytes, sframe, mac: frame.subarray(end) });
}
