/** Starts the store of a folder, or says in a sentence why it cannot. */
import type { Clock } from "../../clock.ts";
import { STORE } from "../../limits.ts";
import { DEFAULT_LIMITS, type SpaceLimits } from "../limits.ts";
import type { SpaceStore } from "../port.ts";
import { type Lock, lockFolder } from "./lock.ts";
import type { DiskSettings, FromThread, StoreTrouble, ToThread } from "./messages.ts";
import { Queue } from "./queue.ts";
import { SqliteSpaceStore } from "./store.ts";

export interface StoreOptions {
  /** Made where it is missing, for this user alone. */
  readonly folder: string;
  readonly clock: Clock;
  /** What an operator should hear of, each time it begins. */
  readonly trouble?: (trouble: StoreTrouble) => void;
  readonly limits?: Partial<SpaceLimits>;
  readonly disk?: Partial<DiskSettings>;
}

const DISK: DiskSettings = {
  synchronous: "FULL",
  reserveBytes: STORE.reserveBytes,
  retryFullMs: STORE.retryFullMs,
};

export async function openSpaceStore(options: StoreOptions): Promise<SpaceStore | { readonly sentence: string }> {
  const { folder } = options;
  let lock: Lock | null;
  try {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    lock = lockFolder(folder);
  } catch (error) {
    const isForbidden = error instanceof Deno.errors.NotCapable;
    const reason = isForbidden
      ? `The task lets the server write in "data" only: name ${folder} in its --allow-read and --allow-write too.`
      : "It must belong to whoever runs the rendezvous.";
    return { sentence: `The folder ${folder} cannot be written. ${reason}` };
  }
  if (lock === null) {
    return { sentence: `Another rendezvous uses the folder ${folder}. Stop it, or give this one another.` };
  }
  const thread = new Thread(options.trouble ?? (() => {}));
  const sentence = await thread.open({
    t: "open",
    folder,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    disk: { ...DISK, ...options.disk },
    nowMs: options.clock.nowMs(),
  });
  const end = async () => {
    await thread.close();
    lock.release();
  };
  if (sentence === null) return new SqliteSpaceStore({ queue: thread.queue, end });
  await end();
  return { sentence };
}

class Thread {
  readonly #worker = new Worker(new URL("./thread.ts", import.meta.url), { type: "module" });
  readonly queue = new Queue((operations, bytes) =>
    this.#worker.postMessage({ t: "batch", operations, bytes } satisfies ToThread, [bytes.buffer])
  );
  readonly #opened = Promise.withResolvers<string | null>();
  readonly #closed = Promise.withResolvers<void>();

  constructor(private readonly trouble: (trouble: StoreTrouble) => void) {
    this.#worker.onmessage = ({ data }: MessageEvent<FromThread>) => this.#hear(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#opened.resolve("The store could not be started.");
      this.#closed.resolve();
      this.queue.fail();
      this.trouble("stopped");
    };
  }

  /** Null when it is open. */
  open(message: Extract<ToThread, { readonly t: "open" }>): Promise<string | null> {
    this.#worker.postMessage(message);
    return this.#opened.promise;
  }

  async close(): Promise<void> {
    this.#worker.postMessage({ t: "close" } satisfies ToThread);
    await this.#closed.promise;
    this.#worker.terminate();
  }

  #hear(message: FromThread): void {
    switch (message.t) {
      case "opened":
        return this.#opened.resolve(null);
      case "cannot":
        return this.#opened.resolve(message.sentence);
      case "answers":
        return this.queue.answers(message.answers, message.bytes);
      case "trouble":
        return this.trouble(message.trouble);
      case "closed":
        return this.#closed.resolve();
    }
  }
}
