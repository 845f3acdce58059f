/** Content under adversarial sets of ops: nobody who lost a right gets it back by naming old heads. */
import assert from "node:assert/strict";
import { judge, NOTHING_KNOWN } from "../../core/guild/content.ts";
import type { ReceivedContent } from "../../core/guild/contentChain.ts";
import { CONTENT_RULES, type ContentStanding } from "../../core/guild/contentRule.ts";
import { Hindsight } from "../../core/guild/hindsight.ts";
import { judgeChain } from "../../core/guild/judgeChain.ts";
import { resolve } from "../../core/guild/resolve.ts";
import { type Rulings, VOID } from "../../core/guild/rulings.ts";
import { may, stateOf } from "../../core/guild/state.ts";
import { type ChannelId, channelOfOp } from "../../core/ids.ts";
import type { LoggedOp } from "../../core/log/log.ts";
import { everywhere, GuildStage, userNamed } from "../support/guild.ts";
import { lastSeen, linked, said } from "../support/guildContent.ts";
import { dice, PEOPLE, QuarrelWorld } from "./guildWorld.ts";

const WORLDS = 60;
const CONTENTS = 30;

Deno.test("[CNT6] [CNT8] [CNT9] naming old heads gains nothing, and the same ops give the same verdict", () => {
  const counts = { shown: 0, hidden: 0, unconfirmed: 0, waits: 0, removed: 0 };
  for (let seed = 1; seed <= WORLDS; seed++) {
    const world = new QuarrelWorld(seed);
    const channel = channelOfOp(world.stage.make("fay", { t: "channel.create", name: "square", kind: "text" }).id);
    world.run(10 + world.roll(14));
    const { ops } = world.stage;
    const rulings = resolve(ops);
    const whole = new Hindsight(rulings, stateOf(rulings));
    const again = resolve(ops.toSorted(() => world.roll(3) - 1));
    const shuffled = new Hindsight(again, stateOf(again));
    for (let at = 0; at < CONTENTS; at++) {
      const name = world.pick(PEOPLE.slice(1));
      const heads = [world.pick(ops.slice(-16)), ...world.chance(40) ? [world.pick(ops)] : []];
      const content = said(name, channel, [...new Set(heads)], { seq: 1 + world.roll(3) });
      const rule = judge(whole, content);
      assert.equal(judge(shuffled, content), rule, `seed ${seed}`);
      const { standing } = CONTENT_RULES[rule];
      // [CNT9] What one receiver had before moves nothing out of hiding, and nothing into it.
      const confirmed = CONTENT_RULES[judge(whole, content, { ...NOTHING_KNOWN, isConfirmed: true })];
      assert.equal(confirmed.standing, standing === "unconfirmed" ? "shown" : standing, `seed ${seed}`);
      counts[standing]++;
      if (rule === "removed-meanwhile") counts.removed++;
      if (standing === "shown") checkShown(rulings, name, channel, world.stage.past(heads), seed);
    }
  }
  assert.ok(counts.shown > 300 && counts.removed > 50 && counts.unconfirmed > 5, JSON.stringify(counts));
});

/** No removal in these worlds lists anything: so whoever is shown knew of each, was taken back, and may speak now. */
function checkShown(
  rulings: Rulings,
  name: string,
  channel: ChannelId,
  past: ReadonlySet<LoggedOp>,
  seed: number,
): void {
  const { history: { ops, isPast }, levels } = rulings;
  const user = userNamed(name);
  const valid = [...ops.entries()].filter(([place]) => levels[place]! !== VOID);
  const comings = valid.filter(([, op]) =>
    past.has(op) && ((["add", "role.grant", "transfer"].includes(op.body.t) && "user" in op.body &&
      op.body.user === user) || (op.body.t === "redeem" && op.author === user))
  );
  for (const [place, op] of valid) {
    if ((op.body.t !== "remove" && op.body.t !== "ban") || op.body.user !== user) continue;
    assert.ok(past.has(op), `seed ${seed}: ${name} is shown on heads that hide a removal`);
    assert.ok(comings.some(([coming]) => isPast(place, coming)), `seed ${seed}: ${name} was not taken back`);
  }
  assert.ok(may(stateOf(rulings), user, "send", channel), `seed ${seed}: ${name} may not speak now`);
}

const CHAINS = 300;

/** Pip says things on whatever he said before, so that most numbers are said several times. */
function tangledChain(roll: (n: number) => number) {
  const stage = new GuildStage("fay", everywhere("view", "send"));
  const remover = stage.role("fay", 5, everywhere("remove"));
  for (const name of ["ann", "max"]) stage.grant("fay", remover, name);
  stage.make("fay", { t: "add", user: userNamed("pip") });
  const channel = channelOfOp(stage.make("fay", { t: "channel.create", name: "square", kind: "text" }).id);
  for (const name of ["ann", "max", "pip"]) stage.introduce(name);
  const heads = stage.heads();
  const all: ReceivedContent[] = [];
  while (all.length < 14) {
    const before = all.length === 0 || roll(12) === 0 ? null : all[Math.max(0, all.length - 1 - roll(4))]!;
    const seq = (before?.content.seq ?? 0) + 1;
    all.push(linked(said("pip", channel, heads, { seq, body: `${all.length}` }), before));
  }
  const lists = ["ann", "max"].slice(roll(2)).map((by) => {
    const last = all[all.length - 1 - roll(8)]!;
    stage.make(by, { t: "remove", user: userNamed("pip"), seen: [lastSeen(last)] }, { on: heads });
    return last;
  });
  return { stage, all, lists };
}

/** Plainly: what leads back from it, with it. */
function lineOf(all: readonly ReceivedContent[], last: ReceivedContent): ReadonlySet<ReceivedContent> {
  const line = new Set<ReceivedContent>();
  for (let at: ReceivedContent | undefined = last; at !== undefined;) {
    line.add(at);
    at = all.find(({ id }) => id === at?.content.previous);
  }
  return line;
}

Deno.test("[CNT8] with all of a chain here just what every removal leads back to is shown; with less, nothing else is", () => {
  const counts = { shown: 0, hidden: 0, unconfirmed: 0, waits: 0 };
  for (let seed = 1; seed <= CHAINS; seed++) {
    const roll = dice(seed);
    const { stage, all, lists } = tangledChain(roll);
    const whole = stage.hindsight();
    const standings = (here: readonly ReceivedContent[]): ReadonlyMap<ReceivedContent, ContentStanding> => {
      const rules = judgeChain(whole, here.map((one) => ({ ...one, isConfirmed: false, isForked: roll(2) === 0 })));
      return new Map(here.map((one) => [one, CONTENT_RULES[rules.get(one.id)!].standing]));
    };
    const lines = lists.map((last) => lineOf(all, last));
    for (const [one, standing] of standings(all)) {
      assert.equal(standing, lines.every((line) => line.has(one)) ? "shown" : "hidden", `seed ${seed}`);
    }
    const some = all.filter(() => roll(3) > 0);
    const part = standings(some);
    assert.deepEqual(new Map([...standings(some.toReversed())].reverse()), part, `seed ${seed}`);
    for (const [one, standing] of part) {
      counts[standing]++;
      const isOn = lines.every((line) => line.has(one));
      assert.ok(standing === "unconfirmed" || standing === (isOn ? "shown" : "hidden"), `seed ${seed}`);
    }
  }
  assert.ok(counts.shown > 200 && counts.hidden > 200 && counts.unconfirmed > 200, JSON.stringify(counts));
});
