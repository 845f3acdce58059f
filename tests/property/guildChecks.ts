/** What must hold of every set of ops. Each check looks at the verdicts by means of its own, not by the resolver's. */
import assert from "node:assert/strict";
import { explain, wouldBe } from "../../core/guild/explain.ts";
import { resolve } from "../../core/guild/resolve.ts";
import { type Rulings, VOID } from "../../core/guild/rulings.ts";
import { type GuildState, stateOf } from "../../core/guild/state.ts";
import type { OpId, UserId } from "../../core/ids.ts";
import { GUILD } from "../../core/limits.ts";
import type { LoggedOp } from "../../core/log/log.ts";
import { deviceNamed, userNamed } from "../support/guild.ts";
import { checkFixpoint } from "./guildFixpoint.ts";
import { checkSoundness } from "./guildSoundness.ts";
import { grown } from "./guildArrival.ts";
import { dice, PEOPLE, QuarrelWorld } from "./guildWorld.ts";

export interface Tally {
  sets: number;
  ops: number;
  void: number;
  readonly rules: Map<string, number>;
  intrusions: number;
  departures: number;
}

export const newTally = (): Tally => ({ sets: 0, ops: 0, void: 0, rules: new Map(), intrusions: 0, departures: 0 });

export function checkSeed(seed: number, tally: Tally): void {
  const world = new QuarrelWorld(seed);
  world.run(8 + world.roll(18));
  const before = [...world.stage.ops];
  const rulings = resolve(before);
  checkOrder(before, rulings, seed);
  checkGrown(before, rulings, seed);
  checkRemoved(rulings, tally);
  checkSupport(rulings);
  checkSoundness(rulings);
  checkFounder(rulings, before);
  checkIntrusion(world, rulings, tally);
  if (seed % 20 === 0) checkOrderly(seed);
  if (seed % 5 === 0) checkFixpoint(rulings, world.roll);
  count(rulings, tally, seed);
}

function count(rulings: Rulings, tally: Tally, seed: number): void {
  tally.sets++;
  tally.ops += rulings.history.ops.length;
  tally.void += rulings.levels.filter((level) => level === VOID).length;
  if (seed % 10 !== 0) return;
  for (const [place, { id }] of rulings.history.ops.entries()) {
    const { rule } = explain(rulings, id);
    assert.equal(rule === "valid", rulings.levels[place] !== VOID);
    tally.rules.set(rule, (tally.rules.get(rule) ?? 0) + 1);
  }
}

/** Maps and sets in the order of their keys. */
const plain = (state: GuildState): string =>
  JSON.stringify(state, (_, value) => {
    if (value instanceof Map) return [...value].map(([key, one]) => [String(key), one]).sort();
    return value instanceof Set ? [...value].sort() : value;
  });

const byId = ({ history: { ops }, levels }: Rulings): ReadonlyMap<OpId, number> =>
  new Map(ops.map(({ id }, place) => [id, levels[place]!]));

/** [GLD1] Every order of delivery gives one state. */
function checkOrder(ops: readonly LoggedOp[], rulings: Rulings, seed: number): void {
  const roll = dice(seed);
  const shuffled = ops.map((op) => ({ op, at: roll(1 << 20) })).sort((a, b) => a.at - b.at).map(({ op }) => op);
  const again = resolve(shuffled);
  const levels = byId(again);
  for (const [place, { id }] of rulings.history.ops.entries()) assert.equal(levels.get(id), rulings.levels[place]);
  if (seed % 3 === 0) assert.equal(plain(stateOf(again)), plain(stateOf(rulings)));
}

/** The resolver that grows says what the plain one says. */
function checkGrown(ops: readonly LoggedOp[], plain: Rulings, seed: number): void {
  const { rulings } = grown(ops, dice(seed + 1));
  assert.deepEqual(rulings.levels, plain.levels);
  assert.deepEqual(rulings.reigns, plain.reigns);
}

/** [GLD9] [GLD4] After a removal nothing by the removed counts that did not follow a valid return, also not on old heads. */
function checkRemoved({ history: { ops, isPast }, levels }: Rulings, tally: Tally): void {
  const isValid = (place: number) => levels[place] !== VOID;
  for (const [removal, { body }] of ops.entries()) {
    if (body.t !== "remove" && body.t !== "ban" || !isValid(removal)) continue;
    tally.departures++;
    for (const [place, op] of ops.entries()) {
      if (op.author !== body.user || isPast(place, removal) || !isValid(place)) continue;
      // Two leaves at once, of which the removal had seen one: neither stops the other, and neither is a gain.
      if (op.body.t === "leave" || op.body.t === "device.revoke") continue;
      const returned = [...ops.entries()].some(([at, back]) =>
        admits(back, body.user) && isValid(at) && isPast(removal, at) && (at === place || isPast(at, place))
      );
      assert.ok(returned, `an op of level ${levels[place]} stands against a removal of level ${levels[removal]}`);
    }
  }
}

