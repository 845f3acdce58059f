import assert from "node:assert/strict";
import fc from "fast-check";
import type { RecordWrite } from "../../../core/ports.ts";
import { type Core, Driver, type DriverPorts } from "../../../client/runtime/driver.ts";
import { DRIVER } from "../../../client/limits.ts";
import { StorageError } from "../../../client/storage/problem.ts";

type Event =
  | { readonly type: "Add"; readonly by: number; readonly keep: boolean }
  | { readonly type: "Refuse" }
  | { readonly type: "Throw" }
  | { readonly type: "WakeAt"; readonly atMs: number | null }
  | { readonly type: "Tick" };
type Effect =
  | { readonly type: "Persist"; readonly writes: readonly RecordWrite[] }
  | { readonly type: "Say"; readonly sum: number };
interface State {
  readonly sum: number;
  readonly wakeAtMs: number | null;
}

const CORE: Core<State, Event, Effect> = {
  tick: { type: "Tick" },
  deadline: (state) => state.wakeAtMs,
  step(state, event) {
    switch (event.type) {
      case "Add": {
        const sum = state.sum + event.by;
        const writes = [{ key: "sum", value: new Uint8Array([sum & 255]) }];
        const keep: readonly Effect[] = event.keep ? [{ type: "Persist", writes }] : [];
        return { state: { ...state, sum }, effects: [...keep, { type: "Say", sum }] };
      }
      case "Refuse":
        return { state, effects: [], refusal: "message.empty" };
      case "Throw":
        throw new Error("a bug");
      case "WakeAt":
        return { state: { ...state, wakeAtMs: event.atMs }, effects: [] };
      case "Tick":
        return { state: { ...state, wakeAtMs: null }, effects: [{ type: "Say", sum: -1 }] };
    }
  },
};

/** A driver over fakes; `log` is everything that leaves it, in order. */
function setup() {
  const log: string[] = [];
  const writes: { readonly batch: readonly RecordWrite[]; readonly end: (error?: Error) => void }[] = [];
  const timers: { readonly delayMs: number; readonly fire: () => void; cancelled: boolean }[] = [];
  let failing: Error | null = null;
  let held = false;
  let nowMs = 1000;
  const ports: DriverPorts<State, Effect> = {
    store: {
      write: (batch) =>
        new Promise<void>((resolve, reject) => {
          log.push(`write ${batch.length}`);
          const end = (error?: Error) => {
            log.push(error ? "failed" : "written");
            if (error) reject(error);
            else resolve();
          };
          if (held) writes.push({ batch, end });
          else end(failing ?? undefined);
        }),
    },
    env: () => ({ nowMs, rng: { bytes: (length) => new Uint8Array(length) } }),
    after(delayMs, callback) {
      const timer = { delayMs, fire: callback, cancelled: false };
      timers.push(timer);
      return () => timer.cancelled = true;
    },
    run: (effect) => log.push(`say ${effect.sum}`),
    onState: (state) => log.push(`state ${state.sum}`),
    onStorage: (problem) => log.push(`storage ${problem}`),
    onBug: () => log.push("bug"),
  };
  const driver = new Driver(CORE, ports, { sum: 0, wakeAtMs: null });
  return {
    driver,
    log,
    writes,
    timers,
    hold: () => held = true,
    fail: (error: Error | null) => failing = error,
    at: (ms: number) => nowMs = ms,
  };
}

const add = (by: number, keep = true): Event => ({ type: "Add", by, keep });
const settled = () => new Promise((resolve) => setTimeout(resolve));
const full = () => new StorageError("storage.full");

Deno.test("[REST4] nothing leaves before the write is durable", async () => {
  const { driver, log, writes, hold } = setup();
  hold();
  const result = driver.dispatch(add(1));
  await settled();
  assert.deepEqual(log, ["write 1"]);
  assert.equal(driver.state.sum, 0);
  writes[0]!.end();
  assert.deepEqual(await result, { ok: true });
  assert.deepEqual(log, ["write 1", "written", "state 1", "say 1"]);
});

