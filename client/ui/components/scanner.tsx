/** Looks for a QR code through the camera, where the browser can read one itself. */
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../laterStrings.ts";

/** Shape Detection API (WICG), as far as it is used here. */
declare class BarcodeDetector {
  constructor(options: { readonly formats: readonly string[] });
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}

const LOOK_EVERY_MS = 200;

export const canScan = (): boolean => "BarcodeDetector" in globalThis && navigator.mediaDevices !== undefined;

/** Shows what the camera sees until it sees a code; the camera is off when this is gone. */
export function Scanner({ onCode }: { readonly onCode: (text: string) => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const ending = new AbortController();
    scan(video.current!, ending.signal).then(
      (text) => text !== null && onCode(text),
      () => ending.signal.aborted || setFailed(true),
    );
    return () => ending.abort();
  }, []);
  if (failed) return <p class="hint" role="alert">{t("scanNoCamera")}</p>;
  return (
    <div class="scanner">
      <video ref={video} aria-label={t("scanView")} muted playsInline />
      <p class="hint">{t("scanning")}</p>
    </div>
  );
}

/** The text of the first code in sight; `null` when told to end. */
async function scan(video: HTMLVideoElement, ending: AbortSignal): Promise<string | null> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  try {
    video.srcObject = stream;
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    while (!ending.aborted) {
      if (video.paused) await video.play();
      const [code] = await detector.detect(video);
      if (code !== undefined) return code.rawValue;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    return null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}