const admits = ({ body, author }: LoggedOp, user: UserId): boolean =>
  (body.t === "redeem" && author === user) ||
  ((body.t === "add" || body.t === "role.grant" || body.t === "transfer") && body.user === user);

const NEEDED: ReadonlyMap<string, string> = new Map([
  ["remove", "remove"],
  ["ban", "ban"],
  ["unban", "ban"],
  ["add", "invite"],
  ["invite", "invite"],
  ["role.create", "manageRoles"],
  ["role.change", "manageRoles"],
  ["role.delete", "manageRoles"],
  ["role.grant", "manageRoles"],
  ["settings", "manageGuild"],
  ["channel.create", "manageChannels"],
  ["channel.delete", "manageChannels"],
]);

/** [GLD6] Whoever did what needs a capability had been given it, by ops that are valid themselves, by somebody. */
function checkSupport({ history: { ops, isPast }, levels, reigns }: Rulings): void {
  for (const [place, { author, body }] of ops.entries()) {
    const action = NEEDED.get(body.t);
    if (levels[place] === VOID || action === undefined) continue;
    if (reigns.some(({ founder, from }) => founder === author && (isPast(from, place) || from === place))) continue;
    const seen = ops.filter((_, at) => isPast(at, place) && levels[at] !== VOID).map(({ id, body }) => ({ id, body }));
    const held = seen.flatMap(({ body }) =>
      body.t === "role.grant" && body.user === author ? [body.role as string] : []
    );
    held.push(ops[0]!.id);
    const isGiven = seen.some(({ id, body }) =>
      (body.t === "genesis" && body.everyone.some((one) => one.action === action)) ||
      (body.t === "role.create" && held.includes(id) && body.capabilities.some((one) => one.action === action)) ||
      (body.t === "role.change" && held.includes(body.role) && body.capabilities.some((one) => one.action === action))
    );
    assert.ok(isGiven, `nobody gave the capability ${action}`);
  }
}

/** [GLD14] Whatever happened, the founder can act, on anybody. */
function checkFounder(rulings: Rulings, ops: readonly LoggedOp[]): void {
  const { founder } = stateOf(rulings);
  const device = deviceNamed("a new device of the founder");
  for (const name of PEOPLE) {
    if (userNamed(name) === founder) continue;
    const body = { t: "ban", user: userNamed(name), seen: [] } as const;
    assert.equal(wouldBe(rulings, { author: founder, device, body }), 0, `of ${ops.length} ops`);
  }
}

/** The most senior rank that a person ever had in this history; 0 of one who was ever founder. */
function bestRank({ history: { ops }, levels, reigns }: Rulings, user: UserId): number {
  if (reigns.some(({ founder }) => founder === user)) return 0;
  const valid = ops.filter((_, place) => levels[place] !== VOID);
  const held = new Set(
    valid.flatMap(({ body }) => body.t === "role.grant" && body.user === user ? [body.role as string] : []),
  );
  const ranks = valid.flatMap(({ id, body }) => {
    if (body.t === "role.create") return held.has(id) ? [body.rank] : [];
    return body.t === "role.change" && held.has(body.role) ? [body.rank] : [];
  });
  return Math.min(GUILD.noRank, ...ranks);
}

/**
 * [GLD2] Somebody, alone or with a friend, adds whatever they like, wherever they like. No op of anybody else that holds by
 * a power which is not below theirs may change: neither fall, nor rise.
 */
function checkIntrusion(world: QuarrelWorld, before: Rulings, tally: Tally): void {
  const intruders = [world.pick(PEOPLE.slice(1)), world.pick(["eve", ...PEOPLE.slice(1)])];
  world.run(1 + world.roll(6), intruders);
  const after = resolve(world.stage.ops);
  const names = new Set(intruders.map(userNamed));
  const reach = Math.min(...[...names].map((user) => bestRank(after, user)));
  const levels = byId(after);
  if (after.reigns.some(({ founder }) => names.has(founder))) return;
  for (const [place, { id, author }] of before.history.ops.entries()) {
    if (names.has(author)) continue;
    const [was, is] = [before.levels[place]!, levels.get(id)!].map((level) => level > reach ? VOID : level);
    assert.equal(is, was, `${intruders} of rank ${reach} changed an op of level ${was} to ${is}`);
    tally.intrusions++;
  }
}

/** [GLD3] Where everybody knows everything, an op is what it promised to be when it was made. */
function checkOrderly(seed: number): void {
  const world = new QuarrelWorld(seed);
  const promised = new Map<OpId, number | string>();
  for (let i = 0; i < 20; i++) {
    const known = resolve(world.stage.ops);
    const made = world.orderly();
    const { author, op: { device }, body, id } = made;
    const isNew = made.op.seq === 1 || body.t === "redeem" || known.history.placeOf.has(made.op.previous!);
    if (isNew && body.t !== "redeem") promised.set(id, wouldBe(known, { author, device, body }));
  }
  const rulings = resolve(world.stage.ops);
  for (const [id, level] of promised) {
    const is = rulings.levels[rulings.history.placeOf.get(id)!]!;
    assert.equal(is, typeof level === "number" ? level : VOID);
  }
}
