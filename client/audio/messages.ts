/** What the parts of the voice engine say to each other over their ports. */

export interface KeyMessage {
  readonly kid: bigint;
  readonly baseKey: Uint8Array<ArrayBuffer>;
  readonly macKey: Uint8Array<ArrayBuffer>;
}

export type FrameMs = 10 | 20;

/** Page to voice worker. */
export type ToVoiceWorker =
  /** First of all. Samples come in through `capture`, sound to play goes out through `playout`. */
  | {
    readonly t: "start";
    readonly room: Uint8Array<ArrayBuffer>;
    readonly frameMs: FrameMs;
    readonly playout: MessagePort;
  }
  /** A capture port replaces the one before; a call may begin without a microphone. */
  | { readonly t: "capture"; readonly port: MessagePort }
  | { readonly t: "channel"; readonly channel: RTCDataChannel }
  | { readonly t: "useSendingKey"; readonly key: KeyMessage }
  | { readonly t: "acceptReceivingKey"; readonly key: KeyMessage }
  | { readonly t: "dropReceivingKey"; readonly kid: bigint };

/** Voice worker to page. */
export type FromVoiceWorker =
  | {
    readonly t: "report";
    /** Packets sealed with the current key. */
    readonly sealedPackets: number;
    /** Fractions lost of what we should have got, and of what the other side should have. */
    readonly lossIn: number;
    readonly lossOut: number;
    /** Frames that were refused, by reason. */
    readonly refusals: Readonly<Record<string, number>>;
  }
  /** Root mean square of the microphone, 0 to 1. */
  | { readonly t: "level"; readonly level: number }
  | { readonly t: "encoderFailed" };

/** Page to capture worklet: samples go to this port as a `Float32Array` of `frameMs`. */
export type ToCapture = {
  readonly t: "sink";
  readonly id: string;
  readonly port: MessagePort;
  readonly frameMs: FrameMs;
} | {
  readonly t: "remove";
  readonly id: string;
};

/** Page to playout worklet. */
export type ToPlayout =
  | { readonly t: "add"; readonly id: string; readonly port: MessagePort; readonly frameMs: FrameMs }
  | { readonly t: "remove"; readonly id: string }
  | { readonly t: "volume"; readonly id: string; readonly gain: number };

/** Playout worklet to page, a few times in a second for each stream. */
export interface FromPlayout {
  readonly t: "stream";
  readonly id: string;
  readonly level: number;
  readonly delayMs: number;
  readonly targetMs: number;
  /** Since the stream began: frames played, made up for loss, made up in stalls; packets too late. */
  readonly played: number;
  readonly concealed: number;
  readonly waited: number;
  readonly late: number;
  readonly stretchedSamples: number;
}

/** Voice worker to playout worklet: one opened frame. */
export interface PlayFrame {
  readonly sequence: number;
  readonly opus: Uint8Array<ArrayBuffer>;
  readonly silenceFollows: boolean;
  readonly isCopy: boolean;
}
