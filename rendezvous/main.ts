/** The composition root: the command line, the machine's addresses, signals and the console. */
import { isSecure } from "./addresses.ts";
import { systemClock } from "./clock.ts";
import { type Flags, HELP, parseFlags } from "./flags.ts";
import { checkFiles, fail, readJoinCode, readTls } from "./inputs.ts";
import { watchLoad } from "./load.ts";
import { startLines, type TurnState } from "./lines.ts";
import { checkTurn } from "./doctor/startCheck.ts";
import { ownAddresses } from "./machine.ts";
import { StoreUnusable } from "./mail.ts";
import { watchCertificate } from "./operations/certificate.ts";
import { jsonLog, kindOf, type Log, textLog } from "./operations/log.ts";
import { type Measure, measures } from "./operations/measures.ts";
import { type MetricsServer, serveMetrics } from "./operations/metricsServer.ts";
import { openTelemetry } from "./operations/openTelemetry.ts";
import { StoreTimes } from "./operations/timedStore.ts";
import { type Rendezvous, type RendezvousOptions, startRendezvous } from "./server.ts";
import type { StoreTrouble } from "./store/open.ts";

const EXIT_WRONG_USE = 2;
const EXIT_IMPATIENT = 130;

async function main(args: readonly string[]): Promise<void> {
  const parsed = parseFlags(args, Deno.env.toObject());
  if (parsed.t === "help") return console.log(HELP);
  if (parsed.t === "wrong") fail(parsed.sentence, EXIT_WRONG_USE);
  const { flags } = parsed;
  await checkFiles(flags.files);
  const log = flags.log === "json" ? jsonLog(console, Date.now) : textLog(console);
  const [load, times] = [watchLoad(systemClock), new StoreTimes()];
  surviveSurprises(log);
  const server = await start(flags, { load, storeTimes: times }, log);
  const metrics = await publish(flags, measures(server, load, times), times);
  await sayStarted(flags, server, metrics, log);
  await renewCertificate(flags, server, log);
  stopAtSignals(() => server.turn?.kill(), async () => {
    log({ event: "stopping" });
    const startMs = performance.now();
    await server.stop();
    await metrics?.stop();
    log({ event: "stopped", seconds: (performance.now() - startMs) / 1_000 });
  });
}

async function sayStarted(flags: Flags, server: Rendezvous, metrics: MetricsServer | null, log: Log): Promise<void> {
  const turn = await turnState(flags, server);
  log({
    event: "started",
    port: server.port,
    secure: isSecure(server.reach),
    mail: server.mail !== null,
    turn: turn.t,
    turnPort: turn.t === "running" ? turn.port : null,
    metricsPort: metrics?.port ?? null,
  });
  if (flags.log === "json") return;
  const lines = startLines(server.url, server.reach, turn, server.turnNotes);
  if (metrics !== null) console.log(`Metrics for Prometheus: port ${metrics.port} of ${flags.metricsHost}, /metrics`);
  for (const line of lines) console.log(line);
}

function stopAtSignals(abandon: () => void, stop: () => Promise<void>): void {
  let isStopping = false;
  const signalled = async () => {
    // Whoever asks a second time does not want to wait.
    if (isStopping) {
      abandon();
      Deno.exit(EXIT_IMPATIENT);
    }
    isStopping = true;
    await stop();
    Deno.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(signal, signalled);
}

/** One connection's bug must not end everybody's. Only the error's kind is said: its text may hold an address. */
function surviveSurprises(log: Log): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    log({ event: "task-failed", kind: kindOf(event.reason) });
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    log({ event: "task-failed", kind: kindOf(event.error) });
  });
}

type Watched = Pick<RendezvousOptions, "load" | "storeTimes">;

async function start(flags: Flags, watched: Watched, log: Log): Promise<Rendezvous> {
  let restarts = 0;
  const restarted = () => log({ event: "turn-restarting", restarts: ++restarts });
  const trouble = (trouble: StoreTrouble) => log({ event: "store", trouble });
  try {
    return await startRendezvous({
      ...flags,
      ...watched,
      tls: await readTls(flags),
      interfaces: ownAddresses(),
      turn: flags.turn
        ? { ...flags, port: flags.turnPort, tlsPort: flags.turnTlsPort, folder: flags.turnFolder, restarted }
        : null,
      mail: flags.mail ? { folder: flags.dataFolder, joinCode: await readJoinCode(flags), trouble } : null,
    });
  } catch (error) {
    if (error instanceof StoreUnusable) fail(error.message);
    return failToListen(error, flags.host, flags.port, ["--host", "--port"]);
  }
}

/** To OpenTelemetry, where Deno is told to export it, and on a port for Prometheus, where one is given. */
async function publish(flags: Flags, list: readonly Measure[], times: StoreTimes): Promise<MetricsServer | null> {
  openTelemetry(list, times);
  if (flags.metricsPort === null) return null;
  const { prometheus } = await import("./operations/prometheus.ts");
  try {
    return await serveMetrics(flags.metricsHost, flags.metricsPort, prometheus(list, times));
  } catch (error) {
    return failToListen(error, flags.metricsHost, flags.metricsPort, ["--metrics-host", "--metrics-port"]);
  }
}

function failToListen(
  error: unknown,
  host: string,
  port: number,
  [hostFlag, portFlag]: readonly [string, string],
): never {
  const { code } = error as { readonly code?: string };
  if (code === "EADDRINUSE") fail(`Port ${port} is in use on ${host}. Choose another one with ${portFlag}.`);
  if (code === "EACCES") fail(`Port ${port} may not be used by you. Choose one above 1023 with ${portFlag}.`);
  // Which of the two comes for a foreign address depends on the runtime.
  if (code === "EADDRNOTAVAIL" || code === "EINVAL") {
    fail(`${host} is no address of this machine. Choose another one with ${hostFlag}.`);
  }
  throw error;
}

/** Takes a renewed certificate as soon as it lies where the old one did. */
async function renewCertificate(flags: Flags, server: Rendezvous, log: Log): Promise<void> {
  const current = await readTls(flags);
  const { certFile, keyFile } = flags;
  if (current === null || certFile === null || keyFile === null) return;
  watchCertificate({
    clock: systemClock,
    current,
    async read() {
      try {
        return { cert: await Deno.readTextFile(certFile), key: await Deno.readTextFile(keyFile) };
      } catch {
        return null;
      }
    },
    async renewed(tls) {
      await server.renewTls(tls);
      log({ event: "certificate-renewed" });
    },
  });
}

async function turnState(flags: Flags, { turn }: Rendezvous): Promise<TurnState> {
  if (!flags.turn) return { t: "off" };
  if (turn === null) return { t: "not-installed" };
  if (turn.isWaiting()) return { t: "waiting" };
  if (!turn.isRunning()) return { t: "failing" };
  return { t: "running", port: turn.port, asked: flags.turnPort, relays: await checkTurn(turn, Date.now()) };
}

await main(Deno.args);
