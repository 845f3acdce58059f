/**
 * `deno task dev`: builds quickly, starts the server, and from then on rebuilds the client when its sources change and
 * restarts the server when its own do. Pages are reloaded by hand.
 */
import { build, OUT_DIR, ROOT } from "./build.ts";
import { BuildError } from "./bundle.ts";

/** Editors write a file in several steps; one build answers them all. */
const SETTLE_MS = 150;

const WATCHED = ["client", "core", "rendezvous", "turn"];

async function rebuild(): Promise<void> {
  const startMs = performance.now();
  try {
    const { hash } = await build({ outDir: OUT_DIR, quick: true });
    console.log(`client built in ${Math.round(performance.now() - startMs)} ms, ${hash.slice(0, 12)}`);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(error.message);
  }
}

function startServer(): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), { args: ["task", "--quiet", "serve", ...Deno.args], cwd: ROOT }).spawn();
}

async function stopServer(server: Deno.ChildProcess): Promise<void> {
  try {
    server.kill("SIGTERM");
  } catch {
    // It has ended by itself, and said why.
  }
  await server.status;
}

interface Changes {
  readonly client: boolean;
  readonly server: boolean;
}

function classify(paths: readonly string[]): Changes {
  const under = (folder: string) => paths.some((path) => path.startsWith(`${ROOT}/${folder}/`));
  return { client: under("client") || under("core"), server: under("rendezvous") || under("turn") || under("core") };
}

async function* settledChanges(): AsyncGenerator<Changes> {
  const pending = new Set<string>();
  let wake = () => {};
  const collect = async () => {
    for await (const event of Deno.watchFs(WATCHED.map((folder) => `${ROOT}/${folder}`))) {
      if (event.kind === "access") continue;
      for (const path of event.paths) pending.add(path);
      wake();
    }
  };
  collect();
  while (true) {
    if (pending.size === 0) await new Promise<void>((resolve) => wake = resolve);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const paths = [...pending];
    pending.clear();
    yield classify(paths);
  }
}

await rebuild();
let server = startServer();
const quit = async () => {
  await stopServer(server);
  Deno.exit(0);
};
Deno.addSignalListener("SIGINT", quit);
Deno.addSignalListener("SIGTERM", quit);
for await (const changes of settledChanges()) {
  if (changes.client) await rebuild();
  if (!changes.server) continue;
  await stopServer(server);
  server = startServer();
}
