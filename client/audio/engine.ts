/**
 * The voice engine: what the driver's voice effects are carried out by. It joins audio graph, microphone and one
 * connection for each call, and holds nothing open when no call and no microphone test is on.
 */
import { type CallId, fromHex } from "../../core/ids.ts";
import { VOICE } from "../../core/limits.ts";
import type { VoiceKey } from "../../core/voice/voiceKey.ts";
import { type AudioAssets, AudioGraph } from "./audioGraph.ts";
import type { FrameMs, FromPlayout, FromVoiceWorker, KeyMessage } from "./messages.ts";
import { type Microphone, type OpenMicrophone, openMicrophone } from "./microphone.ts";
import type { VoiceProblem } from "./problem.ts";
import { SpeakingDetector } from "./speaking.ts";
import { VoiceConnection, type VoiceRoute } from "./voiceConnection.ts";

/** Events for the node, in its own words. */
export type VoiceEvent =
  | { readonly type: "VoiceSignalMade"; readonly call: CallId; readonly signal: Uint8Array }
  | { readonly type: "VoiceConnected"; readonly call: CallId; readonly route: VoiceRoute }
  | { readonly type: "VoiceFailed"; readonly call: CallId }
  | { readonly type: "VoiceSealed"; readonly call: CallId; readonly packets: number };

/** News for the screen. */
export type VoiceNews =
  /** Our microphone, 0 to 1, about 16 times in a second; and whether we speak. */
  | { readonly t: "level"; readonly level: number; readonly speaking: boolean }
  /** The other side's sound, as it is played. */
  | { readonly t: "heard"; readonly call: CallId; readonly level: number; readonly speaking: boolean }
  | { readonly t: "quality"; readonly call: CallId; readonly quality: CallQuality }
  | { readonly t: "problem"; readonly problem: VoiceProblem }
  /** The problem with the microphone or the speaker is over. */
  | { readonly t: "solved" };

export interface CallQuality {
  readonly roundTripMs: number | null;
  /** 0 to 1: of the other's packets, and of ours as the other side reports. */
  readonly lossRatio: number;
  readonly lossOutRatio: number;
  /** What the jitter buffer holds back. */
  readonly bufferMs: number;
  readonly targetMs: number;
  /** Made-up, late and stretched sound since the call began: frames, packets, samples. */
  readonly concealed: number;
  readonly waited: number;
  readonly late: number;
  readonly stretchedSamples: number;
  readonly refusals: Readonly<Record<string, number>>;
}

export interface VoiceEngineOptions {
  iceServers(): Promise<RTCIceServer[]>;
  /** Asked at each call; `all` unless told otherwise. */
  readonly iceTransportPolicy?: () => RTCIceTransportPolicy;
  readonly assets: AudioAssets;
  onEvent(event: VoiceEvent): void;
  onNews(news: VoiceNews): void;
  /** 20 ms unless told otherwise. With 10 ms sound is about 10 ms sooner there, for twice the packets and more work. */
  readonly frameMs?: FrameMs;
  /** `getUserMedia` unless told otherwise. */
  readonly microphone?: OpenMicrophone;
}

export interface VoiceEngine {
  /** To be called in a gesture of the user's that leads to a call, so that the browser lets us play. */
  prepare(): void;
  open(call: CallId, initiator: boolean): void;
  deliverSignal(call: CallId, signal: Uint8Array): void;
  useSendingKey(call: CallId, key: VoiceKey): void;
  acceptReceivingKey(call: CallId, key: VoiceKey): void;
  dropReceivingKey(call: CallId, kid: bigint): void;
  close(call: CallId): void;
  setMuted(muted: boolean): void;
  setDeafened(deafened: boolean): void;
  /** 0 to 2. */
  setVolume(call: CallId, gain: number): void;
  /** `null`: the system's default. */
  chooseInput(deviceId: string | null): void;
  chooseOutput(deviceId: string | null): void;
  /** Levels of the microphone without a call. */
  startMicrophoneTest(): void;
  stopMicrophoneTest(): void;
  /** What is played, for a measurement; `null` while nothing is open. */
  output(): AudioNode | null;
}

interface OpenCall {
  readonly connection: VoiceConnection;
  readonly speaking: SpeakingDetector;
  heard: FromPlayout | null;
}

/** A call that was prepared for has rung for longer than it may. */
const UNUSED_AFTER_MS = VOICE.ringTimeoutMs + VOICE.connectTimeoutMs;
const TEST_SINK = "test";
const TEST_FRAME_MS = 20;

const keyMessage = ({ kid, baseKey, macKey }: VoiceKey): KeyMessage => ({
  kid,
  baseKey: new Uint8Array(baseKey),
  macKey: new Uint8Array(macKey),
});

export const createVoiceEngine = (options: VoiceEngineOptions): VoiceEngine => new Engine(options);

