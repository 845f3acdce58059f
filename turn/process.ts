/** One coturn process after the other: started, watched, started again with growing delays, ended with us. */
import type { TurnAddress } from "./address.ts";
import { SUPERVISION } from "./limits.ts";
import { answersStun } from "./probe.ts";

export interface SupervisorInit {
  readonly program: string;
  readonly configFile: string;
  readonly address: TurnAddress;
  /** Ends what is left of earlier runs and writes the configuration; gives the port. The signal says to hurry. */
  readonly prepare: (signal: AbortSignal) => Promise<number>;
  /** It ended and will be started again. */
  readonly restarted: () => void;
}

export const QUIET = { stdin: "null", stdout: "null", stderr: "null", clearEnv: true } as const;

export class Supervisor {
  readonly #init: SupervisorInit;
  readonly #stopping = new AbortController();
  #child: Deno.ChildProcess | null = null;
  #hasAnswered = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(init: SupervisorInit) {
    this.#init = init;
  }

  get isRunning(): boolean {
    return this.#child !== null && this.#hasAnswered;
  }

  get processId(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Resolves when it answers, or has not within the time; rejects where it cannot be started at all. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => this.#loop = this.#supervise(resolve).catch(reject));
  }

  #spawn(): Deno.ChildProcess {
    const child = new Deno.Command(this.#init.program, { args: ["-c", this.#init.configFile], ...QUIET }).spawn();
    this.#child = child;
    this.#hasAnswered = false;
    return child;
  }

  /** Calls `done` at the first answer, or when it is late; in that case it goes on asking. */
  async #awaitAnswer(child: Deno.ChildProcess, port: number, done: () => void): Promise<void> {
    const deadlineMs = performance.now() + SUPERVISION.startTimeoutMs;
    let intervalMs: number = SUPERVISION.probeIntervalMs;
    while (this.#child === child && !this.#stopping.signal.aborted) {
      this.#hasAnswered = await answersStun(this.#init.address.listenIp, port, SUPERVISION.probeIntervalMs);
      if (this.#hasAnswered) break;
      if (performance.now() >= deadlineMs) {
        intervalMs = SUPERVISION.lateIntervalMs;
        done();
      }
      await sleep(intervalMs, this.#stopping.signal);
    }
    done();
    await this.#watch(child, port);
  }

  /** One that has fallen silent is given no more clients; one that stays silent is ended, and so started anew. */
  async #watch(child: Deno.ChildProcess, port: number): Promise<void> {
    const isCurrent = () => this.#child === child && !this.#stopping.signal.aborted;
    for (let silences = 0; isCurrent();) {
      await sleep(SUPERVISION.watchIntervalMs, this.#stopping.signal);
      if (!isCurrent()) return;
      const answers = await answersStun(this.#init.address.listenIp, port, SUPERVISION.watchTimeoutMs);
      if (!isCurrent()) return;
      silences = answers ? 0 : silences + 1;
      this.#hasAnswered = silences < SUPERVISION.silencesToMistrust;
      if (silences === SUPERVISION.silencesToEnd) child.kill("SIGKILL");
    }
  }

  async #supervise(started: () => void): Promise<void> {
    const { signal } = this.#stopping;
    const port = await this.#init.prepare(signal);
    let delayMs: number = SUPERVISION.firstDelayMs;
    while (!signal.aborted) {
      const child = this.#spawn();
      this.#awaitAnswer(child, port, started);
      const startedMs = performance.now();
      await child.status;
      this.#child = null;
      if (signal.aborted) break;
      if (performance.now() - startedMs >= SUPERVISION.healthyAfterMs) delayMs = SUPERVISION.firstDelayMs;
      await sleep(delayMs, signal);
      delayMs = Math.min(2 * delayMs, SUPERVISION.maxDelayMs);
      if (!signal.aborted) this.#init.restarted();
    }
    started();
  }

  /** Has it read its certificate again. */
  reload(): void {
    this.#child?.kill("SIGUSR2");
  }

  /** At once, where nobody waits for us to stop. */
  kill(): void {
    this.#stopping.abort();
    this.#child?.kill("SIGKILL");
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
