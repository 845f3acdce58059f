/** What it costs to rule on a guild's log: all of it, one op more, and beside it the plain resolver. Signatures are not in it. */
import { resolve } from "../../core/guild/resolve.ts";
import { extend, openResolver, type Resolver } from "../../core/guild/resolver.ts";
import { VOID } from "../../core/guild/rulings.ts";
import { median, printFigure, spreadOf } from "./figure.ts";
import { benchKeys } from "./guildKeys.ts";
import { GuildLife } from "./guildLife.ts";
import { benchContent } from "./guildContent.ts";
import { benchJoining } from "./guildJoin.ts";
import { benchLive } from "./guildLive.ts";

const SIZES = [1_000, 3_000, 10_000, 30_000];
const GOAL_SIZE = 10_000;
const COLD_GOAL_MS = 1_000;
const WARM_GOAL_MS = 1;
const COPIES = 4;
const WARM_OPS = 300;
/** Half of the authors have not heard of so many of the latest ops, or less. */
const FAR_AWAY = 500;
/** The plain form takes bits by the square. */
const MAX_PLAIN = 10_000;

function timeMs<T>(run: () => T): readonly [number, T] {
  const startMs = performance.now();
  const result = run();
  return [performance.now() - startMs, result];
}

const gc = (globalThis as { readonly gc?: () => void }).gc;
function usedBytes(): number {
  for (let i = 0; i < 4; i++) gc?.();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

const historyBytes = ({ rulings: { history } }: Resolver): number =>
  history.unseen.reduce((sum, one) => sum + (one instanceof Uint32Array ? one : one.bits).byteLength, 0);

openResolver(new GuildLife(9).live(1_000));
for (const size of SIZES) {
  const life = new GuildLife(size);
  const ops = life.live(size);
  const before = usedBytes();
  const copies = Array.from({ length: COPIES }, () => openResolver(ops));
  const usedMB = (usedBytes() - before) / 1e6 / copies.length;
  let resolver = copies.pop()!;
  const colds = Array.from({ length: 3 }, () => timeMs(() => openResolver(ops))[0]);
  const { levels } = resolver.rulings;
  console.log(`${size} ops, of which ${levels.filter((level) => level === VOID).length} void`);
  const cold = median(colds);
  const goal = size === GOAL_SIZE ? { goal: `< ${COLD_GOAL_MS} ms`, met: cold < COLD_GOAL_MS } : {};
  printFigure({ figure: `${size} ops cold`, ours: cold, unit: "ms", spread: spreadOf(colds), ...goal });
  printFigure({ figure: `${size} ops, history`, ours: historyBytes(resolver) / 1e6, unit: "MB" });
  if (gc !== undefined) printFigure({ figure: `${size} ops, all but the ops themselves`, ours: usedMB, unit: "MB" });
  const onTop: number[] = [];
  const among: number[] = [];
  resolver = extend(resolver, [...life.ops]);
  for (let i = 0; i < WARM_OPS; i++) {
    const op = life.settings(`name ${i}`);
    const [ms, next] = timeMs(() => extend(resolver, [op]));
    onTop.push(ms);
    resolver = next;
  }
  for (let i = 0; i < 60; i++) {
    const known = life.ops.length;
    const fresh = life.live(known + 1).slice(known);
    const [ms, next] = timeMs(() => extend(resolver, fresh));
    among.push(ms);
    resolver = next;
  }
  const warm = median(onTop);
  const warmGoal = size === GOAL_SIZE ? { goal: `< ${WARM_GOAL_MS} ms`, met: warm < WARM_GOAL_MS } : {};
  printFigure({ figure: `${size} ops, one on top`, ours: warm, unit: "ms", spread: spreadOf(onTop), ...warmGoal });
  printFigure({ figure: `${size} ops, one as they come`, ours: median(among), unit: "ms", spread: spreadOf(among) });
  if (size > MAX_PLAIN) continue;
  const [plainMs, plain] = timeMs(() => resolve(ops));
  printFigure({ figure: `${size} ops cold, plain`, ours: plainMs, unit: "ms" });
  if (!plain.levels.every((level, place) => level === levels[place])) throw new Error("the two resolvers differ");
}

const apart = new GuildLife(GOAL_SIZE, FAR_AWAY).live(GOAL_SIZE);
const [apartMs, apartResolver] = timeMs(() => openResolver(apart));
const figure = `${GOAL_SIZE} ops, half by people up to ${FAR_AWAY} behind`;
printFigure({ figure: `${figure}, cold`, ours: apartMs, unit: "ms", goal: "< 1000 ms", met: apartMs < COLD_GOAL_MS });
printFigure({ figure: `${figure}, history`, ours: historyBytes(apartResolver) / 1e6, unit: "MB" });

benchContent();

benchJoining();

benchKeys();

await benchLive();
