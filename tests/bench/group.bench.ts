/**
 * What a message to a channel costs its sender and each reader, beside Megolm (libolm, WASM), which signs and checks
 * every message by itself; and what it costs to hand a chain to a thousand devices.
 */
import process from "node:process";
import Olm from "@matrix-org/olm";
import { acceptDistribution } from "../../core/group/accepting.ts";
import { type HandoverStep, nextStep, planHandover, type SessionStanding } from "../../core/group/handover.ts";
import { compareHolders } from "../../core/group/holders.ts";
import { createReceiver, type GroupReceiver, openGroup, openRun } from "../../core/group/receiver.ts";
import { type GroupSender, sealGroup } from "../../core/group/sender.ts";
import { channelId, type DeviceId, deviceId } from "../../core/ids.ts";
import { verifyBundle } from "../../core/identity/bundle.ts";
import { takeBundle } from "../../core/identity/prekeys.ts";
import type { Env } from "../../core/ports.ts";
import { initiate, open, seal, type Session } from "../../core/session/session.ts";
import { SECURECOMM_SUITE } from "../../core/session/suite.ts";
import { uintBytes } from "../../core/wire/bytes.ts";
import { utf8 } from "../../core/wire/text.ts";
import { must, pair, party, START_MS } from "../support/world.ts";
import { interleaved, report } from "./cpuTime.ts";
import { median, printFigure, quantile, spreadOf } from "./figure.ts";

await Olm.init();

const PEER = "Megolm (libolm)";
const BURST = 64;
const SEAL_GOAL_PER_S = 11_600;
const OPEN_GOAL_PER_S = 15_100;
const MEMBERS = 1_000;
const MAX_STEP_MS = 8;
const env: Env = { nowMs: START_MS, rng: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) } };
const CHANNEL = must(channelId(new Uint8Array(32).fill(5)));
const [ALICE, BOB] = [party(1).device, party(2).device];
const TEXT = "x".repeat(200);
const each = (us: readonly number[], count: number): readonly number[] => us.map((one) => one / count);
const perSecond = (us: readonly number[]): readonly number[] => us.map((one) => 1e6 / one);

/** A sender and a reader, of whom the reader is given every fresh chain. */
class Channel {
  #entitled: ReadonlySet<DeviceId> = new Set([ALICE.id, BOB.id]);
  #sender: GroupSender | null = null;
  reader: GroupReceiver = createReceiver(CHANNEL, ALICE.id);

  block(count: number): readonly Uint8Array[] {
    const texts = Array.from({ length: count }, () => utf8(TEXT));
    const sealed = sealGroup(this.#sender, CHANNEL, ALICE, this.#entitled, texts, env);
    this.#sender = sealed.state;
    if (sealed.handover !== null) this.reader = must(acceptDistribution(this.reader, sealed.handover.message));
    return sealed.envelopes;
  }

  open(envelope: Uint8Array): void {
    this.reader = must(openGroup(this.reader, envelope)).receiver;
  }

  openRun(envelopes: readonly Uint8Array[]): void {
    const { receiver, results } = openRun(this.reader, envelopes);
    results.forEach((result) => must(result));
    this.reader = receiver;
  }
}

class Megolm {
  readonly #sender = new Olm.OutboundGroupSession();
  readonly #reader = new Olm.InboundGroupSession();

  constructor() {
    this.#sender.create();
    this.#reader.create(this.#sender.session_key());
  }

  seal(): string {
    return this.#sender.encrypt(TEXT);
  }

