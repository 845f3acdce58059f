/** Clients that are connected and registered under 20 topics each: what they cost to come, to be there, and to keep. */
import { PRESENCE_PROTOCOL, watchFrame } from "../../core/wire/presence.ts";
import { each, grow, TOPICS } from "./crowd.ts";
import type { LeanClient } from "./lean/client.ts";
import { figure, printTable, type Row, slope, steps } from "./report.ts";
import type { Scenario } from "./scenario.ts";
import { spent, type UnderLoad, withServer } from "./underLoad.ts";

const FULL = 10_000;
const KIB = 1_024;
const GOAL_KIB = 76;
const GOAL_CORE = 10;
const RELAY_HOP = "/libp2p/circuit/relay/0.2.0/hop";
/** HopMessage of type RESERVE (libp2p/specs, circuit relay v2). */
const RESERVE = Uint8Array.of(8, 0);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export const held: Scenario = {
  name: "held",
  run: ({ isQuick }) =>
    withServer(async (server) => {
      const counts = steps(isQuick ? 128 : FULL, isQuick);
      const idleMs = isQuick ? 500 : 8_000;
      const warm: LeanClient[] = [];
      await grow(server.url, warm, isQuick ? 8 : 100);
      const crowd: LeanClient[] = [];
      const base = (await server.read()).residentBytes;
      const rows: Row[] = [];
      const residents: number[] = [];
      for (const count of counts) {
        const before = await server.read();
        const added = count - crowd.length;
        await grow(server.url, crowd, added);
        const coming = spent(before, await server.read());
        await pause(isQuick ? 100 : 3_000);
        const start = await server.read();
        await pause(idleMs);
        const end = await server.read();
        residents.push(end.residentBytes);
        rows.push({
          clients: count,
          "topics each": TOPICS,
          "resident MiB": end.residentBytes / KIB / KIB,
          "KiB each": (end.residentBytes - base) / KIB / count,
          "idle % of a core": spent(start, end).core * 100,
          "CPU ms to come": coming.cpuUs / 1_000 / added,
          "came in s": coming.seconds,
        });
      }
      const last = rows.at(-1)!;
      const full = counts.at(-1)!;
      printTable("clients connected and registered (server process)", rows);
      const slopeKib = slope(counts, residents) / KIB;
      console.log(`  slope: ${slopeKib.toFixed(1)} KiB for each further client`);
      figure(`memory of each of ${full} connected and registered clients`, Number(last["KiB each"]), "KiB", [
        "<=",
        GOAL_KIB,
      ]);
      figure("memory of each further client, slope", slopeKib, "KiB", ["<=", GOAL_KIB]);
      figure(`idle CPU with ${full} clients`, Number(last["idle % of a core"]), "% of a core", ["<=", GOAL_CORE]);
      figure("server CPU for a client to connect and register 20 topics", Number(last["CPU ms to come"]), "ms");
      await asOurs(server, crowd, isQuick ? 16 : 1_000);
    }),
};

/** Our own client also holds a reservation with the relay and a presence stream that watches its topics. */
async function asOurs(server: UnderLoad, crowd: readonly LeanClient[], count: number): Promise<void> {
  const before = await server.read();
  await each(count, async (i) => {
    const client = crowd[i]!;
    const hop = await client.open(RELAY_HOP);
    await hop.sendFrame(RESERVE);
    await hop.input.readFrame();
    hop.close();
    const presence = await client.open(PRESENCE_PROTOCOL);
    const namespaces = Array.from({ length: TOPICS }, (_, topic) => `${i} ${topic}`);
    await presence.sendFrame(watchFrame.encode({ t: "watch", namespaces }));
  });
  await pause(1_000);
  const after = await server.read();
  const kib = (after.residentBytes - before.residentBytes) / KIB / count;
  figure(`a reservation and a presence stream with ${TOPICS} topics beside it, for each of ${count}`, kib, "KiB");
}
