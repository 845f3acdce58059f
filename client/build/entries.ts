/** What there is to build: pages with one script each, worker and worklet files, and style sheets. */

/** One HTML page. Paths are relative to the repository's root. */
export interface Page {
  /** The file's name in the output, such as "index.html". */
  readonly html: string;
  readonly title: string;
  readonly script: string;
  readonly style: string | null;
}

/** A file that runs in a worker or a worklet. Client code names it by the text `asset:NAME`. */
export interface WorkerFile {
  readonly name: string;
  readonly script: string;
}

/**
 * A file of ours that stands for packages which others import but never call here. It exports, by the same names, all
 * that they import from them.
 */
export interface Substitute {
  /** Specifiers as the importing packages write them. */
  readonly specifiers: readonly string[];
  readonly script: string;
}

export interface Entries {
  readonly pages: readonly Page[];
  readonly workers: readonly WorkerFile[];
  readonly substitutes?: readonly Substitute[];
}

export const AUDIO_WORKERS: readonly WorkerFile[] = [
  { name: "capture.worklet", script: "client/audio/capture.worklet.ts" },
  { name: "playout.worklet", script: "client/audio/playout.worklet.ts" },
  { name: "voice.worker", script: "client/audio/voice.worker.ts" },
];

export const SUBSTITUTES: readonly Substitute[] = [
  { specifiers: ["@libp2p/logger", "@multiformats/dns"], script: "client/net/substitutes.ts" },
];

export const CLIENT: Entries = {
  pages: [{
    html: "index.html",
    title: "SecureComm",
    script: "client/main.tsx",
    style: "client/ui/styles/main.css",
  }],
  workers: AUDIO_WORKERS,
  substitutes: SUBSTITUTES,
};
