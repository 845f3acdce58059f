/** A bare page: our voice pipeline and the browser's own RTP audio, each from a track to a node of one audio context. */
import { AudioGraph } from "../../../client/audio/audioGraph.ts";
import type { FromPlayout } from "../../../client/audio/messages.ts";
import { VoiceConnection } from "../../../client/audio/voiceConnection.ts";
import { chirp, CHIRP_EVERY_S, delays } from "./chirps.ts";

type FrameMs = 10 | 20;

const ASSETS = {
  captureWorklet: "/capture.worklet.js",
  playoutWorklet: "/playout.worklet.js",
  voiceWorker: "/voice.worker.js",
};

interface Path {
  readonly ear: AudioNode;
  close(): void;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

let stream: FromPlayout | null = null;
let opened: AudioGraph | null = null;
const openGraph = (): AudioGraph => opened ??= new AudioGraph(ASSETS, (report) => stream = report);

/** A track that says a chirp each second, and the node that says it. */
function mouth(context: AudioContext): { readonly node: AudioNode; readonly stream: MediaStream } {
  const buffer = context.createBuffer(1, CHIRP_EVERY_S * 48_000, 48_000);
  buffer.copyToChannel(chirp(), 0, 12_000);
  const node = new AudioBufferSourceNode(context, { buffer, loop: true });
  const destination = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
  node.connect(destination);
  node.start();
  return { node, stream: destination.stream };
}

/** Our pipeline: two connections of this page with each other, sealed with a key of their own. */
async function ours(source: MediaStream, frameMs: FrameMs): Promise<Path> {
  const graph = openGraph();
  const room = random(16);
  const key = { kid: 0x1234_0001n, baseKey: random(32), macKey: random(32) };
  const [speaker, listener] = [new MessageChannel(), new MessageChannel()];
  const ends: VoiceConnection[] = [];
  const connected: Promise<void>[] = [speaker, listener].map(({ port1 }, i) =>
    new Promise((resolve, reject) =>
      ends.push(
        new VoiceConnection({
          initiator: i === 0,
          workerUrl: ASSETS.voiceWorker,
          start: { t: "start", room, frameMs, playout: port1 },
          iceServers: () => Promise.resolve([]),
          iceTransportPolicy: "all",
        }, {
          signalMade: (signal) => ends[1 - i]!.deliverSignal(signal),
          connected: () => resolve(),
          failed: () => reject(new Error("the connection failed")),
          worker: () => {},
        }),
      )
    )
  );
  const capture = new MessageChannel();
  graph.setMicrophone(source);
  graph.addSink("bench", capture.port1, frameMs);
  graph.addStream("bench", listener.port2, frameMs);
  ends[0]!.tell({ t: "useSendingKey", key });
  ends[1]!.tell({ t: "acceptReceivingKey", key });
  ends[0]!.tell({ t: "capture", port: capture.port2 }, [capture.port2]);
  await Promise.all(connected);
  return {
    ear: graph.output!,
    close() {
      graph.removeSink("bench");
      graph.removeStream("bench");
      graph.setMicrophone(null);
      for (const end of ends) end.close();
    },
  };
}

/** What a page gets without effort: a track into one RTCPeerConnection and out of the other, played by an element. */
async function connectNative(source: MediaStream, muted: boolean): Promise<{ remote: MediaStream; close(): void }> {
  const [from, to] = [new RTCPeerConnection(), new RTCPeerConnection()];
  from.onicecandidate = ({ candidate }) => void to.addIceCandidate(candidate ?? undefined);
  to.onicecandidate = ({ candidate }) => void from.addIceCandidate(candidate ?? undefined);
  const arrived = new Promise<MediaStream>((resolve) => to.ontrack = ({ track }) => resolve(new MediaStream([track])));
  for (const track of source.getTracks()) from.addTrack(track, source);
  await from.setLocalDescription();
  await to.setRemoteDescription(from.localDescription!);
  await to.setLocalDescription();
  await from.setRemoteDescription(to.localDescription!);
  const remote = await arrived;
  const element = new Audio();
  element.srcObject = remote;
  element.muted = muted;
  await element.play();
  return {
    remote,
    close() {
      element.srcObject = null;
      from.close();
      to.close();
    },
  };
}

/** The same, heard by a node of our context. Chromium decodes a remote track only while an element plays it. */
async function native(source: MediaStream): Promise<Path> {
  const { remote, close } = await connectNative(source, true);
  const ear = openGraph().context.createMediaStreamSource(remote);
  return {
    ear,
    close() {
      ear.disconnect();
      close();
    },
  };
}

export interface RunResult {
  readonly delaysMs: readonly number[];
  readonly stream: FromPlayout | null;
}

const api = {
  async prepare(): Promise<{ baseLatencyMs: number; outputLatencyMs: number }> {
    const graph = openGraph();
    const { context } = graph;
    await graph.ready();
    await graph.resume();
    await context.audioWorklet.addModule("/probe.worklet.js");
    return { baseLatencyMs: context.baseLatency * 1000, outputLatencyMs: context.outputLatency * 1000 };
  },

  /** One run over one of the two ways: after `warmUpMs`, `measureMs` of chirps. */
  async run(way: "ours" | "native", frameMs: FrameMs, warmUpMs: number, measureMs: number): Promise<RunResult> {
    const { context } = openGraph();
    const source = mouth(context);
    stream = null;
    const path = way === "ours" ? await ours(source.stream, frameMs) : await native(source.stream);
    const probe = new AudioWorkletNode(context, "probe", { numberOfInputs: 2, channelCount: 1 });
    source.node.connect(probe, 0, 0);
    path.ear.connect(probe, 0, 1);
    probe.connect(context.destination);
    await wait(warmUpMs);
    probe.port.postMessage("start");
    await wait(measureMs);
    const recorded = new Promise<Float32Array[]>((resolve) => probe.port.onmessage = ({ data }) => resolve(data));
    probe.port.postMessage("take");
    const [said, heard] = await recorded;
    path.ear.disconnect(probe);
    probe.disconnect();
    source.node.disconnect();
    path.close();
    return { delaysMs: delays(said!, heard!), stream };
  },

  /** A page that talks with the microphone and listens, for as long as it is watched. */
  async talk(way: "ours" | "native", frameMs: FrameMs): Promise<void> {
    const source = await navigator.mediaDevices.getUserMedia({ audio: true });
    if (way === "native") return void await connectNative(source, false);
    await openGraph().ready();
    await ours(source, frameMs);
  },
};

export type VoicePage = typeof api;
(globalThis as unknown as { voicePage: VoicePage }).voicePage = api;
