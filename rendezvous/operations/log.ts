/**
 * What the server says while it runs: events of a closed list, with numbers and words of closed lists. So no line can
 * hold a topic, a key, a peer, a name or anybody's address.
 */
import type { StoreTrouble } from "../store/open.ts";

export type TurnWord = "running" | "waiting" | "failing" | "off" | "not-installed";

export type LogEvent =
  | {
    readonly event: "started";
    readonly port: number;
    readonly secure: boolean;
    readonly mail: boolean;
    readonly turn: TurnWord;
    readonly turnPort: number | null;
    readonly metricsPort: number | null;
  }
  | { readonly event: "turn-restarting"; readonly restarts: number }
  | { readonly event: "store"; readonly trouble: StoreTrouble }
  | { readonly event: "certificate-renewed" }
  /** A bug: `kind` is the name of the error's class, never its text. */
  | { readonly event: "task-failed"; readonly kind: string }
  | { readonly event: "stopping" }
  | { readonly event: "stopped"; readonly seconds: number };

export type Log = (event: LogEvent) => void;

type Level = "info" | "warn" | "error";

function levelOf(event: LogEvent): Level {
  switch (event.event) {
    case "turn-restarting":
      return "warn";
    case "store":
      return event.trouble === "disk-has-room" ? "info" : "error";
    case "task-failed":
      return "error";
    default:
      return "info";
  }
}

const STORE_SENTENCES: Readonly<Record<StoreTrouble, string>> = {
  "damaged": "The mail that is kept is damaged: restore a backup (npx --yes deno task restore).",
  "disk-full": "The disk is full: no more mail is kept until there is room. What is there can be read.",
  "disk-has-room": "The disk has room again: mail is kept.",
  "disk-failed": "The disk failed: mail is not kept.",
  "stopped": "What keeps mail has stopped: start the server again.",
};

/** For people; null for what is said otherwise. */
function sentenceOf(event: LogEvent): string | null {
  switch (event.event) {
    case "turn-restarting":
      return "coturn ended and is started again.";
    case "certificate-renewed":
      return "There is a new certificate: it is in use.";
    case "store":
      return STORE_SENTENCES[event.trouble];
    case "task-failed":
      return `A task failed unexpectedly: ${event.kind}`;
    default:
      return null;
  }
}

interface Console {
  log(line: string): void;
  error(line: string): void;
}

export const textLog = (console: Console): Log => (event) => {
  const sentence = sentenceOf(event);
  if (sentence === null) return;
  if (levelOf(event) === "info") console.log(sentence);
  else console.error(sentence);
};

/** One JSON object on each line, all on standard output. */
export const jsonLog = (console: Console, nowMs: () => number): Log => (event) =>
  console.log(JSON.stringify({ time: new Date(nowMs()).toISOString(), level: levelOf(event), ...event }));

/** The class of what was thrown, if it looks like the name of one. */
export function kindOf(error: unknown): string {
  const name = error instanceof Error ? error.name : typeof error;
  return /^\w{1,40}$/.test(name) ? name : "Error";
}