Deno.test("events that wait are one group: one write, then all effects in order", async () => {
  const { driver, log, writes, hold } = setup();
  hold();
  driver.dispatch(add(1));
  await settled();
  const later = [driver.dispatch(add(2)), driver.dispatch(add(3, false)), driver.dispatch(add(4))];
  writes[0]!.end();
  await settled();
  writes[1]!.end();
  await Promise.all(later);
  assert.deepEqual(log.slice(4), ["write 2", "written", "state 10", "say 3", "say 6", "say 10"]);
});

Deno.test("[REST4] a failed write discards its steps, tells the dispatcher why, and sends nothing", async () => {
  const { driver, log, fail } = setup();
  fail(full());
  assert.deepEqual(await driver.dispatch(add(1)), { ok: false, problem: "storage.full" });
  assert.equal(driver.state.sum, 0);
  assert.deepEqual(log, ["write 1", "failed", "storage storage.full"]);
  fail(null);
  assert.deepEqual(await driver.dispatch(add(5)), { ok: true });
  assert.deepEqual(log.slice(3), ["write 1", "written", "storage null", "state 5", "say 5"]);
});

Deno.test("in a group whose write fails, events that keep nothing still count", async () => {
  const { driver, log, fail } = setup();
  fail(full());
  const results = await Promise.all([
    driver.dispatch(add(1)),
    driver.dispatch(add(20, false)),
    driver.dispatch(add(3)),
  ]);
  assert.deepEqual(results.map((result) => result.ok), [false, true, false]);
  assert.equal(driver.state.sum, 20);
  assert.deepEqual(log.filter((line) => line.startsWith("say")), ["say 20"]);
});

Deno.test("a refusal and a bug each reach their own dispatcher and nobody else", async () => {
  const { driver, log } = setup();
  const results = await Promise.all([
    driver.dispatch({ type: "Refuse" }),
    driver.dispatch({ type: "Throw" }),
    driver.dispatch(add(1)),
  ]);
  assert.deepEqual(results, [
    { ok: false, problem: "message.empty" },
    { ok: false, problem: "program.failed" },
    { ok: true },
  ]);
  assert.deepEqual(log, ["bug", "write 1", "written", "state 1", "say 1"]);
});

Deno.test("the timer follows the core's deadline, and never spins", async () => {
  const { driver, timers, at, log } = setup();
  await driver.dispatch({ type: "WakeAt", atMs: 4000 });
  await settled();
  assert.equal(timers.at(-1)!.delayMs, 3000);
  await driver.dispatch({ type: "WakeAt", atMs: 2000 });
  await settled();
  assert.ok(timers[0]!.cancelled);
  at(9000);
  await driver.dispatch(add(1));
  await settled();
  assert.equal(timers.at(-1)!.delayMs, DRIVER.minTickMs);
  timers.at(-1)!.fire();
  await settled();
  assert.equal(log.at(-1), "say -1");
  assert.equal(driver.state.wakeAtMs, null);
});

Deno.test("while writes fail the clock is slow", async () => {
  const { driver, timers, fail } = setup();
  await driver.dispatch({ type: "WakeAt", atMs: 0 });
  fail(full());
  await driver.dispatch(add(1));
  await settled();
  assert.equal(timers.at(-1)!.delayMs, DRIVER.retryWriteMs);
});

Deno.test("a stopped driver finishes what it has and takes nothing new", async () => {
  const { driver, timers } = setup();
  await driver.dispatch({ type: "WakeAt", atMs: 5000 });
  let isDone = false;
  const last = driver.dispatch(add(1));
  last.then(() => isDone = true);
  await driver.stop();
  assert.ok(isDone);
  assert.deepEqual(await last, { ok: true });
  assert.deepEqual(await driver.dispatch(add(1)), { ok: false, problem: "program.failed" });
  assert.ok(timers.every((timer) => timer.cancelled));
});

Deno.test("whatever fails and when, what was said is what is on the disk or needed no disk", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), fc.boolean(), fc.nat(2)), { maxLength: 40 }), async (plan) => {
      const { driver, fail } = setup();
      let expected = 0;
      for (const [keep, failing, pause] of plan) {
        fail(failing ? full() : null);
        const result = await driver.dispatch(add(1, keep));
        assert.equal(result.ok, !keep || !failing);
        if (result.ok) expected++;
        for (let i = 0; i < pause; i++) await Promise.resolve();
      }
      assert.equal(driver.state.sum, expected);
    }),
    { seed: 20261124, numRuns: 50 },
  );
});
