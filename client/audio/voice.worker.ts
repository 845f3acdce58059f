/**
 * The voice worker of one connection: samples to sealed packets, and sealed packets to Opus frames for playout. Keys
 * are here and nowhere else in the audio path.
 */
import { VOICE } from "../../core/limits.ts";
import { decodeVoicePacket, encodeVoicePacket } from "../../core/wire/voicePacket.ts";
import { decodeVoicePayload, encodeVoicePayload } from "../../core/wire/voicePayload.ts";
import { FrameOpener, FrameSealer } from "./frameCipher.ts";
import { LossMeter } from "./lossMeter.ts";
import type { FrameMs, FromVoiceWorker, PlayFrame, ToVoiceWorker } from "./messages.ts";
import { createOpusEncoder } from "./opusEncoder.ts";

const REPORT_EVERY_MS = 1000;
const LEVEL_EVERY_MS = 60;
/** More than this on its way out means that the network does not take it: old sound is worth nothing, so it is dropped. */
const MAX_BUFFERED_BYTES = 8 * 1024;

interface WorkerScope {
  postMessage(message: FromVoiceWorker): void;
  onmessage: ((event: MessageEvent<ToVoiceWorker>) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;

class VoiceWorker {
  readonly #sealer: FrameSealer;
  readonly #opener: FrameOpener;
  readonly #playout: MessagePort;
  readonly #frameMs: FrameMs;
  readonly #encoder: ReturnType<typeof createOpusEncoder>;
  readonly #meter = new LossMeter();
  readonly #refusals: Record<string, number> = {};
  #channel: RTCDataChannel | null = null;
  #capture: MessagePort | null = null;
  #previous: Uint8Array | null = null;
  /** What the other side reported of our packets. */
  #lossOut = 0;
  #energy = 0;
  #energyMs = 0;

  constructor(room: Uint8Array<ArrayBuffer>, frameMs: FrameMs, playout: MessagePort) {
    this.#sealer = new FrameSealer(room);
    this.#opener = new FrameOpener(room);
    this.#playout = playout;
    this.#frameMs = frameMs;
    const failed = () => scope.postMessage({ t: "encoderFailed" });
    this.#encoder = createOpusEncoder(frameMs, (opus) => void this.#send(opus), failed);
    setInterval(() => this.#report(), REPORT_EVERY_MS);
  }

  receive(message: Exclude<ToVoiceWorker, { t: "start" }>): void {
    switch (message.t) {
      case "capture":
        return this.#captureFrom(message.port);
      case "channel":
        return this.#useChannel(message.channel);
      case "useSendingKey":
        return void this.#sealer.use(message.key);
      case "acceptReceivingKey":
        return this.#opener.accept(message.key);
      case "dropReceivingKey":
        return this.#opener.drop(message.kid);
    }
  }

  #captureFrom(port: MessagePort): void {
    this.#capture?.close();
    this.#capture = port;
    port.onmessage = ({ data }: MessageEvent<Float32Array<ArrayBuffer>>) => {
      this.#measure(data);
      this.#encoder.encode(data);
    };
  }

  #useChannel(channel: RTCDataChannel): void {
    channel.binaryType = "arraybuffer";
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer) this.#arrived(new Uint8Array(data));
    };
    this.#channel = channel;
  }

  async #send(opus: Uint8Array): Promise<void> {
    const channel = this.#channel;
    // A packet that cannot leave is not sealed: its number would look like a loss.
    if (channel?.readyState !== "open" || channel.bufferedAmount > MAX_BUFFERED_BYTES) return;
    const frame = await this.#sealer.seal(
      encodeVoicePayload({ durationMs: this.#frameMs, silenceFollows: false, opus }),
    );
    if (frame === null) return;
    const previous = this.#lossOut > VOICE.redundancyAboveLoss ? this.#previous : null;
    this.#previous = frame;
    const loss256 = Math.min(255, Math.round(this.#meter.loss * 256));
    if (channel.readyState === "open") channel.send(encodeVoicePacket({ loss256, frame, previous }));
  }

  #arrived(bytes: Uint8Array): void {
    const packet = decodeVoicePacket(bytes);
    if (!packet.ok) return this.#refuse(packet.reason);
    this.#lossOut = packet.value.loss256 / 256;
    void this.#play(packet.value.frame, false);
    if (packet.value.previous !== null) void this.#play(packet.value.previous, true);
  }

  async #play(frame: Uint8Array, isCopy: boolean): Promise<void> {
    const opened = await this.#opener.open(frame);
    if (!opened.ok) {
      // A copy of what came the first time is no event.
      if (!(isCopy && opened.reason === "voice.replayed")) this.#refuse(opened.reason);
      return;
    }
    const { sequence, plaintext } = opened.value;
    if (!isCopy) this.#meter.add(sequence);
    const payload = decodeVoicePayload(plaintext);
    if (!payload.ok || payload.value.durationMs !== this.#frameMs) return this.#refuse("voice.malformed");
    const opus = payload.value.opus.slice() as Uint8Array<ArrayBuffer>;
    const play: PlayFrame = { sequence, opus, silenceFollows: payload.value.silenceFollows, isCopy };
    this.#playout.postMessage(play, [opus.buffer]);
  }

  #refuse(reason: string): void {
    this.#refusals[reason] = (this.#refusals[reason] ?? 0) + 1;
  }

  #measure(samples: Float32Array): void {
    for (const sample of samples) this.#energy += sample * sample;
    this.#energyMs += this.#frameMs;
    if (this.#energyMs < LEVEL_EVERY_MS) return;
    scope.postMessage({ t: "level", level: Math.sqrt(this.#energy / (this.#energyMs * 48)) });
    this.#energy = 0;
    this.#energyMs = 0;
  }

  #report(): void {
    const { sealedPackets } = this.#sealer;
    const refusals = { ...this.#refusals };
    scope.postMessage({ t: "report", sealedPackets, lossIn: this.#meter.loss, lossOut: this.#lossOut, refusals });
  }
}

let worker: VoiceWorker | null = null;

scope.onmessage = ({ data }) => {
  if (data.t === "start") worker ??= new VoiceWorker(data.room, data.frameMs, data.playout);
  else worker?.receive(data);
};
