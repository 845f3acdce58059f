/**
 * Runs a pure core: queues events, steps them, makes what they want kept durable, and only then lets anything out. All
 * events that wait are one group: one durable write answers for them together. The state is a value, so steps whose
 * write fails are simply forgotten.
 */
import type { Env, RecordWrite, Store } from "../../core/ports.ts";
import type { Reason } from "../../core/errors.ts";
import { StorageError, type StorageProblem } from "../storage/problem.ts";
import { DRIVER } from "../limits.ts";

interface PersistEffect {
  readonly type: "Persist";
  readonly writes: readonly RecordWrite[];
}

export interface StepResult<State, Effect> {
  readonly state: State;
  readonly effects: readonly Effect[];
  /** Why the event was not carried out, where it was not. */
  readonly refusal?: Reason | null;
}

export interface Core<State, Event, Effect extends { readonly type: string }> {
  step(state: State, event: Event, env: Env): StepResult<State, Effect>;
  /** Milliseconds since the Unix epoch at which the core wants a `Tick`; `null` for never. */
  deadline(state: State): number | null;
  readonly tick: Event;
}

export interface DriverPorts<State, Effect extends { readonly type: string }> {
  readonly store: Pick<Store, "write">;
  env(): Env;
  /** Calls back once after `delayMs`; returns what calls it off. */
  after(delayMs: number, callback: () => void): () => void;
  /** Effects other than `Persist`, in their order. Must not throw. */
  run(effect: Exclude<Effect, PersistEffect>): void;
  /** Called after each group that changed the state, before its effects run. */
  onState(state: State): void;
  /** What is wrong with the storage now; `null` when a write works again. */
  onStorage(problem: StorageProblem | null): void;
  /** A step threw: a bug. The event was dropped and the state kept. */
  onBug(error: unknown): void;
}

export type Dispatched =
  | { readonly ok: true }
  | { readonly ok: false; readonly problem: Reason | StorageProblem | "program.failed" };

interface Queued<Event> {
  readonly event: Event;
  readonly settle: (result: Dispatched) => void;
}

interface Group<State, Event, Effect extends { readonly type: string }> {
  readonly state: State;
  readonly writes: readonly RecordWrite[];
  readonly effects: readonly Exclude<Effect, PersistEffect>[];
  readonly answers: readonly { readonly queued: Queued<Event>; readonly result: Dispatched }[];
}

export class Driver<State, Event, Effect extends { readonly type: string }> {
  #queue: Queued<Event>[] = [];
  #running = false;
  #stopped = false;
  #cancelTick = () => {};
  #drained: Promise<void> = Promise.resolve();
  #storage: StorageProblem | null = null;

  constructor(
    private readonly core: Core<State, Event, Effect>,
    private readonly ports: DriverPorts<State, Effect>,
    private current: State,
  ) {
    this.#setTimer();
  }

  get state(): State {
    return this.current;
  }

  /** Resolves when the event is durable, or was refused or failed. Never rejects. */
  dispatch(event: Event): Promise<Dispatched> {
    if (this.#stopped) return Promise.resolve({ ok: false, problem: "program.failed" });
    const settled = new Promise<Dispatched>((settle) => this.#queue.push({ event, settle }));
    if (!this.#running) {
      this.#running = true;
      // In a task of its own: what is dispatched in the same breath makes one group.
      this.#drained = Promise.resolve().then(() => this.#drain());
    }
    return settled;
  }

  /** Takes no more events. Resolves when what is queued already is finished. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTick();
    return this.#drained;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const queued = this.#queue.splice(0, DRIVER.maxBatchEvents);
      if (await this.#attempt(queued)) continue;
      // One event's write must not take others down with it: those that keep nothing still count.
      if (queued.length > 1) { for (const one of queued) if (!await this.#attempt([one])) this.#fail([one]); }
      else this.#fail(queued);
    }
    this.#running = false;
    this.#setTimer();
  }

  /** False where the group's write failed; nothing has happened then. */
  async #attempt(queued: readonly Queued<Event>[]): Promise<boolean> {
    const group = this.#stepAll(queued);
    if (group.writes.length > 0) {
      try {
        await this.ports.store.write(group.writes);
      } catch (error) {
        this.#setStorage(error instanceof StorageError ? error.problem : "storage.failed");
        return false;
      }
      this.#setStorage(null);
    }
    const changed = group.state !== this.current;
    this.current = group.state;
    if (changed) this.ports.onState(group.state);
    for (const effect of group.effects) this.ports.run(effect);
    for (const { queued, result } of group.answers) queued.settle(result);
    return true;
  }

  #stepAll(queued: readonly Queued<Event>[]): Group<State, Event, Effect> {
    let state = this.current;
    const writes: RecordWrite[] = [];
    const effects: Exclude<Effect, PersistEffect>[] = [];
    const answers: Group<State, Event, Effect>["answers"][number][] = [];
    for (const one of queued) {
      const result = this.#step(state, one.event);
      if (result === null) {
        answers.push({ queued: one, result: { ok: false, problem: "program.failed" } });
        continue;
      }
      state = result.state;
      for (const effect of result.effects) {
        if (isPersist(effect)) writes.push(...effect.writes);
        else effects.push(effect as Exclude<Effect, PersistEffect>);
      }
      const { refusal } = result;
      answers.push({ queued: one, result: refusal ? { ok: false, problem: refusal } : { ok: true } });
    }
    return { state, writes, effects, answers };
  }

  #step(state: State, event: Event): StepResult<State, Effect> | null {
    try {
      return this.core.step(state, event, this.ports.env());
    } catch (error) {
      this.ports.onBug(error);
      return null;
    }
  }

  #fail(queued: readonly Queued<Event>[]): void {
    const problem = this.#storage ?? "storage.failed";
    for (const { settle } of queued) settle({ ok: false, problem });
  }

  #setStorage(problem: StorageProblem | null): void {
    if (problem === this.#storage) return;
    this.#storage = problem;
    this.ports.onStorage(problem);
  }

  #setTimer(): void {
    this.#cancelTick();
    this.#cancelTick = () => {};
    const atMs = this.core.deadline(this.current);
    if (atMs === null || this.#stopped) return;
    const soonestMs = this.#storage === null ? DRIVER.minTickMs : DRIVER.retryWriteMs;
    const delayMs = Math.min(Math.max(atMs - this.ports.env().nowMs, soonestMs), DRIVER.maxTickMs);
    this.#cancelTick = this.ports.after(delayMs, () => this.dispatch(this.core.tick));
  }
}

function isPersist(effect: { readonly type: string }): effect is PersistEffect {
  return effect.type === "Persist";
}
