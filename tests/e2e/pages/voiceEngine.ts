/** Two voice engines of one page that talk to each other, and a count of everything the browser was asked to open. */
import { createVoiceEngine, type VoiceEngine, type VoiceEvent, type VoiceNews } from "../../../client/audio/engine.ts";
import { checkSupport } from "../../../client/audio/support.ts";
import type { CallId } from "../../../core/ids.ts";
import { type VoiceKey, voiceKey } from "../../../core/voice/voiceKey.ts";

const CALL = "000102030405060708090a0b0c0d0e0f" as CallId;

const opened = {
  connections: [] as RTCPeerConnection[],
  contexts: [] as AudioContext[],
  tracks: [] as MediaStreamTrack[],
  workers: 0,
};

const OriginalConnection = RTCPeerConnection;
globalThis.RTCPeerConnection = class extends OriginalConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration);
    opened.connections.push(this);
  }
};
const OriginalContext = AudioContext;
globalThis.AudioContext = class extends OriginalContext {
  constructor(options?: AudioContextOptions) {
    super(options);
    opened.contexts.push(this);
  }
};
const OriginalWorker = Worker;
globalThis.Worker = class extends OriginalWorker {
  constructor(url: string | URL, options?: WorkerOptions) {
    super(url, options);
    opened.workers++;
  }
  override terminate(): void {
    opened.workers--;
    super.terminate();
  }
};

interface Side {
  readonly engine: VoiceEngine;
  readonly events: VoiceEvent["type"][];
  readonly problems: string[];
  level: number;
  heard: { readonly level: number; readonly speaking: boolean };
  quality: Extract<VoiceNews, { t: "quality" }>["quality"] | null;
}

let microphoneFails: string | null = null;

async function microphone(constraints: MediaStreamConstraints): Promise<MediaStream> {
  if (microphoneFails !== null) throw new DOMException("", microphoneFails);
  const stream = await navigator.mediaDevices.getUserMedia(constraints);
  opened.tracks.push(...stream.getTracks());
  return stream;
}

function side(other: () => Side): Side {
  const made: Side = {
    engine: createVoiceEngine({
      iceServers: () => Promise.resolve([]),
      assets: {
        captureWorklet: "asset:capture.worklet",
        playoutWorklet: "asset:playout.worklet",
        voiceWorker: "asset:voice.worker",
      },
      microphone,
      onEvent(event) {
        made.events.push(event.type);
        if (event.type === "VoiceSignalMade") other().engine.deliverSignal(CALL, event.signal);
      },
      onNews(news) {
        if (news.t === "level") made.level = news.level;
        if (news.t === "heard") made.heard = news;
        if (news.t === "quality") made.quality = news.quality;
        if (news.t === "problem") made.problems.push(news.problem);
      },
    }),
    events: [],
    problems: [],
    level: 0,
    heard: { level: 0, speaking: false },
    quality: null,
  };
  return made;
}

const left: Side = side(() => right);
const right: Side = side(() => left);
const sides = { left, right };
type Name = keyof typeof sides;

const keys = (kid: number): VoiceKey => voiceKey(kid, new Uint8Array(32).fill(kid % 251));

const probe = {
  support: checkSupport,
  failMicrophone(name: string | null): void {
    microphoneFails = name;
  },
  open(): void {
    left.engine.open(CALL, true);
    right.engine.open(CALL, false);
  },
  /** `from` seals with this key from now on; the other side opens it, or takes another one for it. */
  key(from: Name, kid: number, right = true): void {
    const to = from === "left" ? "right" : "left";
    sides[to].engine.acceptReceivingKey(CALL, right ? keys(kid) : { ...keys(kid + 1), kid: BigInt(kid) });
    sides[from].engine.useSendingKey(CALL, keys(kid));
  },
  dropKey(from: Name, kid: number): void {
    sides[from === "left" ? "right" : "left"].engine.dropReceivingKey(CALL, BigInt(kid));
  },
  close(): void {
    left.engine.close(CALL);
    right.engine.close(CALL);
  },
  closeOne: (name: Name) => sides[name].engine.close(CALL),
  setMuted: (name: Name, muted: boolean) => sides[name].engine.setMuted(muted),
  testMicrophone: (on: boolean) => on ? left.engine.startMicrophoneTest() : left.engine.stopMicrophoneTest(),
  look: (name: Name) => {
    const { events, problems, level, heard, quality } = sides[name];
    return { events, problems, level, heard, quality };
  },
  opened: () => ({
    connections: opened.connections.filter(({ connectionState }) => connectionState !== "closed").length,
    contexts: opened.contexts.filter(({ state }) => state !== "closed").length,
    tracks: opened.tracks.filter(({ readyState }) => readyState !== "ended").length,
    workers: opened.workers,
  }),
  /** Kinds of the RTP streams of all connections: there must be none. */
  async rtpStreams(): Promise<string[]> {
    const reports = await Promise.all(opened.connections.map((connection) => connection.getStats()));
    const types: string[] = [];
    for (const report of reports) report.forEach(({ type }: { type: string }) => types.push(type));
    return types.filter((type) => type.endsWith("-rtp"));
  },
};

export type VoiceProbe = typeof probe;
(globalThis as unknown as { voiceProbe: VoiceProbe }).voiceProbe = probe;
