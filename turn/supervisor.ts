/** Runs coturn beside us: starts it, restarts it with growing delays, and stops it with us. */
import { randomBytes } from "node:crypto";
import type { TurnAddress } from "./address.ts";
import { type ConfigInit, turnConfig } from "./config.ts";
import { makeCredentials, type TurnCredentials } from "./credentials.ts";
import { COTURN, SUPERVISION } from "./limits.ts";
import { answersStun, freePort } from "./probe.ts";

export interface TurnInit {
  readonly address: TurnAddress;
  /** Taken if it is free, or else another one is. */
  readonly port: number;
  readonly relayPorts: ConfigInit["relayPorts"];
  /** A folder of ours, made if it is missing; a fresh one inside it holds the configuration. */
  readonly folder: string;
  readonly logFile: string | null;
  /** The program; a test passes another one. */
  readonly program?: string;
  /** It ended and will be started again. */
  readonly restarted: () => void;
}

export interface TurnServer {
  readonly port: number;
  /** Whether a process runs that has answered. */
  isRunning(): boolean;
  /** The id of the process that runs now, for tests that end it. */
  processId(): number | null;
  /** TURN URLs and credentials for one client. */
  credentials(lifetimeMs: number, nowMs: number): TurnCredentials & { readonly urls: readonly string[] };
  stop(): Promise<void>;
}

/** Null where coturn is not installed. Resolves when it answers, or has been given up on for now. */
export async function startTurn(init: TurnInit): Promise<TurnServer | null> {
  const program = init.program ?? "turnserver";
  if (!await isInstalled(program)) return null;
  await Deno.mkdir(init.folder, { recursive: true, mode: 0o700 });
  const folder = await Deno.makeTempDir({ dir: init.folder, prefix: "coturn-" });
  const port = await freePort(init.address.listenIp, init.port);
  const secret = randomBytes(COTURN.secretBytes).toString("hex");
  const configFile = `${folder}/turnserver.conf`;
  const config = turnConfig({ ...init, port, secret, folder });
  await Deno.writeTextFile(configFile, config, { mode: 0o600, createNew: true });
  const supervisor = new Supervisor(program, configFile, init, port);
  await supervisor.start();
  const host = bracketed(init.address.advertisedHost);
  return {
    port,
    isRunning: () => supervisor.isRunning,
    processId: () => supervisor.processId,
    credentials: (lifetimeMs, nowMs) => ({
      ...makeCredentials({ secret, lifetimeMs, nowMs }),
      urls: [`stun:${host}:${port}`, `turn:${host}:${port}?transport=udp`, `turn:${host}:${port}?transport=tcp`],
    }),
    async stop() {
      await supervisor.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

const bracketed = (host: string): string => host.includes(":") ? `[${host}]` : host;

async function isInstalled(program: string): Promise<boolean> {
  try {
    await new Deno.Command(program, { args: ["--version"], ...QUIET }).output();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) return false;
    throw error;
  }
}

const QUIET = { stdin: "null", stdout: "null", stderr: "null", clearEnv: true } as const;

class Supervisor {
  readonly #program: string;
  readonly #configFile: string;
  readonly #init: TurnInit;
  readonly #port: number;
  readonly #stopping = new AbortController();
  #child: Deno.ChildProcess | null = null;
  #hasAnswered = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(program: string, configFile: string, init: TurnInit, port: number) {
    this.#program = program;
    this.#configFile = configFile;
    this.#init = init;
    this.#port = port;
  }

  get isRunning(): boolean {
    return this.#child !== null && this.#hasAnswered;
  }

  get processId(): number | null {
    return this.#child?.pid ?? null;
  }

  async start(): Promise<void> {
    const first = this.#spawn();
    this.#loop = this.#supervise(first);
    await first.answered;
  }

  #spawn(): { readonly child: Deno.ChildProcess; readonly answered: Promise<void> } {
    const child = new Deno.Command(this.#program, { args: ["-c", this.#configFile], ...QUIET }).spawn();
    this.#child = child;
    this.#hasAnswered = false;
    return { child, answered: this.#awaitAnswer(child) };
  }

  async #awaitAnswer(child: Deno.ChildProcess): Promise<void> {
    const deadlineMs = performance.now() + SUPERVISION.startTimeoutMs;
    while (this.#child === child && performance.now() < deadlineMs && !this.#stopping.signal.aborted) {
      if (await answersStun(this.#init.address.listenIp, this.#port, SUPERVISION.probeIntervalMs)) {
        this.#hasAnswered = true;
        return;
      }
      await sleep(SUPERVISION.probeIntervalMs, this.#stopping.signal);
    }
  }

  async #supervise(first: { readonly child: Deno.ChildProcess }): Promise<void> {
    let { child } = first;
    let delayMs: number = SUPERVISION.firstDelayMs;
    while (true) {
      const startedMs = performance.now();
      await child.status;
      this.#child = null;
      if (this.#stopping.signal.aborted) return;
      if (performance.now() - startedMs >= SUPERVISION.healthyAfterMs) delayMs = SUPERVISION.firstDelayMs;
      await sleep(delayMs, this.#stopping.signal);
      if (this.#stopping.signal.aborted) return;
      delayMs = Math.min(2 * delayMs, SUPERVISION.maxDelayMs);
      this.#init.restarted();
      child = this.#spawn().child;
    }
  }

  /** Ends only the process that we hold a handle of, never one by its name or number. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#child?.kill("SIGTERM");
    const timer = setTimeout(() => this.#child?.kill("SIGKILL"), SUPERVISION.stopTimeoutMs);
    await this.#loop;
    clearTimeout(timer);
  }
}

function sleep(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, delayMs);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
