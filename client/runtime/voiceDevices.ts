/** Microphones and speakers, and which of them the person chose on this device. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { AudioDevices } from "../ui/port.ts";
import { preference } from "./preferences.ts";

type Choice = Partial<Pick<AudioDevices, "inputId" | "outputId">>;

export interface Devices {
  readonly chosen: ReadonlySignal<AudioDevices>;
  choose(change: Choice): void;
  /** Asks the browser again which devices there are. */
  refresh(): void;
}

// Device ids mean nothing outside of this site, so the choice may stand in plain storage.
const input = preference("voice-input");
const output = preference("voice-output");

export function createDevices(): Devices {
  const chosen = signal<AudioDevices>({ inputs: [], outputs: [], inputId: input.get(), outputId: output.get() });
  const list = async () => {
    const found = await navigator.mediaDevices?.enumerateDevices() ?? [];
    const of = (kind: MediaDeviceKind) =>
      found.filter((device) => device.kind === kind && device.deviceId !== "" && device.deviceId !== "default")
        .map(({ deviceId, label }) => ({ id: deviceId, label }));
    const outputs = "setSinkId" in AudioContext.prototype ? of("audiooutput") : [];
    chosen.value = { ...chosen.value, inputs: of("audioinput"), outputs };
  };
  const refresh = () => void list().catch(reportError);
  navigator.mediaDevices?.addEventListener("devicechange", refresh);
  refresh();
  return {
    chosen,
    refresh,
    choose(change) {
      chosen.value = { ...chosen.value, ...change };
      input.set(chosen.value.inputId);
      output.set(chosen.value.outputId);
    },
  };
}
