/** Owners who are there and never read what they are sent: how much waits for them, and for how long. */
import { each } from "./crowd.ts";
import { LeanClient } from "./lean/client.ts";
import { LeanSpace } from "./lean/space.ts";
import { newEnvelope, newSpace } from "./mail.ts";
import { figure, printTable, type Row, slope, steps } from "./report.ts";
import type { Scenario } from "./scenario.ts";
import { type UnderLoad, withServer } from "./underLoad.ts";

const FULL = 200;
const MIB = 1_024 * 1_024;
const CUT_OFF = ["spaces.slow-reader", "ws.slow-reader", "mailbox.behind"] as const;
const IN_FRAME = 16;
/** To each: more than the server may hold for one. */
const FRAMES = 20;
/** A reader that takes nothing is cut off after 15 seconds. */
const CUT_OFF_MS = 18_000;

async function silence(server: UnderLoad, count: number, frames: number, waitMs: number): Promise<Row> {
  const clients: LeanClient[] = [];
  const depositors: Awaited<ReturnType<typeof LeanSpace.depositor>>[] = [];
  await each(count, async () => {
    const space = await newSpace(server);
    await space.owner.do({ t: "fetch", after: 0, limit: 1 });
    const client = await LeanClient.connect(server.url);
    depositors.push(await LeanSpace.depositor(client, server.ready.peerId, space.address));
    space.client.pause();
    clients.push(space.client, client);
  });
  const before = await server.read(...CUT_OFF);
  let peak = before.residentBytes;
  for (let frame = 0; frame < frames; frame++) {
    await each(
      count,
      (i) => depositors[i]!.do({ t: "deposit", envelopes: Array.from({ length: IN_FRAME }, newEnvelope) }),
    );
    peak = Math.max(peak, (await server.read()).residentBytes);
  }
  await new Promise((resolve) => setTimeout(resolve, waitMs));
  const after = await server.read(...CUT_OFF);
  for (const client of clients) client.terminate();
  return {
    "never read": count,
    "MiB sent to each": FRAMES * IN_FRAME * newEnvelope().length / MIB,
    "peak MiB above before": (peak - before.residentBytes) / MIB,
    "MiB for each": (peak - before.residentBytes) / MIB / count,
    "fell behind": (after.counts["mailbox.behind"] ?? 0) - (before.counts["mailbox.behind"] ?? 0),
    "cut off": CUT_OFF.slice(0, 2).reduce(
      (sum, name) => sum + (after.counts[name] ?? 0) - (before.counts[name] ?? 0),
      0,
    ),
    "connections left": after.connections,
    "MiB after": (after.residentBytes - before.residentBytes) / MIB,
  };
}

export const deaf: Scenario = {
  name: "deaf",
  async run({ isQuick }) {
    const counts = steps(isQuick ? 8 : FULL, isQuick);
    const rows: Row[] = [];
    // The store's own cache fills first.
    for (const count of counts) {
      rows.push(
        await withServer(async (server) => {
          await silence(server, isQuick ? 2 : 32, isQuick ? 2 : FRAMES, 0);
          return await silence(server, count, isQuick ? 4 : FRAMES, isQuick ? 0 : CUT_OFF_MS);
        }),
      );
    }
    printTable("deaf: owners who never read the mail that is pushed to them", rows);
    const growth = slope(counts, rows.map((row) => Number(row["peak MiB above before"])));
    figure("memory for each client that never reads, slope of the peak", growth, "MiB");
  },
};
