/** All streams to spaces: the times and the memory that they may take together, and their end when the server stops. */
import { setImmediate } from "node:timers";
import { every } from "../clock.ts";
import { SPACES } from "../limits.ts";
import type { Service } from "../service.ts";
import type { SpaceStream } from "./spaceStream.ts";

export class OpenStreams {
  readonly #service: Service;
  readonly #streams = new Set<SpaceStream>();
  readonly #stopChecking: () => void;
  #heldBytes = 0;
  #isDraining = false;

  constructor(service: Service) {
    this.#service = service;
    this.#stopChecking = every(service.clock, SPACES.checkIntervalMs, () => this.#check());
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get size(): number {
    return this.#streams.size;
  }

  add(stream: SpaceStream): void {
    this.#streams.add(stream);
  }

  delete(stream: SpaceStream): void {
    this.#streams.delete(stream);
  }

  /** False where all streams together now hold more than they may, though the late ones were cut. */
  hold(deltaBytes: number): boolean {
    this.#heldBytes += deltaBytes;
    if (deltaBytes <= 0 || this.#heldBytes <= SPACES.maxHeldBytes) return true;
    const beforeMs = this.#service.clock.nowMs() - SPACES.lateFrameMs;
    for (const stream of this.#streams) {
      if (stream.partialSinceMs !== null && stream.partialSinceMs <= beforeMs) stream.cut("spaces.slow-frame");
    }
    return this.#heldBytes <= SPACES.maxHeldBytes;
  }

  #check(): void {
    const nowMs = this.#service.clock.nowMs();
    for (const stream of this.#streams) stream.check(nowMs);
  }

  /** Tells every client when to come back, lets what has begun be answered, and closes the streams. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#stopChecking();
    const finished = Promise.all([...this.#streams].map((stream) => goodbye(stream)));
    const late = Promise.withResolvers<void>();
    const cancel = this.#service.clock.after(SPACES.drainMs, late.resolve);
    await Promise.race([finished, late.promise]);
    cancel();
    // A connection hands its socket what was said in a turn when the turn is over.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function goodbye(stream: SpaceStream): Promise<void> {
  stream.say({ t: "closing", retryAfterS: returnS() });
  await stream.settled();
  await stream.end();
}

/** Clients that were told different seconds do not come back in one. */
export const returnS = (): number => 1 + Math.floor(Math.random() * SPACES.maxReturnS);
