/** Whether this browser can make calls: asked before the first one, not during it. */
import { encoderConfig } from "./opusEncoder.ts";
import type { VoiceProblem } from "./problem.ts";

/** What is missing, or `null`. Asks for no permission and opens nothing. */
export async function checkSupport(): Promise<VoiceProblem | null> {
  if (!globalThis.isSecureContext || navigator.mediaDevices === undefined) return "audio.not-secure";
  if (typeof AudioWorkletNode === "undefined" || typeof RTCPeerConnection === "undefined") return "audio.no-worklet";
  if (typeof AudioEncoder === "undefined") return "audio.no-encoder";
  try {
    return (await AudioEncoder.isConfigSupported(encoderConfig(20))).supported ? null : "audio.no-encoder";
  } catch {
    return "audio.no-encoder";
  }
}
