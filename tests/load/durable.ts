/** Mail for those who are away: deposits that are acknowledged after a synced commit, as many as the server takes. */
import { MAILBOX } from "../../core/limits.ts";
import { each } from "./crowd.ts";
import { LeanClient } from "./lean/client.ts";
import { LeanSpace } from "./lean/space.ts";
import { newEnvelope, newSpace } from "./mail.ts";
import { type Cost, costOf, extrapolate, figure, printTable, type Row, steps } from "./report.ts";
import type { Scenario } from "./scenario.ts";
import { spent, type UnderLoad, withServer } from "./underLoad.ts";

/** Clients that deposit at the same time, each into a space of its own, one frame after another. */
const FULL = 96;
const GOAL_PER_SECOND = 20_000;
const GOAL_US = 50;

interface Run extends Cost {
  readonly perSecond: number;
  readonly core: number;
}

async function deposits(server: UnderLoad, clients: number, inFrame: number, seconds: number): Promise<Run> {
  const depositors: Awaited<ReturnType<typeof LeanSpace.depositor>>[] = [];
  const connections: LeanClient[] = [];
  await each(clients, async () => {
    const space = await newSpace(server);
    const client = await LeanClient.connect(server.url);
    depositors.push(await LeanSpace.depositor(client, server.ready.peerId, space.address));
    connections.push(client, space.client);
  });
  const perDepositor = Math.floor(MAILBOX.maxWaiting / inFrame) - 1;
  const untilMs = performance.now() + seconds * 1_000;
  const before = await server.read();
  const counts = await Promise.all(depositors.map(async (depositor) => {
    let frames = 0;
    for (; frames < perDepositor && performance.now() < untilMs; frames++) {
      await depositor.do({ t: "deposit", envelopes: Array.from({ length: inFrame }, newEnvelope) });
    }
    return frames * inFrame;
  }));
  const cost = spent(before, await server.read());
  for (const client of connections) client.terminate();
  const total = counts.reduce((sum, count) => sum + count, 0);
  return { ...costOf(cost, total), perSecond: total / cost.seconds, core: cost.core };
}

export const durable: Scenario = {
  name: "durable",
  run: ({ isQuick }) =>
    withServer(async (server) => {
      const seconds = isQuick ? 0.3 : 6;
      const full = isQuick ? 8 : FULL;
      await deposits(server, isQuick ? 2 : 16, MAILBOX.maxDeposited, isQuick ? 0.2 : 3);
      const rows: Row[] = [];
      let last: Run | null = null;
      for (
        const [clients, inFrame] of [...steps(full, isQuick).map((count) => [count, MAILBOX.maxDeposited]), [full, 8], [
          full,
          1,
        ]]
      ) {
        const run = await deposits(server, clients!, inFrame!, seconds);
        if (inFrame === MAILBOX.maxDeposited) last = run;
        rows.push({
          depositors: clients!,
          "in a frame": inFrame!,
          "acknowledged / s": run.perSecond,
          "server CPU us each": run.cpuUs,
          "main thread us": run.mainThreadUs,
          "server core %": run.core * 100,
        });
      }
      printTable("durable: envelopes of 6,193 bytes, acknowledged after a synced commit", rows);
      figure("durable envelopes, acknowledged after a synced commit", last!.perSecond, "/s", [">=", GOAL_PER_SECOND]);
      figure("durable envelope: server CPU, all threads", last!.cpuUs, "us", ["<=", GOAL_US]);
      extrapolate("durable envelopes", last!, last!.perSecond, GOAL_PER_SECOND);
    }),
};
