/**
 * A coturn whose server was killed too hard to take it along. Its folder holds the password of its console, which
 * listens on loopback: whoever answers to that is ours, and ends when it is told to.
 */
import { connect } from "node:net";
import { SUPERVISION } from "./limits.ts";

export const FOLDER_PREFIX = "coturn-";
export const CONSOLE_HOST = "127.0.0.1";
const MAX_SAID = 1_024;

/** Held, as a lock of the system, for as long as the server lives; gone with it, however it ends. */
export async function lockFolder(folder: string): Promise<Deno.FsFile | null> {
  const file = await Deno.open(`${folder}/lock`, { create: true, write: true, mode: 0o600 });
  if (await file.tryLock(true)) return file;
  file.close();
  return null;
}

/** The folders of earlier runs whose servers are gone. */
export async function leftFolders(parent: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(parent)) {
    if (!isDirectory || !name.startsWith(FOLDER_PREFIX)) continue;
    const lock = await lockFolder(`${parent}/${name}`);
    if (lock === null) continue;
    lock.close();
    found.push(`${parent}/${name}`);
  }
  return found;
}

interface Console {
  readonly port: number;
  readonly password: string;
}

async function consoleOf(folder: string): Promise<Console | null> {
  const config = await Deno.readTextFile(`${folder}/turnserver.conf`).catch(() => "");
  const [, port] = /^cli-port=(\d+)$/m.exec(config) ?? [];
  const [, password] = /^cli-password=(\S+)$/m.exec(config) ?? [];
  return port === undefined || password === undefined ? null : { port: Number(port), password };
}

/** Whether something listens where the coturn of a folder had its console. */
export async function isLeftRunning(folder: string): Promise<boolean> {
  const console = await consoleOf(folder);
  return console !== null && await isListening(console.port);
}

/** Ends the coturn of a folder, which takes it some seconds, and removes the folder. */
export async function endLeftover(folder: string, signal: AbortSignal): Promise<void> {
  const console = await consoleOf(folder);
  if (console !== null && await tellToStop(console)) await left(console.port, signal);
  await Deno.remove(folder, { recursive: true });
}

async function left(port: number, signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + SUPERVISION.leaveTimeoutMs;
  while (!signal.aborted && performance.now() < deadlineMs && await isListening(port)) {
    await new Promise((resolve) => setTimeout(resolve, SUPERVISION.leavePollMs));
  }
}

/** False where nobody listens, or somebody to whom our password says nothing. */
function tellToStop({ port, password }: Console): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: CONSOLE_HOST, port });
    const words = [[/Enter password: \s*$/, password], [/> $/, "stop"]] as const;
    let said = "";
    let spoken = 0;
    const timer = setTimeout(() => socket.destroy(), SUPERVISION.consoleTimeoutMs);
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(spoken === words.length);
    });
    socket.on("data", (bytes) => {
      said = (said + bytes.toString()).slice(-MAX_SAID);
      const [prompt, word] = words[spoken] ?? [];
      if (prompt === undefined || !prompt.test(said)) return;
      said = "";
      spoken++;
      socket.write(`${word}\r\n`);
    });
  });
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: CONSOLE_HOST, port });
    const settle = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.on("error", () => settle(false));
    socket.on("connect", () => settle(true));
  });
}
