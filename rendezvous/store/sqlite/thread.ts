/** The thread that owns the file: commits wait for the disk here, and not where connections are served. */
import { Engine } from "./engine.ts";
import { openDatabase } from "./database.ts";
import type { Answer, FromThread, StoreTrouble, ToThread } from "./messages.ts";
import { Reserve } from "./reserve.ts";

interface Scope {
  onmessage: ((event: MessageEvent<ToThread>) => void) | null;
  postMessage(message: FromThread, transfer: readonly ArrayBuffer[]): void;
  close(): void;
}

const scope = globalThis as unknown as Scope;
const say = (message: FromThread, transfer: readonly ArrayBuffer[] = []): void => scope.postMessage(message, transfer);
const tell = (trouble: StoreTrouble): void => say({ t: "trouble", trouble });

interface Open {
  readonly engine: Engine;
  close(): void;
}

let open: Open | null = null;

scope.onmessage = ({ data: message }) => {
  switch (message.t) {
    case "open":
      return start(message);
    case "batch": {
      const answers = open?.engine.batch(message.operations, message.bytes) ?? [];
      return say({ t: "answers", answers, bytes: message.bytes }, [message.bytes.buffer, ...buffersOf(answers)]);
    }
    case "close":
      open?.close();
      say({ t: "closed" });
      scope.close();
  }
};

function start({ folder, limits, disk, nowMs }: Extract<ToThread, { readonly t: "open" }>): void {
  const opened = openDatabase(folder, disk.synchronous, nowMs);
  if ("sentence" in opened) return say({ t: "cannot", sentence: opened.sentence });
  // Before the reserve is written: the first operations wait for it, the server's start does not.
  say({ t: "opened" });
  const { db } = opened;
  const settings = { file: `${folder}/reserve`, sizeBytes: disk.reserveBytes, retryMs: disk.retryFullMs };
  const reserve = new Reserve(settings, (isHeld) => tell(isHeld ? "disk-has-room" : "disk-full"));
  open = { engine: new Engine(db, limits, reserve, tell), close: () => db.close() };
}

/** What SQLite has copied for us, and nobody else holds. */
function buffersOf(answers: readonly Answer[]): ArrayBuffer[] {
  return answers.flatMap((answer) => {
    if (answer.t === "bundle") return [answer.sealed.buffer as ArrayBuffer];
    return answer.t === "mail" ? answer.waiting.map(({ envelope }) => envelope.buffer as ArrayBuffer) : [];
  });
}