class Engine implements VoiceEngine {
  readonly #options: VoiceEngineOptions;
  readonly #frameMs: FrameMs;
  readonly #calls = new Map<CallId, OpenCall>();
  readonly #speaking = new SpeakingDetector();
  #graph: AudioGraph | null = null;
  #microphone: Microphone | null = null;
  /** Which attempt at opening the microphone counts; an earlier one that ends later is closed again. */
  #microphoneAttempt = 0;
  #testing: MessagePort | null = null;
  #testFrames = 0;
  #muted = false;
  #deafened = false;
  #inputId: string | null = null;
  #outputId: string | null = null;

  constructor(options: VoiceEngineOptions) {
    this.#options = options;
    this.#frameMs = options.frameMs ?? 20;
  }

  prepare(): void {
    void this.#openGraph().then((graph) => graph?.resume());
    setTimeout(() => this.#releaseIfIdle(), UNUSED_AFTER_MS);
  }

  open(call: CallId, initiator: boolean): void {
    if (this.#calls.has(call)) return;
    const { port1: toPlayout, port2: fromWorker } = new MessageChannel();
    const { assets, iceTransportPolicy } = this.#options;
    const room = new Uint8Array(fromHex(call));
    const connection = new VoiceConnection({
      initiator,
      workerUrl: assets.voiceWorker,
      start: { t: "start", room, frameMs: this.#frameMs, playout: toPlayout },
      iceServers: () => this.#options.iceServers(),
      iceTransportPolicy: iceTransportPolicy?.() ?? "all",
    }, {
      signalMade: (signal) => this.#options.onEvent({ type: "VoiceSignalMade", call, signal }),
      connected: (route) => this.#options.onEvent({ type: "VoiceConnected", call, route }),
      failed: () => this.#failed(call),
      worker: (message) => this.#heardFromWorker(call, message),
    });
    this.#calls.set(call, { connection, speaking: new SpeakingDetector(), heard: null });
    void this.#join(call, connection, fromWorker);
  }

  deliverSignal(call: CallId, signal: Uint8Array): void {
    this.#calls.get(call)?.connection.deliverSignal(signal);
  }

  useSendingKey(call: CallId, key: VoiceKey): void {
    this.#calls.get(call)?.connection.tell({ t: "useSendingKey", key: keyMessage(key) });
  }

  acceptReceivingKey(call: CallId, key: VoiceKey): void {
    this.#calls.get(call)?.connection.tell({ t: "acceptReceivingKey", key: keyMessage(key) });
  }

  dropReceivingKey(call: CallId, kid: bigint): void {
    this.#calls.get(call)?.connection.tell({ t: "dropReceivingKey", kid });
  }

  close(call: CallId): void {
    const open = this.#calls.get(call);
    if (open === undefined) return;
    this.#calls.delete(call);
    open.connection.close();
    this.#graph?.removeSink(call);
    this.#graph?.removeStream(call);
    this.#releaseIfIdle();
  }

  setMuted(muted: boolean): void {
    this.#muted = muted;
    this.#applyMute();
  }

  setDeafened(deafened: boolean): void {
    this.#deafened = deafened;
    this.#graph?.setDeafened(deafened);
  }

  setVolume(call: CallId, gain: number): void {
    this.#graph?.setVolume(call, Math.min(2, Math.max(0, gain)));
  }

  chooseInput(deviceId: string | null): void {
    this.#inputId = deviceId;
    if (this.#inUse()) void this.#openMicrophone();
  }

  chooseOutput(deviceId: string | null): void {
    this.#outputId = deviceId;
    void this.#applyOutput();
  }

  startMicrophoneTest(): void {
    if (this.#testing !== null) return;
    const { port1, port2 } = new MessageChannel();
    this.#testing = port1;
    port1.onmessage = ({ data }: MessageEvent<Float32Array>) => {
      const energy = data.reduce((sum, sample) => sum + sample * sample, 0);
      // Three frames of 20 ms to a report is what a call does too.
      if (++this.#testFrames % 3 === 0) this.#reportLevel(Math.sqrt(energy / data.length));
    };
    void this.#openGraph().then(async (graph) => {
      if (graph === null || this.#testing !== port1) return;
      graph.addSink(TEST_SINK, port2, TEST_FRAME_MS);
      await this.#startSound(graph);
    });
  }

  stopMicrophoneTest(): void {
    this.#testing?.close();
    this.#testing = null;
    this.#graph?.removeSink(TEST_SINK);
    this.#releaseIfIdle();
  }

  output(): AudioNode | null {
    return this.#graph?.output ?? null;
  }

  #inUse(): boolean {
    return this.#calls.size > 0 || this.#testing !== null;
  }

  /** Connects a call to the graph, in so far as it is still on when the graph is there. */
  async #join(call: CallId, connection: VoiceConnection, fromWorker: MessagePort): Promise<void> {
    const graph = await this.#openGraph();
    if (graph === null || this.#calls.get(call)?.connection !== connection) return;
    graph.addStream(call, fromWorker, this.#frameMs);
    const { port1, port2 } = new MessageChannel();
    graph.addSink(call, port1, this.#frameMs);
    connection.tell({ t: "capture", port: port2 }, [port2]);
    await this.#startSound(graph);
  }

  async #startSound(graph: AudioGraph): Promise<void> {
    graph.setDeafened(this.#deafened);
    if (this.#microphone === null) await this.#openMicrophone();
    await this.#applyOutput();
    if (this.#graph === graph && !(await graph.resume()) && this.#graph === graph) this.#problem("speaker.failed");
  }

  /** The graph with its worklets loaded, or `null` after saying why there is none. */
  async #openGraph(): Promise<AudioGraph | null> {
    try {
      const graph = this.#graph ??= new AudioGraph(this.#options.assets, (report) => this.#streamReported(report));
      await graph.ready();
      return this.#graph === graph ? graph : null;
    } catch {
      this.#problem("audio.no-worklet");
      return null;
    }
  }

  async #openMicrophone(): Promise<void> {
    const attempt = ++this.#microphoneAttempt;
    const open = this.#options.microphone ?? ((constraints) => navigator.mediaDevices.getUserMedia(constraints));
    const opened = await openMicrophone(open, this.#inputId, () => this.#microphoneLost());
    if (attempt !== this.#microphoneAttempt || !this.#inUse()) {
      if (typeof opened !== "string") opened.close();
      return;
    }
    this.#microphone?.close();
    this.#microphone = null;
    if (typeof opened === "string") {
      this.#graph?.setMicrophone(null);
      return this.#problem(opened);
    }
    this.#microphone = opened;
    this.#applyMute();
    this.#graph?.setMicrophone(opened.stream);
    this.#options.onNews({ t: "solved" });
  }

  /** The device was pulled out: another one may be there. */
  #microphoneLost(): void {
    this.#inputId = null;
    if (this.#inUse()) void this.#openMicrophone();
  }

  #applyMute(): void {
    for (const track of this.#microphone?.stream.getAudioTracks() ?? []) track.enabled = !this.#muted;
  }

  async #applyOutput(): Promise<void> {
    try {
      await this.#graph?.setOutput(this.#outputId);
    } catch {
      this.#problem("speaker.failed");
    }
  }

  #heardFromWorker(call: CallId, message: FromVoiceWorker): void {
    if (message.t === "level") this.#reportLevel(message.level);
    else if (message.t === "encoderFailed") this.#problem("audio.no-encoder");
    else {
      this.#options.onEvent({ type: "VoiceSealed", call, packets: message.sealedPackets });
      void this.#reportQuality(call, message);
    }
  }

  async #reportQuality(call: CallId, report: Extract<FromVoiceWorker, { t: "report" }>): Promise<void> {
    const open = this.#calls.get(call);
    const roundTripMs = await open?.connection.roundTripMs().catch(() => null) ?? null;
    if (open === undefined || this.#calls.get(call) !== open) return;
    const { delayMs = 0, targetMs = 0, concealed = 0, waited = 0, late = 0, stretchedSamples = 0 } = open.heard ?? {};
    const quality: CallQuality = {
      roundTripMs,
      lossRatio: report.lossIn,
      lossOutRatio: report.lossOut,
      bufferMs: delayMs,
      targetMs,
      concealed,
      waited,
      late,
      stretchedSamples,
      refusals: report.refusals,
    };
    this.#options.onNews({ t: "quality", call, quality });
  }

  #streamReported(report: FromPlayout): void {
    const call = report.id as CallId;
    const open = this.#calls.get(call);
    if (open === undefined) return;
    open.heard = report;
    const speaking = open.speaking.update(report.level, performance.now());
    this.#options.onNews({ t: "heard", call, level: report.level, speaking });
  }

  #reportLevel(level: number): void {
    const speaking = this.#speaking.update(this.#muted ? 0 : level, performance.now());
    this.#options.onNews({ t: "level", level, speaking });
  }

  #failed(call: CallId): void {
    if (!this.#calls.has(call)) return;
    this.close(call);
    this.#options.onEvent({ type: "VoiceFailed", call });
  }

  #problem(problem: VoiceProblem): void {
    this.#options.onNews({ t: "problem", problem });
  }

  /** Gives microphone and audio hardware back. */
  #releaseIfIdle(): void {
    if (this.#inUse()) return;
    this.#microphoneAttempt++;
    this.#microphone?.close();
    this.#microphone = null;
    void this.#graph?.close();
    this.#graph = null;
  }
}
