/** One stream to a space: frames in, answers out, how much of it is under way, and when its time is over. */
import type { Connection, Stream } from "@libp2p/interface";
import { Uint8ArrayList } from "uint8arraylist";
import { MAILBOX } from "../../core/limits.ts";
import { type SpaceAnswer, spaceAnswerCodec } from "../../core/wire/spaceAnswer.ts";
import type { CounterName } from "../counters.ts";
import { type Frame, FrameReader } from "../frameReader.ts";
import { varint } from "../frames.ts";
import { SPACES } from "../limits.ts";
import type { Service } from "../service.ts";

/** What a stream is waiting for; `requests`: it is at its end when none come, `mail`: it may be quiet for ever. */
type Phase = "entry" | "requests" | "mail" | "over";

export interface SpaceStreamInit extends Service {
  readonly stream: Stream;
  readonly connection: Connection;
  /** Bytes that this stream holds in memory have become more, or fewer; false where that is too much in all. */
  readonly hold: (deltaBytes: number) => boolean;
}

export class SpaceStream {
  readonly stream: Stream;
  readonly connection: Connection;
  readonly #init: SpaceStreamInit;
  readonly #reader: FrameReader;
  #phase: Phase = "entry";
  #quietSinceMs: number;
  #stalledSinceMs: number | null = null;
  #requestsInFlight = 0;
  #bytesInFlight = 0;
  /** What was said and waits in the stream until its reader takes more. */
  #unsentBytes = 0;
  #waiters: (() => void)[] = [];

  constructor(init: SpaceStreamInit) {
    this.#init = init;
    this.stream = init.stream;
    this.connection = init.connection;
    this.#quietSinceMs = init.clock.nowMs();
    this.#reader = new FrameReader({
      stream: init.stream,
      maxBytes: MAILBOX.maxRequestBytes,
      held: (deltaBytes) => this.#mustHold(deltaBytes),
      nowMs: () => init.clock.nowMs(),
    });
    // Its `onDrain` is of no use: the promise of the first drain stays resolved for all that follow.
    init.stream.addEventListener("drain", () => {
      this.#stalledSinceMs = null;
      this.#wake();
    });
    init.stream.addEventListener("idle", () => this.#countUnsent());
    init.stream.addEventListener("close", () => {
      this.#countUnsent();
      this.#wake();
    });
  }

  get isOpen(): boolean {
    return this.#phase !== "over" && this.stream.status === "open";
  }

  /** Whether what is said now goes out soon. */
  get isFlowing(): boolean {
    return this.isOpen && !this.stream.writableNeedsDrain;
  }

  get partialSinceMs(): number | null {
    return this.#reader.partialSinceMs;
  }

  /** The entry was right: from now on for requests, or for mail as well. */
  entered(phase: "requests" | "mail"): void {
    if (this.#phase === "entry") this.#phase = phase;
  }

  /** The next frame, once there is room for another request. */
  async next(): Promise<Frame> {
    while (this.isOpen && !this.#hasRoom()) await this.#change();
    const frame = await this.#reader.next();
    this.#quietSinceMs = this.#init.clock.nowMs();
    return frame;
  }

  #hasRoom(): boolean {
    return this.#requestsInFlight < SPACES.maxInFlight && this.#bytesInFlight < SPACES.maxInFlightBytes &&
      !this.stream.writableNeedsDrain;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }

  /** A request is under way that holds so many bytes, besides its frame those of its answer. */
  begin(frameBytes: number, answerBytes: number): void {
    this.#requestsInFlight++;
    this.#bytesInFlight += frameBytes + answerBytes;
    this.#mustHold(frameBytes + answerBytes);
  }

  finish(frameBytes: number, answerBytes: number): void {
    this.#requestsInFlight--;
    this.#bytesInFlight -= frameBytes + answerBytes;
    this.#mustHold(-frameBytes - answerBytes);
    this.#quietSinceMs = this.#init.clock.nowMs();
    this.#wake();
  }

  /** Resolves when every request that has begun is answered. */
  async settled(): Promise<void> {
    while (this.#requestsInFlight > 0) await this.#change();
  }

  say(answer: SpaceAnswer): void {
    this.sayBytes(spaceAnswerCodec.encode(answer));
  }

  sayBytes(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    try {
      this.stream.send(new Uint8ArrayList(varint(bytes.length), bytes));
    } catch {
      // It has closed meanwhile: what was committed stays so, and is asked again on another stream.
    }
    this.#countUnsent();
  }

  #countUnsent(): void {
    const { writeBufferLength } = this.stream;
    const grownBytes = writeBufferLength - this.#unsentBytes;
    this.#unsentBytes = writeBufferLength;
    if (grownBytes !== 0) this.#mustHold(grownBytes);
  }

  /** What can be held or left. */
  hold(deltaBytes: number): boolean {
    return this.#init.hold(deltaBytes);
  }

  #mustHold(deltaBytes: number): void {
    if (!this.hold(deltaBytes)) this.cut("spaces.overloaded");
  }

  /** Closes the stream after what has been said, whether or not the client closes its side. */
  async end(): Promise<void> {
    this.#over();
    const { stream } = this;
    if (stream.status !== "open") return;
    const cancel = this.#init.clock.after(SPACES.closeTimeoutMs, () => stream.abort(new Error("not closed in time")));
    stream.addEventListener("close", cancel);
    await stream.close().catch(() => {});
  }

  /** The client broke a rule, or kept us waiting: counted, and nothing more is read or said. */
  cut(name: CounterName): void {
    if (this.#phase === "over") return;
    this.#init.counters.count(name);
    this.#over();
    this.stream.abort(new Error(name));
  }

  #over(): void {
    this.#phase = "over";
    this.#reader.drop();
    this.#wake();
  }

  /** Called every few seconds. */
  check(nowMs: number): void {
    if (this.stream.writableNeedsDrain) this.#stalledSinceMs ??= nowMs;
    const isLate = (sinceMs: number | null, limitMs: number) => sinceMs !== null && nowMs - sinceMs >= limitMs;
    if (isLate(this.#stalledSinceMs, SPACES.maxStallMs)) return this.cut("spaces.slow-reader");
    if (this.#phase === "entry" && isLate(this.#quietSinceMs, SPACES.entryTimeoutMs)) {
      return this.cut("spaces.slow-entry");
    }
    if (isLate(this.partialSinceMs, SPACES.frameTimeoutMs)) return this.cut("spaces.slow-frame");
    const isQuiet = this.#phase === "requests" && this.#requestsInFlight === 0;
    if (!isQuiet || !isLate(this.#quietSinceMs, SPACES.idleMs)) return;
    this.#init.counters.count("spaces.idle");
    void this.end();
  }
}
