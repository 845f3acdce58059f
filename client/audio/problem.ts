/** Why voice cannot work here, or has stopped working. */
export type VoiceProblem =
  /** Not HTTPS and not localhost: the browser hides the microphone. */
  | "audio.not-secure"
  | "audio.no-encoder"
  | "audio.no-worklet"
  | "microphone.missing"
  | "microphone.refused"
  | "microphone.busy"
  /** The browser does not let us play, or the output chosen is gone. */
  | "speaker.failed";

/** By the names of the exceptions that getUserMedia is specified to throw. */
export function microphoneProblem(error: unknown): VoiceProblem {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "microphone.refused";
  if (name === "NotReadableError" || name === "AbortError") return "microphone.busy";
  return "microphone.missing";
}
