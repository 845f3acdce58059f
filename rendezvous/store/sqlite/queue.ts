/**
 * What waits for the thread. One batch is on its way at a time, and what comes meanwhile makes up the next; only under
 * load a second one follows, so that the thread has work while the answers to the first are given.
 */
import { STORE } from "../../limits.ts";
import type { Refused, Trouble } from "../port.ts";
import type { Answer, Answers, Operation, OperationName, Request } from "./messages.ts";

interface Waiting {
  readonly operation: Operation;
  readonly parts: readonly Uint8Array[];
  readonly sizeBytes: number;
  answered(answer: Answer): void;
}

type Send = (operations: readonly Operation[], bytes: Uint8Array<ArrayBuffer>) => void;

const refused = (reason: Trouble): Refused => ({ t: "refused", reason });

export class Queue {
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  readonly #sent: (readonly Waiting[])[] = [];
  #spare = new Uint8Array(0);
  #isFlushing = false;
  #hasStopped = false;
  #whenEmpty: (() => void) | null = null;

  constructor(private readonly send: Send) {}

  /** `parts` are copied before the answer comes, not at once: they must stay as they are until then. */
  ask<T extends OperationName>(
    operation: Request<T>,
    parts: readonly Uint8Array[] = [],
  ): Promise<Answers[T] | Refused> {
    if (this.#hasStopped) return Promise.resolve(refused("failed"));
    const sizeBytes = bytesOf(parts);
    const isFull = this.#waiting.length >= STORE.maxQueuedOperations ||
      this.#waitingBytes + sizeBytes > STORE.maxQueuedBytes;
    if (isFull) return Promise.resolve(refused("busy"));
    return new Promise((resolve) => {
      const answered = (answer: Answer) => resolve(answer as Answers[T]);
      this.#waiting.push({ operation: operation as Operation, parts, sizeBytes, answered });
      this.#waitingBytes += sizeBytes;
      // What is asked in the same turn goes together.
      if (this.#sent.length < 2) this.#flushSoon();
    });
  }

  answers(answers: readonly Answer[], bytes: Uint8Array<ArrayBuffer>): void {
    const sent = this.#sent.shift() ?? [];
    this.#spare = bytes;
    this.#flush();
    sent.forEach(({ answered }, at) => answered(answers[at]!));
    if (this.#isEmpty()) this.#whenEmpty?.();
  }

  /** Refuses what comes, and resolves when all that has come is answered. */
  finish(): Promise<void> {
    this.#hasStopped = true;
    if (this.#isEmpty()) return Promise.resolve();
    return new Promise((resolve) => this.#whenEmpty = resolve);
  }

  /** There will be no answers any more. */
  fail(): void {
    this.#hasStopped = true;
    const all = [...this.#sent.splice(0).flat(), ...this.#waiting];
    [this.#waiting, this.#waitingBytes] = [[], 0];
    for (const { answered } of all) answered(refused("failed"));
    this.#whenEmpty?.();
  }

  #isEmpty(): boolean {
    return this.#sent.length === 0 && this.#waiting.length === 0;
  }

  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    const isDue = this.#sent.length === 0
      ? this.#waiting.length > 0
      : this.#sent.length === 1 && this.#waiting.length >= STORE.secondBatchOperations;
    if (!isDue) return;
    let [count, sizeBytes] = [0, 0];
    for (const { sizeBytes: next } of this.#waiting) {
      if (count === STORE.maxBatchOperations || (count > 0 && sizeBytes + next > STORE.maxBatchBytes)) break;
      sizeBytes += next;
      count++;
    }
    const batch = this.#waiting.splice(0, count);
    this.#sent.push(batch);
    this.#waitingBytes -= sizeBytes;
    this.send(batch.map(({ operation }) => operation), this.#pack(batch, sizeBytes));
  }

  /** A structured clone of a view would take all of the buffer behind it along. */
  #pack(batch: readonly Waiting[], sizeBytes: number): Uint8Array<ArrayBuffer> {
    const bytes = this.#spare.length >= sizeBytes ? this.#spare : new Uint8Array(sizeBytes);
    // What is sent belongs to the thread until it comes back.
    this.#spare = new Uint8Array(0);
    let at = 0;
    for (const { parts } of batch) {
      for (const part of parts) {
        bytes.set(part, at);
        at += part.length;
      }
    }
    return bytes;
  }
}

const bytesOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);