  open(message: string): void {
    if (this.#reader.decrypt(message).plaintext !== TEXT) throw new Error("another text came out");
  }
}

interface Throughput {
  readonly figure: string;
  readonly us: readonly number[];
  readonly theirUs: readonly number[];
  readonly goalPerS: number;
}

function reportThroughput({ figure, us, theirUs, goalPerS }: Throughput): void {
  report({ figure, unit: "us CPU", ours: us, peer: PEER, theirs: theirUs });
  const [ours, theirs] = [median(perSecond(us)), median(perSecond(theirUs))];
  const goal = { goal: `> ${goalPerS}`, met: ours > goalPerS };
  console.log(`${"".padEnd(52)} ${ours.toFixed(0).padStart(9)} a CPU second, goal ${goal.goal}: ${goal.met}`);
  printFigure({
    figure: `${figure}, per CPU second`,
    ours,
    peer: PEER,
    theirs,
    unit: "/s",
    spread: spreadOf(perSecond(us)),
    ...goal,
  });
}

function sealing(): void {
  const [channel, megolm] = [new Channel(), new Megolm()];
  const [single, burst, theirs] = interleaved(
    BURST,
    () => void channel.block(1),
    () => void channel.block(BURST),
    () => void megolm.seal(),
  );
  const common = { theirUs: theirs, goalPerS: SEAL_GOAL_PER_S };
  reportThroughput({ figure: "group seal, 200 B, in bursts of 64", us: each(burst, BURST), ...common });
  reportThroughput({ figure: "group seal, 200 B, one by one", us: single, ...common });
}

/** Pre-sealed messages, taken one after another by the timed work. */
function stock<T>(count: number, make: () => readonly T[]): () => T {
  const items: T[] = [];
  while (items.length < count) items.push(...make());
  let at = 0;
  return () => items[at++ % items.length]!;
}

/** Chains hold 1,000 messages and a reader five of them, so what is to be opened is sealed a run before. */
function opening(): void {
  const figures: [burst: number[], run: number[], single: number[], theirs: number[]] = [[], [], [], []];
  for (let repeat = 0; repeat < 5; repeat++) {
    const [burst, run, single, megolm] = [new Channel(), new Channel(), new Channel(), new Megolm()];
    const calls = 11 * 16;
    const inBurst = stock(calls, () => burst.block(BURST));
    const runs = stock(11, () => [Array.from({ length: BURST }, () => run.block(1)[0]!)]);
    const alone = stock(calls, () => single.block(1));
    const foreign = stock(calls, () => [megolm.seal()]);
    const [burstUs, singleUs, theirUs] = interleaved(
      16,
      () => burst.open(inBurst()),
      () => single.open(alone()),
      () => megolm.open(foreign()),
    );
    const [runUs] = interleaved(1, () => run.openRun(runs()));
    figures[0].push(median(burstUs));
    figures[1].push(median(each(runUs, BURST)));
    figures[2].push(median(singleUs));
    figures[3].push(median(theirUs));
  }
  const common = { theirUs: figures[3], goalPerS: OPEN_GOAL_PER_S };
  reportThroughput({ figure: "group open, 200 B, sent in bursts of 64", us: figures[0], ...common });
  reportThroughput({ figure: "group open, 200 B, runs of 64 sent one by one", us: figures[1], ...common });
  reportThroughput({ figure: "group open, 200 B, one by one", us: figures[2], ...common });
}

/** A channel of a thousand: the comparison of holders with entitled in front of every message. */
function comparing(): void {
  const members = Array.from({ length: MEMBERS }, (_, i) => must(deviceId(uintBytes(i + 1, 32))));
  const [holders, others] = [new Set(members), new Set(members)];
  const [same, fresh] = interleaved(
    200,
    () => void compareHolders(holders, holders),
    () => void compareHolders(holders, others),
  );
  report({ figure: "comparing 1,000 holders, nobody moved", unit: "us CPU", ours: same });
  report({ figure: "comparing 1,000 holders, the set is a new one", unit: "us CPU", ours: fresh });
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Walks a plan to its end; milliseconds of CPU of every step. */
function walk(standing: SessionStanding, act: (step: HandoverStep, message: Uint8Array) => void): readonly number[] {
  const devices = Array.from({ length: MEMBERS }, (_, i) => must(deviceId(uintBytes(i + 1, 32))));
  const sealed = sealGroup(null, CHANNEL, ALICE, new Set(devices), [utf8(TEXT)], env);
  const stepsMs: number[] = [];
  let next = nextStep(planHandover(sealed.handover!, () => standing));
  while (next !== null) {
    const startMs = cpuMs();
    act(next.step, sealed.handover!.message);
    stepsMs.push(cpuMs() - startMs);
    next = nextStep(next.rest);
  }
  return stepsMs;
}

function reportHandover(figure: string, runs: readonly (readonly number[])[], goalMs: number | null): void {
  const totals = runs.map((steps) => steps.reduce((sum, one) => sum + one, 0));
  const aim = goalMs === null ? {} : { goal: `< ${goalMs}`, met: median(totals) < goalMs };
  console.log(
    `${figure.padEnd(52)} ${median(totals).toFixed(1).padStart(9)} ms CPU${
      goalMs === null ? "" : `, goal < ${goalMs}`
    }`,
  );
  printFigure({ figure, ours: median(totals), unit: "ms CPU", spread: spreadOf(totals), ...aim });
  const steps = runs.flat();
  const [p50, p99, longest] = [median(steps), quantile(steps, 0.99), Math.max(...steps)];
  console.log(
    `${"".padEnd(52)} a step: median ${p50.toFixed(2)}, p99 ${p99.toFixed(2)}, longest ${longest.toFixed(2)} ms`,
  );
  printFigure({
    figure: `${figure}: p99 of a step`,
    ours: p99,
    unit: "ms CPU",
    spread: [p50, longest],
    goal: `< ${MAX_STEP_MS}`,
    met: p99 < MAX_STEP_MS,
  });
}

/** Sessions are plain data: one can stand for a thousand, each sealing its next message. */
function warm(): void {
  const { alice, bob } = pair(1);
  const reply = seal(bob, utf8("reply"), env);
  const turning = must(open(alice, reply.envelope)).session;
  const sending = seal(turning, utf8("x"), env).session;
  const sealEach = (session: Session) => (step: HandoverStep, message: Uint8Array) => {
    if (step.t === "seal") { for (const _ of step.devices) seal(session, message, env); }
  };
  const runs = (standing: SessionStanding, session: Session, count: number) =>
    Array.from({ length: count + 1 }, () => walk(standing, sealEach(session))).slice(1);
  reportHandover("1,000 devices, sessions in place", runs("warm", sending, 9), 1_000);
  reportHandover("1,000 devices, sessions whose turn is ours", runs("turning", turning, 3), 1_000);
}

/** Ten people's bundles in turn, each of them checked, and a session begun with it. */
function cold(): void {
  const bundles = Array.from({ length: 10 }, (_, i) => {
    const { device, prekeys } = party(10 + i);
    return { user: device.user, bundle: takeBundle(prekeys, device, env).bundle };
  });
  let at = 0;
  let checked = must(verifyBundle(bundles[0]!.bundle, bundles[0]!.user, env.nowMs));
  const steps = walk("cold", (step, message) => {
    if (step.t === "check") {
      const { bundle, user } = bundles[at++ % bundles.length]!;
      checked = must(verifyBundle(bundle, user, env.nowMs));
    } else must(initiate(SECURECOMM_SUITE, ALICE, checked, message, env));
  });
  reportHandover("1,000 devices, no session yet", [steps], null);
}

sealing();
opening();
comparing();
warm();
cold();
