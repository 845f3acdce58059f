/** Networks as traces: when each packet of a talker arrives, or that it never does. Seeded, so every run is the same. */

export interface Arrival {
  readonly sequence: number;
  readonly atMs: number;
}

export interface Trace {
  readonly name: string;
  /** In order of arrival; lost packets are left out. */
  readonly arrivals: readonly Arrival[];
  readonly sentCount: number;
  /** The least delay of the network itself. */
  readonly baseMs: number;
  /** When something happened that the delay should recover from. */
  readonly disturbanceEndsMs: number | null;
}

export type Random = () => number;

/** Uniform in [0, 1): the generator "mulberry32". */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const gaussian = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

const BASE_MS = 40;

/** `delayOf` gives the delay of a packet sent at `sentMs`, or `null` where it is lost. */
export function trace(
  name: string,
  seconds: number,
  frameMs: number,
  delayOf: (sentMs: number, sequence: number) => number | null,
  disturbanceEndsMs: number | null = null,
): Trace {
  const sentCount = Math.round((seconds * 1000) / frameMs);
  const arrivals: Arrival[] = [];
  for (let sequence = 0; sequence < sentCount; sequence++) {
    const delayMs = delayOf(sequence * frameMs, sequence);
    if (delayMs !== null) arrivals.push({ sequence, atMs: sequence * frameMs + delayMs });
  }
  arrivals.sort((a, b) => a.atMs - b.atMs || a.sequence - b.sequence);
  return { name, arrivals, sentCount, baseMs: BASE_MS, disturbanceEndsMs };
}

/** The delay of a packet that meets a stall of `stallMs` from `startMs` on: it waits until the end. */
const stalled = (sentMs: number, startMs: number, stallMs: number): number =>
  sentMs >= startMs && sentMs < startMs + stallMs ? startMs + stallMs - sentMs : 0;

/** The networks that the jitter buffer is measured on. */
export function allTraces(seconds: number, frameMs: number, seed = 1): readonly Trace[] {
  const random = seeded(seed);
  /** A little of what every real network has. */
  const noise = () => BASE_MS + 2 * random();
  const make = (
    name: string,
    delayOf: (sentMs: number, sequence: number) => number | null,
    disturbanceEndsMs: number | null = null,
  ) => trace(name, seconds, frameMs, delayOf, disturbanceEndsMs);
  const middleMs = Math.round(seconds / 2) * 1000;
  return [
    make("constant", noise),
    make("gaussian jitter, 10 ms", () => Math.max(BASE_MS, BASE_MS + 20 + 10 * gaussian(random))),
    make("uniform jitter, 0-40 ms", () => BASE_MS + 40 * random()),
    make("bursty, wifi-like", wifi(random)),
    make("100 ms stall each 10 s", (sentMs) => noise() + stalled(sentMs % 10_000, 5_000, 100)),
    make("300 ms stall", (sentMs) => noise() + stalled(sentMs, middleMs, 300), middleMs + 300 + BASE_MS),
    make("5 % loss", () => random() < 0.05 ? null : noise()),
    make("20 % loss", () => random() < 0.2 ? null : noise()),
    make(
      "step of 80 ms and back",
      (sentMs) => noise() + (sentMs > middleMs / 2 && sentMs < middleMs ? 80 : 0),
      middleMs,
    ),
    make("clock drift, 200 ppm", (sentMs) => noise() + sentMs * 200e-6),
    make("reordering, 10 % by 25 ms", () => noise() + (random() < 0.1 ? 25 : 0)),
  ];
}

/** Now and then the air is taken for a while, and what has waited comes at once. */
function wifi(random: Random): (sentMs: number) => number {
  let freeAtMs = 0;
  let nextBusyMs = 0;
  return (sentMs) => {
    if (sentMs >= nextBusyMs) {
      freeAtMs = sentMs + 5 + 35 * random() ** 2;
      nextBusyMs = freeAtMs + 60 * random();
    }
    return BASE_MS + Math.max(0, freeAtMs - sentMs) + 2 * random();
  };
}
