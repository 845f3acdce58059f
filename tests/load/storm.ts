/** All clients of a server that was gone come back: all in one moment, and after a stop that told them when. */
import { backoffMs } from "../../client/net/backoff.ts";
import { retryAfterS } from "../../core/wire/socketClose.ts";
import { quantile } from "../bench/figure.ts";
import { comeBack, grow, type Return } from "./crowd.ts";
import type { LeanClient } from "./lean/client.ts";
import { figure, printTable, type Row, steps } from "./report.ts";
import type { Scenario } from "./scenario.ts";
import { type Spent, spent, UnderLoad, withServer } from "./underLoad.ts";

const FULL = 5_000;
const TURNED_AWAY = ["ws.shed-pending", "ws.shed-lag", "ws.shed-memory", "ws.server-full"] as const;

function rowOf(count: number, returns: readonly Return[], cost: Spent): Row {
  const times = returns.map(({ afterMs }) => afterMs / 1_000);
  return {
    clients: count,
    "half back s": quantile(times, 0.5),
    "99 % back s": quantile(times, 0.99),
    "all back s": Math.max(...times),
    "tries each": returns.reduce((sum, { attempts }) => sum + attempts, 0) / count,
    "turned away": TURNED_AWAY.reduce((sum, name) => sum + cost.count(name), 0),
    "server CPU ms each": cost.cpuUs / 1_000 / count,
    "server core %": cost.core * 100,
  };
}

/** Nobody waits at first: worse than any clients of ours do. */
async function allAtOnce(count: number): Promise<Row> {
  return await withServer(async (server) => {
    const before = await server.read(...TURNED_AWAY);
    const beganMs = performance.now();
    const returns = await Promise.all(Array.from({ length: count }, () => comeBack(server.url, beganMs, 0)));
    const row = rowOf(count, returns, spent(before, await server.read(...TURNED_AWAY)));
    for (const { client } of returns) client.terminate();
    return row;
  });
}

interface Restart {
  readonly row: Row;
  readonly stopS: number;
}

async function afterRestart(count: number): Promise<Restart> {
  return await withServer(async (first, folder) => {
    const crowd: LeanClient[] = [];
    await grow(first.url, crowd, count);
    const beganMs = performance.now();
    const told = crowd.map(async ({ closed }) => {
      const { code, reason } = await closed;
      const seconds = retryAfterS(code, reason);
      return seconds === null ? backoffMs(0, Math.random()) : seconds * 1_000;
    });
    await first.stop();
    const stopS = (performance.now() - beganMs) / 1_000;
    const second = await UnderLoad.start(folder, first.ready.port);
    try {
      const before = await second.read(...TURNED_AWAY);
      const returns = await Promise.all(told.map(async (pause) => await comeBack(second.url, beganMs, await pause)));
      const row = rowOf(count, returns, spent(before, await second.read(...TURNED_AWAY)));
      for (const { client } of returns) client.terminate();
      return { row, stopS };
    } finally {
      await second.kill();
    }
  });
}

export const storm: Scenario = {
  name: "storm",
  async run({ isQuick }) {
    const full = isQuick ? 64 : FULL;
    const rows: Row[] = [];
    for (const count of steps(full, isQuick)) rows.push(await allAtOnce(count));
    printTable("storm: all connect in one moment and register 20 topics", rows);
    const { row, stopS } = await afterRestart(full);
    printTable("restart: the server told each client when to come back", [{ ...row, "stop took s": stopS }]);
    const last = rows.at(-1)!;
    figure(`storm of ${full}: all back`, Number(last["all back s"]), "s");
    figure(`storm of ${full}: server CPU for each`, Number(last["server CPU ms each"]), "ms");
    figure(`restart with ${full} clients: stopped`, stopS, "s", ["<=", 10]);
    figure(`restart with ${full} clients: all back`, Number(row["all back s"]), "s");
  },
};
