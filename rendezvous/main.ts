/** The composition root: the command line, the machine's addresses, signals and the console. */
import { Buffer } from "node:buffer";
import { MAILBOX } from "../core/limits.ts";
import { type Flags, HELP, parseFlags } from "./flags.ts";
import { startLines, type TurnState } from "./lines.ts";
import { checkTurn } from "./doctor/startCheck.ts";
import { ownAddresses } from "./machine.ts";
import { StoreUnusable } from "./mail.ts";
import { type Rendezvous, startRendezvous } from "./server.ts";

const EXIT_WRONG_USE = 2;
const EXIT_IMPATIENT = 130;

async function main(args: readonly string[]): Promise<void> {
  const parsed = parseFlags(args, Deno.env.toObject());
  if (parsed.t === "help") return console.log(HELP);
  if (parsed.t === "wrong") fail(parsed.sentence, EXIT_WRONG_USE);
  const { flags } = parsed;
  await checkFiles(flags.files);
  const server = await start(flags);
  for (const line of startLines(server.url, server.reach, await turnState(flags, server), server.turnNotes)) {
    console.log(line);
  }
  let isStopping = false;
  const stop = async () => {
    // Whoever asks a second time does not want to wait.
    if (isStopping) Deno.exit(EXIT_IMPATIENT);
    isStopping = true;
    await server.stop();
    Deno.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(signal, stop);
  surviveSurprises();
}

/** One connection's bug must not end everybody's. Only the error's kind is said: its text may hold an address. */
function surviveSurprises(): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    console.error(`A task failed unexpectedly: ${kindOf(event.reason)}`);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    console.error(`A task failed unexpectedly: ${kindOf(event.error)}`);
  });
}

const kindOf = (error: unknown): string => error instanceof Error ? error.name : typeof error;

async function start(flags: Flags): Promise<Rendezvous> {
  try {
    return await startRendezvous({
      ...flags,
      tls: await readTls(flags),
      interfaces: ownAddresses(),
      turn: flags.turn
        ? { ...flags, port: flags.turnPort, tlsPort: flags.turnTlsPort, folder: flags.turnFolder }
        : null,
      mail: flags.mail ? { folder: flags.dataFolder, joinCode: await readJoinCode(flags) } : null,
    });
  } catch (error) {
    if (error instanceof StoreUnusable) fail(error.message);
    const { code } = error as { readonly code?: string };
    if (code === "EADDRINUSE") fail(`Port ${flags.port} is in use on ${flags.host}. Choose another one with --port.`);
    if (code === "EACCES") fail(`Port ${flags.port} may not be used by you. Choose one above 1023 with --port.`);
    // Which of the two comes for a foreign address depends on the runtime.
    if (code === "EADDRNOTAVAIL" || code === "EINVAL") {
      fail(`${flags.host} is no address of this machine. Choose another one with --host.`);
    }
    throw error;
  }
}

async function readTls({ certFile, keyFile }: Flags): Promise<{ readonly cert: string; readonly key: string } | null> {
  if (certFile === null || keyFile === null) return null;
  return { cert: await readText(certFile), key: await readText(keyFile) };
}

async function readJoinCode({ joinCode, joinCodeFile }: Flags): Promise<string | null> {
  if (joinCodeFile === null) return joinCode;
  const code = (await readText(joinCodeFile)).trim();
  if (code !== "" && Buffer.byteLength(code) <= MAILBOX.maxJoinCodeBytes) return code;
  fail(`${joinCodeFile} holds no join code: write one line of at most ${MAILBOX.maxJoinCodeBytes} bytes into it.`);
}

async function readText(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch {
    fail(`${file} cannot be read. Put such files into the folder "certs", the only one that may be read for them.`);
  }
}

async function checkFiles(folder: string): Promise<void> {
  try {
    await Deno.lstat(`${folder}/index.html`);
  } catch {
    fail(`${folder} holds no client. Build it first: deno task build`);
  }
}

async function turnState(flags: Flags, { turn }: Rendezvous): Promise<TurnState> {
  if (!flags.turn) return { t: "off" };
  if (turn === null) return { t: "not-installed" };
  if (turn.isWaiting()) return { t: "waiting" };
  if (!turn.isRunning()) return { t: "failing" };
  return { t: "running", port: turn.port, asked: flags.turnPort, relays: await checkTurn(turn, Date.now()) };
}

function fail(sentence: string, exitCode = 1): never {
  console.error(sentence);
  Deno.exit(exitCode);
}

await main(Deno.args);
