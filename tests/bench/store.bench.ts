/**
 * What the store of spaces does by itself: durable deposits per second and their CPU, all threads counted, then fetching
 * and acknowledging the same mail. The rival is one commit for each envelope, without a thread, as a first version would.
 */
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { openSpaceStore } from "../../rendezvous/store/open.ts";
import type { SpaceStore } from "../../rendezvous/store/port.ts";
import { depositor, envelope, grant, idOf, space } from "../contract/spaceStoreSamples.ts";
import { median, printFigure, quantile, spreadOf } from "./figure.ts";

const RUNS = 3;
const SPACES = 1_000;
const TOTAL = 20_000;
const RIVAL_TOTAL = 1_000;
/** Deposits that wait for their answers at one time. */
const IN_FLIGHT = 1_000;

interface Measured {
  readonly perSecond: number;
  readonly cpuUs: number;
}

async function measure(count: number, work: () => Promise<void>): Promise<Measured> {
  const [startMs, start] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(start);
  return { perSecond: count / (performance.now() - startMs) * 1_000, cpuUs: (user + system) / count };
}

/** So many at a time, the next begun when one ends. */
async function inFlight(count: number, limit: number, one: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: limit }, async () => {
    while (next < count) await one(next++);
  }));
}

async function opened(folder: string): Promise<SpaceStore> {
  const store = await openSpaceStore({ folder, clock: { nowMs: () => Date.now(), after: () => () => {} } });
  if ("sentence" in store) throw new Error(store.sentence);
  return store;
}

function must(answer: { readonly t: string; readonly reason?: string }): void {
  if (answer.t === "refused") throw new Error(answer.reason);
}

/** `size` bytes each, `atOnce` of them in one deposit. */
async function deposits(sizeBytes: number, atOnce: number) {
  const folder = await Deno.makeTempDir();
  const store = await opened(folder);
  await inFlight(SPACES, 100, async (at) => {
    must(await store.openSpace(space(at)));
    must(await store.setGrants(space(at), [grant(1, { maxWaiting: 5_000, maxWaitingBytes: 64 * 2 ** 20 })]));
  });
  const mail = Array.from({ length: TOTAL }, (_, at) => envelope(at, sizeBytes));
  const calls = TOTAL / atOnce;
  const waitsMs: number[] = [];
  const left = await measure(TOTAL, () =>
    inFlight(calls, Math.min(calls, IN_FLIGHT / atOnce), async (at) => {
      const startMs = performance.now();
      const batch = mail.slice(at * atOnce, (at + 1) * atOnce);
      must(await store.deposit(space(at % SPACES), depositor(1), batch, 0));
      waitsMs.push(performance.now() - startMs);
    }));
  const fetched = await measure(
    TOTAL,
    () => inFlight(SPACES, 50, async (at) => must(await store.fetch(space(at), 0, 50, 2 ** 20))),
  );
  const ids = mail.map(idOf);
  const acked = await measure(TOTAL, () =>
    inFlight(SPACES, 50, async (at) => {
      const own = ids.filter((_, i) => Math.floor(i / atOnce) % SPACES === at);
      must(await store.ack(space(at), own));
    }));
  await store.close();
  await Deno.remove(folder, { recursive: true });
  return { left, fetched, acked, p50Ms: median(waitsMs), p99Ms: quantile(waitsMs, 0.99) };
}

async function oneByOne(sizeBytes: number): Promise<Measured> {
  const folder = await Deno.makeTempDir();
  const db = new DatabaseSync(`${folder}/rival.sqlite`);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE mail (id BLOB, envelope BLOB)");
  const insert = db.prepare("INSERT INTO mail VALUES (?, ?)");
  const measured = await measure(RIVAL_TOTAL, () => {
    for (let at = 0; at < RIVAL_TOTAL; at++) insert.run(envelope(at, 16), envelope(at, sizeBytes));
    return Promise.resolve();
  });
  db.close();
  await Deno.remove(folder, { recursive: true });
  return measured;
}

const shown = (value: number): string => value.toFixed(0).padStart(7);

function print(name: string, runs: readonly Measured[], rival: readonly Measured[] | null, isGoal: boolean): void {
  const perSecond = runs.map((run) => run.perSecond);
  const cpuUs = runs.map((run) => run.cpuUs);
  console.log(
    `${name.padEnd(52)} ${shown(median(perSecond))}/s   ${median(cpuUs).toFixed(1).padStart(6)} us CPU` +
      (rival === null ? "" : `   (one by one: ${shown(median(rival.map((run) => run.perSecond)))}/s)`),
  );
  const theirs = rival === null ? {} : { peer: "one-by-one", theirs: median(rival.map((run) => run.perSecond)) };
  printFigure({
    figure: name,
    ours: median(perSecond),
    ...theirs,
    unit: "1/s",
    spread: spreadOf(perSecond),
    ...(isGoal ? { goal: ">= 20000", met: median(perSecond) >= 20_000 } : {}),
  });
  printFigure({
    figure: `${name}, CPU each`,
    ours: median(cpuUs),
    unit: "us",
    spread: spreadOf(cpuUs),
    ...(isGoal ? { goal: "<= 50", met: median(cpuUs) <= 50 } : {}),
  });
}

for (const [sizeBytes, atOnce] of [[1_024, 1], [6_193, 1], [6_193, 10], [19_505, 1]] as const) {
  const [ours, rival] = [[] as Awaited<ReturnType<typeof deposits>>[], [] as Measured[]];
  for (let run = 0; run < RUNS; run++) {
    ours.push(await deposits(sizeBytes, atOnce));
    rival.push(await oneByOne(sizeBytes));
  }
  const name = `${sizeBytes} B${atOnce === 1 ? "" : `, ${atOnce} to a deposit`}`;
  print(`durable deposits of ${name}`, ours.map(({ left }) => left), rival, sizeBytes < 10_000);
  const [p50Ms, p99Ms] = [median(ours.map((one) => one.p50Ms)), median(ours.map((one) => one.p99Ms))];
  console.log(`  answered after ${p50Ms.toFixed(0)} ms (median), ${p99Ms.toFixed(0)} ms (99th percentile)`);
  print(`fetched, ${name}`, ours.map(({ fetched }) => fetched), null, false);
  print(`acknowledged, ${name}`, ours.map(({ acked }) => acked), null, false);
}
