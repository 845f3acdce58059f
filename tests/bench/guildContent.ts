/** What it costs to judge content of a guild that has lived, each piece under heads of its own. Printed with `bench:guild`. */
import { judge, NOTHING_KNOWN } from "../../core/guild/content.ts";
import { Hindsight } from "../../core/guild/hindsight.ts";
import { openResolver } from "../../core/guild/resolver.ts";
import { stateOf } from "../../core/guild/state.ts";
import { CONTENT_VERSION } from "../../core/wire/guildContent.ts";
import { NO_CLAIMS } from "../support/guildContent.ts";
import { median, printFigure, spreadOf } from "./figure.ts";
import { GuildLife } from "./guildLife.ts";

const OPS = 10_000;
const CONTENTS = 1_000;

function timeMs(run: () => unknown): number {
  const startMs = performance.now();
  run();
  return performance.now() - startMs;
}

export function benchContent(): void {
  const { rulings } = openResolver(new GuildLife(OPS).live(OPS));
  const state = stateOf(rulings);
  const { ops } = rulings.history;
  const devices = [...state.members.values()].flatMap((member) => [...member.devices]);
  const channel = [...state.channels.keys()][0]!;
  const contents = Array.from({ length: CONTENTS }, (_, at) => ({
    v: CONTENT_VERSION,
    kind: "text",
    channel,
    device: devices[at % devices.length]!,
    seq: 1,
    previous: null,
    heads: [ops[ops.length - 1 - at]!.id],
    claims: NO_CLAIMS,
    body: new Uint8Array(10),
  }));
  const judged = Array.from({ length: 5 }, () => {
    const whole = new Hindsight(rulings, state);
    return timeMs(() => contents.forEach((content) => judge(whole, content, NOTHING_KNOWN)));
  });
  const figure = `${CONTENTS} contents under as many heads, ${OPS} ops`;
  printFigure({ figure: `${figure}, judged`, ours: median(judged), unit: "ms", spread: spreadOf(judged) });
  const whole = new Hindsight(rulings, state);
  const states = ops.slice(-30, -10).map(({ id }) => timeMs(() => whole.at([id])));
  printFigure({
    figure: `whole state at some heads, ${OPS} ops`,
    ours: median(states),
    unit: "ms",
    spread: spreadOf(states),
  });
}

if (import.meta.main) benchContent();
