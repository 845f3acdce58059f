/** What a newcomer waits for, and what goes on behind the screen, in a guild of 100 channels, 1,000 members, 10,000 ops. */
import { makeCheckpoint, sealCheckpoint } from "../../core/guild/join/checkpoint.ts";
import { makeDeal } from "../../core/guild/join/deal.ts";
import { NO_DEALS, settleDeals, withDeal } from "../../core/guild/join/deals.ts";
import { sealDoor } from "../../core/guild/join/doorway.ts";
import { inviteKeys } from "../../core/guild/join/inviteKeys.ts";
import { isJoiningBusy, joinSlice, openJoining, readLog, takeDoor, takePage } from "../../core/guild/join/joining.ts";
import { redeem } from "../../core/guild/join/redeeming.ts";
import { sealPages } from "../../core/guild/join/sealedLog.ts";
import { Hindsight } from "../../core/guild/hindsight.ts";
import { createIdentity } from "../../core/identity/identity.ts";
import { decodeOp } from "../../core/log/signedOp.ts";
import { JOIN } from "../../core/limits.ts";
import { encodeGuildLink } from "../../core/wire/guildLink.ts";
import { envOf, must } from "../support/world.ts";
import { median, printFigure, quantile, spreadOf } from "./figure.ts";
import { joinTown } from "./joinTown.ts";

const [CHANNELS, MEMBERS, OPS] = [100, 1_000, 10_000];
/** To the screen it takes milliseconds, so it is done several times. */
const SCREENS = 9;

const sizeOf = (all: readonly Uint8Array[]): number => all.reduce((sum, { length }) => sum + length, 0);

function timeMs<T>(run: () => T): readonly [number, T] {
  const startMs = performance.now();
  const result = run();
  return [performance.now() - startMs, result];
}

export function benchJoining(): void {
  const env = envOf(99);
  const name = `join ${CHANNELS} channels, ${MEMBERS} members, ${OPS} ops`;
  const { guild, founder, ops, link } = joinTown(CHANNELS, MEMBERS, OPS);
  const keys = inviteKeys(link.secret);
  const { id: heads } = must(decodeOp(ops.at(-1)!));
  const deal = makeDeal(guild, [heads], founder, env);
  const step = { guild, invite: link.invite, sealing: keys.sealing.publicKey, kem: keys.kem.publicKey };
  const [doorMs, door] = timeMs(() => must(sealDoor(step, deal, env)));
  const [pagesMs, pages] = timeMs(() => [...sealPages(deal, ops, env)]);

  // What the members' side keeps for them.
  let whole = must(takeDoor(openJoining(link), door));
  for (const page of pages) whole = must(takePage(whole, page));
  while (isJoiningBusy(whole)) whole = joinSlice(whole);
  whole = readLog(whole);
  if (whole.stage.t !== "showing" || whole.stage.shown.t !== "read") throw new Error("the log was not read");
  const { state, resolver } = whole.stage.shown;
  const [checkpointMs, checkpoint] = timeMs(() => must(makeCheckpoint(guild, [heads], state, founder)));
  const first = [...sealCheckpoint(deal, checkpoint, env)];
  printFigure({ figure: `${name}: make a door`, ours: doorMs, unit: "ms" });
  printFigure({ figure: `${name}: make all pages of the log`, ours: pagesMs, unit: "ms" });
  printFigure({ figure: `${name}: make a checkpoint`, ours: checkpointMs, unit: "ms" });
  printFigure({ figure: `${name}: snapshot`, ours: checkpoint.snapshot.length / 1e3, unit: "kB" });
  const hindsight = new Hindsight(resolver.rulings, state);
  const [settleMs, settled] = timeMs(() => settleDeals(withDeal(NO_DEALS, deal), hindsight, env.nowMs));
  if (settled.kept.size !== 1) throw new Error("the deal was not taken");
  printFigure({ figure: `${name}: settle one deal`, ours: settleMs, unit: "ms" });

  // The newcomer.
  const token = encodeGuildLink(link);
  printFigure({ figure: `${name}: link`, ours: token.length, unit: "characters" });
  const screens = Array.from({ length: SCREENS }, () =>
    timeMs(() => {
      let joining = must(takeDoor(openJoining(link), door));
      for (const page of first) joining = must(takePage(joining, page));
      if (joining.stage.t !== "showing") throw new Error("nothing is shown");
      return joining;
    }));
  const screenMs = screens.map(([ms]) => ms);
  printFigure({ figure: `${name}: to the screen`, ours: sizeOf([door, ...first]) / 1e3, unit: "kB" });
  printFigure({ figure: `${name}: to the screen`, ours: median(screenMs), unit: "ms", spread: spreadOf(screenMs) });

  const slices: number[] = [];
  const timed = <T>(run: () => T): T => {
    const [ms, result] = timeMs(run);
    slices.push(ms);
    return result;
  };
  let joining = screens[0]![1];
  for (const page of pages) joining = must(timed(() => takePage(joining, page)));
  const openMs = slices.reduce((sum, ms) => sum + ms, 0);
  const verifying = slices.length;
  while (isJoiningBusy(joining)) joining = timed(() => joinSlice(joining));
  const verifyMs = slices.slice(verifying).reduce((sum, ms) => sum + ms, 0);
  const [readMs, done] = timeMs(() => readLog(joining));
  if (done.stage.t !== "showing" || done.stage.shown.t !== "read") throw new Error("the log was not read");
  if (done.stage.shown.checked?.verdict !== "verified") throw new Error("the checkpoint is not verified");
  printFigure({ figure: `${name}: the rest`, ours: sizeOf(pages) / 1e6, unit: "MB" });
  printFigure({ figure: `${name}: the rest, pages opened`, ours: openMs, unit: "ms" });
  printFigure({ figure: `${name}: the rest, ops decoded and verified`, ours: verifyMs, unit: "ms" });
  printFigure({ figure: `${name}: the rest, resolved and compared in one go`, ours: readMs, unit: "ms" });
  const ofOps = `a slice of up to ${JOIN.sliceCost} ops, or a page`;
  printFigure({ figure: `${name}: ${ofOps}, median`, ours: median(slices), unit: "ms" });
  printFigure({ figure: `${name}: ${ofOps}, 99th of 100`, ours: quantile(slices, 0.99), unit: "ms" });
  printFigure({ figure: `${name}: ${ofOps}, largest`, ours: Math.max(...slices), unit: "ms" });
  const { device } = createIdentity(env);
  const [redeemMs, { page }] = timeMs(() => must(redeem(done, device, env)));
  printFigure({ figure: `${name}: redeem`, ours: redeemMs, unit: "ms" });
  printFigure({ figure: `${name}: redemption`, ours: page.length / 1e3, unit: "kB" });
}
