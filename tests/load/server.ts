/** The server under load, in a process of its own: a whole rendezvous, asked by lines of JSON how it is. */
import process from "node:process";
import type { CounterName } from "../../rendezvous/counters.ts";
import { startRendezvous } from "../../rendezvous/server.ts";

export interface Ready {
  readonly port: number;
  readonly peerId: string;
}

/** At one moment; `cpuUs` counts all threads, that of the store as well. */
export interface Reading {
  readonly atMs: number;
  readonly cpuUs: number;
  /** Of the thread that everything goes through but the store; null where the system does not tell. */
  readonly mainThreadUs: number | null;
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly connections: number;
  readonly registrations: number;
  readonly counts: Readonly<Partial<Record<CounterName, number>>>;
}

export type Question = { readonly ask: "read"; readonly names: readonly CounterName[] } | { readonly ask: "stop" };

async function main(port: number, folder: string): Promise<void> {
  const server = await startRendezvous({
    port,
    files: () => Promise.resolve(null),
    turn: null,
    mail: { folder, joinCode: null },
  });
  say({ port: server.port, peerId: server.peerId } satisfies Ready);
  const read = (names: readonly CounterName[]): Reading => {
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    const { connections, registrations } = server.sizes();
    const counts = Object.fromEntries(names.map((name) => [name, server.counters.get(name)]));
    return {
      atMs: performance.now(),
      cpuUs: user + system,
      mainThreadUs: mainThreadUs(),
      residentBytes: rss,
      heapBytes: heapUsed,
      connections,
      registrations,
      counts,
    };
  };
  for await (const question of questions()) {
    if (question.ask === "read") {
      say(read(question.names));
      continue;
    }
    await server.stop();
    say({});
    Deno.exit(0);
  }
  // Whoever started it is gone.
  Deno.exit(1);
}

const TICK_US = 10_000;

/** proc(5): the 14th and 15th field of a thread's `stat`, in ticks; the second is in brackets and may hold spaces. */
function mainThreadUs(): number | null {
  try {
    const fields = Deno.readTextFileSync(`/proc/self/task/${Deno.pid}/stat`).replace(/^.*\) /, "").split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_US;
  } catch {
    return null;
  }
}

const say = (value: object): void => console.log(JSON.stringify(value));

async function* questions(): AsyncGenerator<Question> {
  let text = "";
  for await (const piece of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (text + piece).split("\n");
    text = lines.pop()!;
    for (const line of lines) yield JSON.parse(line);
  }
}

if (import.meta.main) await main(Number(Deno.args[0]), Deno.args[1]!);
