/** The microphone: opened for a call or a test, watched while open, closed for good afterwards. */
import { microphoneProblem, type VoiceProblem } from "./problem.ts";

export interface Microphone {
  readonly stream: MediaStream;
  close(): void;
}

export type OpenMicrophone = (constraints: MediaStreamConstraints) => Promise<MediaStream>;

const constraints = (deviceId: string | null): MediaStreamConstraints => ({
  audio: {
    // Never "remote-only": it leaves out what WebAudio plays, and that is all of our sound.
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    channelCount: 1,
    ...(deviceId === null ? {} : { deviceId: { exact: deviceId } }),
  },
});

/** `onEnded` is called when the device goes away or its permission is withdrawn. */
export async function openMicrophone(
  open: OpenMicrophone,
  deviceId: string | null,
  onEnded: () => void,
): Promise<Microphone | VoiceProblem> {
  let stream: MediaStream;
  try {
    stream = await open(constraints(deviceId));
  } catch (error) {
    // A device that was chosen once and is not there now: any other is better than silence.
    if (deviceId !== null && isGone(error)) return openMicrophone(open, null, onEnded);
    return microphoneProblem(error);
  }
  const tracks = stream.getAudioTracks();
  if (tracks.length === 0) return "microphone.missing";
  for (const track of tracks) track.onended = onEnded;
  return {
    stream,
    close() {
      for (const track of tracks) {
        track.onended = null;
        track.stop();
      }
    },
  };
}

const isGone = (error: unknown): boolean =>
  error instanceof Error && (error.name === "OverconstrainedError" || error.name === "NotFoundError");
