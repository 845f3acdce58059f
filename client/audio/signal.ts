/** WebRTC signals as bytes. Only the three that we make are understood: simple-peer would do more at a peer's wish. */
import { VOICE } from "../../core/limits.ts";
import { fromUtf8, utf8 } from "../../core/wire/text.ts";
import type { PeerSignal } from "./simplePeer.ts";

/** `null` for what has no business on the wire, or would be too large for it. */
export function encodeSignal({ type, sdp, candidate }: PeerSignal): Uint8Array | null {
  if (sdp === undefined && candidate === undefined) return null;
  const bytes = utf8(JSON.stringify(sdp === undefined ? { type: "candidate", candidate } : { type, sdp }));
  return bytes.length <= VOICE.maxSignalBytes ? bytes : null;
}

/** `null` where it is not an offer, an answer or a candidate. */
export function decodeSignal(bytes: Uint8Array): PeerSignal | null {
  const text = bytes.length <= VOICE.maxSignalBytes ? fromUtf8(bytes) : null;
  if (text === null) return null;
  try {
    return understood(JSON.parse(text));
  } catch {
    return null;
  }
}

function understood(raw: unknown): PeerSignal | null {
  const { type, sdp, candidate } = (raw ?? {}) as { type?: unknown; sdp?: unknown; candidate?: unknown };
  if ((type === "offer" || type === "answer") && typeof sdp === "string") return { type, sdp };
  if (type !== "candidate" || typeof candidate !== "object" || candidate === null) return null;
  const { candidate: line, sdpMid, sdpMLineIndex } = candidate as Record<string, unknown>;
  // RTCIceCandidate throws where neither tells what the candidate is for.
  if (typeof line !== "string" || (typeof sdpMid !== "string" && typeof sdpMLineIndex !== "number")) return null;
  return {
    type,
    candidate: {
      candidate: line,
      sdpMid: typeof sdpMid === "string" ? sdpMid : null,
      sdpMLineIndex: typeof sdpMLineIndex === "number" ? sdpMLineIndex : null,
    },
  };
}
