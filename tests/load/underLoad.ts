/** Starts the server under load and asks it things. */
import type { CounterName } from "../../rendezvous/counters.ts";
import type { Question, Reading, Ready } from "./server.ts";

export class UnderLoad {
  readonly url: string;
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncGenerator<string>;

  private constructor(process: Deno.ChildProcess, lines: AsyncGenerator<string>, readonly ready: Ready) {
    this.#process = process;
    this.#writer = process.stdin.getWriter();
    this.#lines = lines;
    this.url = `ws://127.0.0.1:${ready.port}/`;
  }

  /** `port` 0 takes a free one. Mail is kept in `folder`. */
  static async start(folder: string, port = 0): Promise<UnderLoad> {
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--allow-all", "tests/load/server.ts", String(port), folder],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const lines = linesOf(process.stdout);
    return new UnderLoad(process, lines, await answer<Ready>(lines));
  }

  async #ask<T>(question: Question): Promise<T> {
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify(question)}\n`));
    return await answer<T>(this.#lines);
  }

  read(...names: readonly CounterName[]): Promise<Reading> {
    return this.#ask({ ask: "read", names });
  }

  /** By its own means, as at a signal. */
  async stop(): Promise<void> {
    await this.#ask({ ask: "stop" });
    await this.#process.status;
  }

  async kill(): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#process.status;
  }
}

async function answer<T>(lines: AsyncGenerator<string>): Promise<T> {
  const { value, done } = await lines.next();
  if (done) throw new Error("the server under load has ended");
  return JSON.parse(value);
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let text = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (text + piece).split("\n");
    text = lines.pop()!;
    yield* lines;
  }
}

/** Runs `play` with a fresh server and an empty folder, and takes both away however it ended. */
export async function withServer<T>(play: (server: UnderLoad, folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "securecomm-load-" });
  const server = await UnderLoad.start(folder);
  try {
    return await play(server, folder);
  } finally {
    await server.kill();
    await Deno.remove(folder, { recursive: true });
  }
}

export interface Spent {
  readonly cpuUs: number;
  readonly mainThreadUs: number | null;
  readonly seconds: number;
  /** Part of one core. */
  readonly core: number;
  count(name: CounterName): number;
}

export function spent(before: Reading, after: Reading): Spent {
  const seconds = (after.atMs - before.atMs) / 1_000;
  const cpuUs = after.cpuUs - before.cpuUs;
  return {
    cpuUs,
    mainThreadUs: before.mainThreadUs === null || after.mainThreadUs === null
      ? null
      : after.mainThreadUs - before.mainThreadUs,
    seconds,
    core: cpuUs / seconds / 1e6,
    count: (name) => (after.counts[name] ?? 0) - (before.counts[name] ?? 0),
  };
}
