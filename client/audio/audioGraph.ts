/** The page's audio: one context with a capture worklet and a playout worklet, shared by all calls and the test. */
import { VOICE } from "../../core/limits.ts";
import type { FrameMs, FromPlayout, ToCapture, ToPlayout } from "./messages.ts";

export interface AudioAssets {
  readonly captureWorklet: string;
  readonly playoutWorklet: string;
  readonly voiceWorker: string;
}

/** `setSinkId` on a context is in Chromium and not in the DOM library. */
type ContextWithOutput = AudioContext & { setSinkId?(id: string): Promise<void> };

export class AudioGraph {
  readonly context: ContextWithOutput;
  readonly #assets: AudioAssets;
  readonly #onStream: (report: FromPlayout) => void;
  #ready: Promise<void> | null = null;
  #capture: AudioWorkletNode | null = null;
  #playout: AudioWorkletNode | null = null;
  #volume: GainNode | null = null;
  #source: MediaStreamAudioSourceNode | null = null;

  /** Make it in a user's gesture, or the browser keeps it silent. */
  constructor(assets: AudioAssets, onStream: (report: FromPlayout) => void) {
    // The smallest hardware buffer there is: on the way from mouth to ear it is the first thing that counts.
    this.context = new AudioContext({ latencyHint: 0, sampleRate: VOICE.sampleRateHz });
    this.#assets = assets;
    this.#onStream = onStream;
  }

  /** Loads the worklets, once. Rejects when the browser cannot; to be called again then. */
  ready(): Promise<void> {
    return this.#ready ??= this.#load().catch((error: unknown) => {
      this.#ready = null;
      throw error;
    });
  }

  /** Whether sound can come out; where it cannot, another gesture of the user's may help. */
  async resume(): Promise<boolean> {
    if (this.context.state === "suspended") await Promise.race([this.context.resume(), delay(1000)]);
    return this.context.state === "running";
  }

  /** Plays this stream's sound from now on. `null`: silence. */
  setMicrophone(stream: MediaStream | null): void {
    this.#source?.disconnect();
    this.#source = null;
    if (stream === null || this.#capture === null) return;
    this.#source = this.context.createMediaStreamSource(stream);
    this.#source.connect(this.#capture);
  }

  addSink(id: string, port: MessagePort, frameMs: FrameMs): void {
    const message: ToCapture = { t: "sink", id, port, frameMs };
    this.#capture?.port.postMessage(message, [port]);
  }

  removeSink(id: string): void {
    const message: ToCapture = { t: "remove", id };
    this.#capture?.port.postMessage(message);
  }

  addStream(id: string, port: MessagePort, frameMs: FrameMs): void {
    this.#tellPlayout({ t: "add", id, port, frameMs }, [port]);
  }

  removeStream(id: string): void {
    this.#tellPlayout({ t: "remove", id });
  }

  setVolume(id: string, gain: number): void {
    this.#tellPlayout({ t: "volume", id, gain });
  }

  setDeafened(deafened: boolean): void {
    this.#volume?.gain.setTargetAtTime(deafened ? 0 : 1, this.context.currentTime, 0.01);
  }

  /** Rejects where the device is gone. Does nothing where the browser lets nobody choose. */
  async setOutput(deviceId: string | null): Promise<void> {
    await this.context.setSinkId?.(deviceId ?? "");
  }

  /** What is played, for a measurement. */
  get output(): AudioNode | null {
    return this.#volume;
  }

  async close(): Promise<void> {
    this.setMicrophone(null);
    this.#capture?.disconnect();
    this.#playout?.disconnect();
    if (this.context.state !== "closed") await this.context.close();
  }

  async #load(): Promise<void> {
    const { audioWorklet } = this.context;
    await Promise.all([
      audioWorklet.addModule(this.#assets.captureWorklet),
      audioWorklet.addModule(this.#assets.playoutWorklet),
    ]);
    if (this.context.state === "closed") return;
    const mono = { numberOfInputs: 1, channelCount: 1, channelCountMode: "explicit" } as const;
    // It has an output, which stays silent, because a node that leads nowhere may not be run.
    const capture = new AudioWorkletNode(this.context, "securecomm-capture", { ...mono, outputChannelCount: [1] });
    const playout = new AudioWorkletNode(this.context, "securecomm-playout", {
      numberOfInputs: 0,
      outputChannelCount: [1],
    });
    const volume = new GainNode(this.context);
    playout.port.onmessage = ({ data }: MessageEvent<FromPlayout>) => this.#onStream(data);
    capture.connect(this.context.destination);
    playout.connect(volume).connect(this.context.destination);
    this.#capture = capture;
    this.#playout = playout;
    this.#volume = volume;
  }

  #tellPlayout(message: ToPlayout, transfer: Transferable[] = []): void {
    this.#playout?.port.postMessage(message, transfer);
  }
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
