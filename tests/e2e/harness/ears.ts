/**
 * Listens to what a page plays, counts its keys and sees its connections, by standing in front of the browser's own
 * interfaces before the page's script runs. The program itself knows nothing of it.
 */
import type { Page } from "playwright-core";

interface Ears {
  /** Loudness of each hundredth of a second since the first sound was heard, by the audio clock. */
  readonly heard: number[];
  readonly sendingKeys: number;
  readonly connections: readonly RTCPeerConnection[];
}

declare global {
  var ears: Ears;
}

/** With `spoilKeys` every key for opening what comes in is off by a bit. */
export async function listen(page: Page, options: { readonly spoilKeys?: boolean } = {}): Promise<void> {
  await page.addInitScript(({ spoilKeys }) => {
    const ears = { heard: [] as number[], sendingKeys: 0, connections: [] as RTCPeerConnection[] };
    globalThis.ears = ears;

    const connect = AudioNode.prototype.connect;
    const join = connect as (this: AudioNode, to: AudioNode) => AudioNode;
    const tap = (node: AudioNode) => {
      const { context } = node;
      const step = context.sampleRate / 100;
      const listener = (context as AudioContext).createScriptProcessor(4096, 1, 1);
      listener.onaudioprocess = ({ inputBuffer, playbackTime }) => {
        const samples = inputBuffer.getChannelData(0);
        const first = Math.round(playbackTime * context.sampleRate);
        samples.forEach((sample, i) => {
          const at = Math.floor((first + i) / step);
          ears.heard[at] = (ears.heard[at] ?? 0) + (sample * sample) / step;
        });
      };
      join.call(node, listener);
      join.call(listener, context.destination);
    };
    AudioNode.prototype.connect = function (this: AudioNode, ...args: unknown[]) {
      if (args[0] instanceof AudioDestinationNode) tap(this);
      return (connect as (...args: unknown[]) => AudioNode).apply(this, args);
    } as typeof connect;

    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        ears.connections.push(this);
      }
    };

    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (this: Worker, message: unknown, ...rest: unknown[]) {
      const { t, key } = message as { readonly t?: string; readonly key?: { readonly baseKey: Uint8Array } };
      if (t === "useSendingKey") ears.sendingKeys++;
      if (t === "acceptReceivingKey" && spoilKeys && key !== undefined) key.baseKey[0]! ^= 1;
      return (post as (...args: unknown[]) => void).call(this, message, ...rest);
    } as typeof post;
  }, { spoilKeys: options.spoilKeys ?? false });
}

/** The loudness heard from now on, for so long. */
export async function hear(page: Page, seconds: number): Promise<Float64Array> {
  const start = await page.evaluate(() => ears.heard.length);
  await page.waitForFunction((end) => ears.heard.length >= end, start + seconds * 100, {
    timeout: (seconds + 20) * 1000,
  });
  const energies = await page.evaluate(([from, to]) => Array.from(ears.heard.slice(from, to), (one) => one ?? 0), [
    start,
    start + seconds * 100,
  ]);
  return Float64Array.from(energies, Math.sqrt);
}

export const sendingKeys = (page: Page): Promise<number> => page.evaluate(() => ears.sendingKeys);

/** What kinds of RTP streams any connection of the page has, audio or video, in or out. */
export const rtpStreams = (page: Page): Promise<readonly string[]> =>
  page.evaluate(async () => {
    const kinds: string[] = [];
    for (const connection of ears.connections) {
      for (const report of (await connection.getStats()).values()) {
        if (/-rtp$/.test(report.type)) kinds.push(`${report.type} ${report.kind}`);
      }
    }
    return kinds;
  });
