/** One thing that takes foreign bytes, and the loop that tries to break it. */
import process from "node:process";
import { type Reason, REASONS } from "../../core/errors.ts";
import { fromHex, toHex } from "../../core/ids.ts";
import { Random } from "../sim/random.ts";
import type { Mutator } from "./mutate.ts";

export interface Outcome {
  /** The outermost structure was read: what was refused after that was refused for what it says. */
  readonly passedFirstParse: boolean;
  /** `null` where the input was accepted. */
  readonly reason: Reason | null;
}

export interface Target {
  readonly name: string;
  /** Costly ones do public-key work for each input, and get a fiftieth of the inputs. */
  readonly cost: "cheap" | "costly";
  /** No input may take longer, in milliseconds of the processor, at the best of a few tries. */
  readonly maxInputMs: number;
  readonly seeds: readonly Uint8Array[];
  readonly mutate: Mutator;
  /** Throws where the input broke a promise. */
  run(input: Uint8Array): Outcome;
  /** What needs waiting, run after every `CHECK_EVERY` inputs. */
  check?(): Promise<void>;
}

export interface Report {
  readonly name: string;
  readonly inputs: number;
  readonly passedFirstParse: number;
  readonly slowestMs: number;
  readonly seconds: number;
  readonly grownMiB: number;
  readonly reasons: ReadonlyMap<string, number>;
}

/** An input that broke a promise, to be kept in the corpus. */
export class Broken extends Error {
  constructor(readonly target: string, readonly input: Uint8Array, override readonly cause: unknown) {
    super(`${target}: ${cause instanceof Error ? cause.message : cause}\ninput: ${toHex(input)}`);
  }
}

const COSTLY_SHARE = 50;
const CHECK_EVERY = 500;
/** Inputs of a kind that are taken up as seeds for further ones, and how many at most. */
const NOVELTIES = 6;
const MAX_LEARNED = 60;
/** What a target may leave behind in memory, whatever it was fed. */
const MAX_GROWN_MIB = 256;
/** How often an input that seems slow is timed again; the best counts. */
const MORE_TRIES = 8;
const KNOWN: ReadonlySet<string> = new Set(REASONS);

export const inputsOf = (target: Target, inputs: number): number =>
  target.cost === "cheap" ? inputs : Math.ceil(inputs / COSTLY_SHARE);

/** Inputs that once broke something, one in hex on each line; they are run before all others. */
function corpusOf(name: string): readonly Uint8Array[] {
  const file = new URL(`corpus/${name.replaceAll(" ", "-")}.hex`, import.meta.url);
  try {
    return Deno.readTextFileSync(file).split("\n").filter((line) => /^[0-9a-f]+$/.test(line)).map(fromHex);
  } catch {
    return [];
  }
}

/** Runs the corpus and then `inputs` mutated inputs; throws `Broken` at the first that breaks a promise. */
export async function fuzz(target: Target, inputs: number, seed: number): Promise<Report> {
  const random = new Random(seed);
  const runner = new Runner(target);
  const pool = [...target.seeds];
  const startMs = performance.now();
  const startMiB = heapMiB();
  for (const input of [...target.seeds, ...corpusOf(target.name)]) runner.run(input);
  while (runner.inputs < inputs) {
    const input = target.mutate(random, random.pick(pool)!, random.pick(pool)!);
    const isNovel = runner.run(input) && input.length <= 4096;
    if (isNovel && pool.length < target.seeds.length + MAX_LEARNED) pool.push(input);
    if (runner.inputs % CHECK_EVERY === 0) await target.check?.();
  }
  const grownMiB = heapMiB() - startMiB;
  if (grownMiB > MAX_GROWN_MIB) throw new Error(`${target.name} left ${grownMiB.toFixed(0)} MiB behind`);
  const { passedFirstParse, slowestMs, reasons } = runner;
  const seconds = (performance.now() - startMs) / 1000;
  return { name: target.name, inputs: runner.inputs, passedFirstParse, slowestMs, seconds, grownMiB, reasons };
}

const heapMiB = (): number => Deno.memoryUsage().heapUsed / 2 ** 20;

class Runner {
  inputs = 0;
  passedFirstParse = 0;
  slowestMs = 0;
  readonly reasons = new Map<string, number>();

  constructor(readonly target: Target) {}

  /** Whether the outcome is one of the first of its kind. */
  run(input: Uint8Array): boolean {
    const startMs = performance.now();
    const { passedFirstParse, reason } = this.#try(input);
    let tookMs = performance.now() - startMs;
    // Another program's turn and the garbage collector are no fault of the input.
    for (let again = 0; again < MORE_TRIES && tookMs > this.slowestMs; again++) {
      tookMs = Math.min(tookMs, this.#time(input));
      if (again > 0 && tookMs <= this.target.maxInputMs) break;
    }
    this.slowestMs = Math.max(this.slowestMs, tookMs);
    if (tookMs > this.target.maxInputMs) throw new Broken(this.target.name, input, `${tookMs.toFixed(1)} ms`);
    if (reason !== null && !KNOWN.has(reason)) throw new Broken(this.target.name, input, `unknown reason ${reason}`);
    this.inputs++;
    if (passedFirstParse) this.passedFirstParse++;
    const kind = reason ?? "accepted";
    const count = (this.reasons.get(kind) ?? 0) + 1;
    this.reasons.set(kind, count);
    return count <= NOVELTIES;
  }

  /** Milliseconds of the processor: on a busy machine the clock says nothing about the input. */
  #time(input: Uint8Array): number {
    const start = process.cpuUsage();
    this.#try(input);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  }

  #try(input: Uint8Array): Outcome {
    try {
      return this.target.run(input);
    } catch (error) {
      throw new Broken(this.target.name, input, error);
    }
  }
}

export function line({ name, inputs, passedFirstParse, slowestMs, seconds, grownMiB, reasons }: Report): string {
  const share = `${(100 * passedFirstParse / inputs).toFixed(1)} % pass the first parse`;
  const seen = [...reasons].sort((a, b) => b[1] - a[1]).map(([reason, count]) => `${reason} ${count}`).join(", ");
  return `${name}: ${inputs} inputs in ${seconds.toFixed(0)} s, ${share}, slowest ${slowestMs.toFixed(2)} ms, ` +
    `${grownMiB >= 0 ? "+" : ""}${grownMiB.toFixed(0)} MiB; ${seen}`;
}
