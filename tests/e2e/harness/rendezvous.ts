/** The real rendezvous as its own process, so that it can be killed as hard as a machine that loses power. */
import { createServer } from "node:net";
import { ROOT } from "../../../client/build/build.ts";

const STARTED_WITHIN_MS = 15_000;
const POLL_MS = 50;

export interface ServerOptions {
  /** The folder of the files it serves, absolute. */
  readonly files: string;
  /** The same port again after a restart; a free one unless told. */
  readonly port?: number;
  /** Further flags of its command line. Without any, no TURN server is started. */
  readonly flags?: readonly string[];
  /** Where it keeps mail, so that it is still there after a restart; a folder that goes with the server unless told. */
  readonly data?: string;
  readonly args?: readonly string[];
}

export interface Server {
  readonly url: string;
  readonly port: number;
  /** Its output so far. */
  readonly log: () => string;
  /** SIGKILL: nothing is said to anybody. */
  kill(): Promise<void>;
  /** SIGTERM, as a restart by its operator. */
  stop(): Promise<void>;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")));
    });
  });
}

/** Resolves when `/health` answers. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const port = options.port ?? await freePort();
  const flags = options.flags ?? ["--no-turn"];
  const ownData = options.data === undefined ? await Deno.makeTempDir({ prefix: "securecomm-data-" }) : null;
  const settings = ["--port", `${port}`, "--files", options.files, "--data", options.data ?? ownData!];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "-A", "rendezvous/main.ts", ...settings, ...flags],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let log = "";
  const read = [child.stdout, child.stderr].map(async (stream) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) log += text;
  });
  const end = async (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch {
      // It has ended already.
    }
    await Promise.all([child.status, ...read]);
    if (ownData !== null) await Deno.remove(ownData, { recursive: true }).catch(() => {});
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await answering(url, child);
  } catch (error) {
    await end("SIGKILL");
    throw new Error(`the rendezvous did not start: ${log}`, { cause: error });
  }
  return { url, port, log: () => log, kill: () => end("SIGKILL"), stop: () => end("SIGTERM") };
}

async function answering(url: string, child: Deno.ChildProcess): Promise<void> {
  let hasEnded = false;
  child.status.then(() => hasEnded = true);
  for (const untilMs = Date.now() + STARTED_WITHIN_MS; Date.now() < untilMs && !hasEnded;) {
    try {
      const response = await fetch(`${url}/health`);
      await response.body?.cancel();
      if (response.ok) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error("no answer from /health");
}
