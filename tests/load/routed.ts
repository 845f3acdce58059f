/** Mail for those who are there: from a depositor through the store to the owner's screen, every byte checked. */
import { MAILBOX } from "../../core/limits.ts";
import type { EnvelopeId } from "../../core/ids.ts";
import { quantile } from "../bench/figure.ts";
import { each } from "./crowd.ts";
import { LeanClient } from "./lean/client.ts";
import { type Arrived, LeanSpace } from "./lean/space.ts";
import { ageMs, idOf, newEnvelope, newSpace } from "./mail.ts";
import { type Cost, costOf, extrapolate, figure, printTable, type Row, steps } from "./report.ts";
import type { Scenario } from "./scenario.ts";
import { spent, type UnderLoad, withServer } from "./underLoad.ts";

const FULL_PER_SECOND = 10_000;
const PAIRS = 200;
const GOAL_P99_MS = 100;
const GOAL_US = 53;
/** What a person's device sends together when it has several things to say. */
const IN_FRAME = 8;
const ACK_FROM = 40;

class Pair {
  readonly agesMs: number[] = [];
  #unacknowledged: EnvelopeId[] = [];
  #after = 0;
  sent = 0;

  private constructor(
    private readonly space: Awaited<ReturnType<typeof newSpace>>,
    private readonly depositor: Awaited<ReturnType<typeof LeanSpace.depositor>>,
    private readonly client: LeanClient,
  ) {}

  static async meet(server: UnderLoad): Promise<Pair> {
    const space = await newSpace(server);
    await space.owner.do({ t: "fetch", after: 0, limit: 1 });
    const client = await LeanClient.connect(server.url);
    const pair = new Pair(space, await LeanSpace.depositor(client, server.ready.peerId, space.address), client);
    space.owner.onArrived = (arrived) => {
      pair.#take(arrived);
      if (arrived.more) void pair.#fetch();
    };
    return pair;
  }

  #take({ waiting }: Pick<Arrived, "waiting">): void {
    for (const { envelope, serial } of waiting) {
      this.agesMs.push(ageMs(envelope));
      this.#unacknowledged.push(idOf(envelope));
      this.#after = serial;
    }
    if (this.#unacknowledged.length >= ACK_FROM) this.acknowledge();
  }

  /** The server had more than it could send as it came. */
  async #fetch(): Promise<void> {
    for (let more = true; more;) {
      const page = await this.space.owner.ask({ t: "fetch", after: this.#after, limit: MAILBOX.maxFetched });
      if (page.t !== "mail") throw new Error(JSON.stringify(page));
      this.#take(page);
      more = page.more;
    }
  }

  acknowledge(): void {
    const envelopes = this.#unacknowledged.splice(0);
    if (envelopes.length > 0) void this.space.owner.ask({ t: "ack", envelopes });
  }

  send(count: number): void {
    this.sent += count;
    void this.depositor.do({ t: "deposit", envelopes: Array.from({ length: count }, newEnvelope) });
  }

  end(): void {
    this.space.client.terminate();
    this.client.terminate();
  }
}

/** Sends at a steady rate whatever comes back, as people do. */
async function route(server: UnderLoad, perSecond: number, inFrame: number, seconds: number, pairCount: number) {
  const pairs: Pair[] = [];
  await each(pairCount, async () => void pairs.push(await Pair.meet(server)));
  const beganMs = performance.now();
  const before = await server.read();
  for (let frames = 0;;) {
    const atMs = performance.now() - beganMs;
    if (atMs >= seconds * 1_000) break;
    for (; frames * inFrame < atMs / 1_000 * perSecond; frames++) pairs[frames % pairs.length]!.send(inFrame);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const sent = pairs.reduce((sum, pair) => sum + pair.sent, 0);
  const arrived = () => pairs.reduce((sum, { agesMs }) => sum + agesMs.length, 0);
  const lateMs = performance.now() + 10_000;
  while (arrived() < sent && performance.now() < lateMs) await new Promise((resolve) => setTimeout(resolve, 20));
  const cost = spent(before, await server.read());
  for (const pair of pairs) pair.end();
  return {
    ...costOf(cost, arrived()),
    perSecond: sent / seconds,
    arrived: arrived() / sent,
    agesMs: pairs.flatMap(({ agesMs }) => agesMs),
  };
}

export const routed: Scenario = {
  name: "routed",
  run: ({ isQuick }) =>
    withServer(async (server) => {
      const full = isQuick ? 400 : FULL_PER_SECOND;
      const seconds = isQuick ? 0.5 : 6;
      const pairs = isQuick ? 8 : PAIRS;
      await route(server, full / 8, IN_FRAME, seconds, pairs);
      const rows: Row[] = [];
      let cheapest: Cost | null = null;
      for (const [rate, inFrame] of [...steps(full, isQuick).map((count) => [count, IN_FRAME]), [full / 8, 1]]) {
        const run = await route(server, rate!, inFrame!, seconds, pairs);
        if (inFrame === IN_FRAME && run.cpuUs < (cheapest?.cpuUs ?? Infinity)) cheapest = run;
        rows.push({
          "offered / s": rate!,
          "in a frame": inFrame!,
          "arrived %": run.arrived * 100,
          "p50 ms": quantile(run.agesMs, 0.5),
          "p99 ms": quantile(run.agesMs, 0.99),
          "server CPU us each": run.cpuUs,
          "main thread us": run.mainThreadUs,
        });
      }
      printTable("routed: kept, pushed to an owner who is there, checked and acknowledged", rows);
      const held = rows.slice(0, -1)
        .filter((row) => row["arrived %"] === 100 && Number(row["p99 ms"]) < GOAL_P99_MS).at(-1);
      const heldPerSecond = Number(held?.["offered / s"] ?? 0);
      const last = rows.at(-2)!;
      figure("routed envelopes with p99 below 100 ms", heldPerSecond, "/s", [">=", full]);
      figure(`routed at ${full}/s: p99`, Number(last["p99 ms"]), "ms", ["<=", GOAL_P99_MS]);
      figure("routed envelope: server CPU, all threads, kept, pushed and deleted", cheapest!.cpuUs, "us", [
        "<=",
        GOAL_US,
      ]);
      extrapolate("routed envelopes", cheapest!, heldPerSecond, full);
    }),
};
