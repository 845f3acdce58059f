/**
 * The rulings on a set of ops that grows. What it says is what `resolve` says of the same set, sooner: levels at which an
 * author cannot act are left out, and where new ops come, older rulings stay unless they are in doubt. SPEC section 19.
 */
import type { UserId } from "../ids.ts";
import { GUILD } from "../limits.ts";
import { type CompactHistory, compactHistoryOf, withOp } from "../log/compactHistory.ts";
import { byPlace } from "../log/history.ts";
import type { LoggedOp } from "../log/log.ts";
import type { OpType } from "../wire/opBody.ts";
import { faultOf } from "./authorise.ts";
import { type Facts, factsOf, withFact } from "./facts.ts";
import { actAt, isParting, levelsIn, ruleOn } from "./resolve.ts";
import { forceOf } from "./standing.ts";
import { type Rulings, viewFrom, VOID } from "./rulings.ts";

/** With a larger part than this of new ops it is quicker to rule on all anew. */
const MAX_GROWTH = 0.5;
/** Each op that is appended copies lists as long as the history. */
const MAX_APPENDED = 32;

/** A value: extending it makes another. */
export interface Resolver {
  readonly rulings: Rulings & { readonly history: CompactHistory };
  /** Every level there is, ascending. */
  readonly levels: readonly number[];
}

/** `set` is closed under parents. */
export function openResolver(set: Iterable<LoggedOp>): Resolver {
  const history = compactHistoryOf(set);
  return ruled(history, factsOf(history));
}

/** With more ops, in any order; the whole is closed under parents. Ops that are known already change nothing. */
export function extend(resolver: Resolver, more: Iterable<LoggedOp>): Resolver {
  const { history } = resolver.rulings;
  const unknown = new Map([...more].filter(({ id }) => history.placeOf.get(id) === undefined).map((op) => [op.id, op]));
  const fresh = [...unknown.values()].sort(byPlace);
  if (fresh.length === 0) return resolver;
  if (fresh.length > history.ops.length * MAX_GROWTH) return openResolver([...history.ops, ...fresh]);
  const isAtEnd = byPlace(history.ops.at(-1)!, fresh[0]!) < 0;
  return isAtEnd && fresh.length <= MAX_APPENDED ? appended(resolver, fresh) : inserted(resolver, fresh);
}

function ruled(history: CompactHistory, facts: Facts): Resolver {
  const floors = new Map<UserId, number>();
  const floorOf = (rulings: Rulings, place: number): number => {
    const { author } = history.ops[place]!;
    const floor = floors.get(author) ?? floorFor(rulings, author);
    floors.set(author, floor);
    return floor;
  };
  const rulings = { ...ruleOn(history, facts, floorOf), history };
  return { rulings, levels: levelsIn(rulings) };
}

/** No ruling gives this person a smaller rank: that of the founder, or the smallest that any op gives a role of theirs. */
function floorFor({ reigns, facts }: Rulings, user: UserId): number {
  if (reigns.some(({ founder }) => founder === user)) return 0;
  let floor: number = GUILD.noRank;
  for (const { body: { role } } of facts.grants(user)) {
    for (const definition of facts.definitions(role)) floor = Math.min(floor, forceOf(definition)?.rank ?? floor);
  }
  return floor;
}

/** New ops after all others: their places are the next ones. */
function appended(resolver: Resolver, fresh: readonly LoggedOp[]): Resolver {
  let { rulings } = resolver;
  for (const [at, op] of fresh.entries()) {
    const history = withOp(rulings.history, op);
    const place = history.ops.length - 1;
    const levels = new Int16Array(place + 1).fill(VOID);
    levels.set(rulings.levels);
    rulings = { ...rulings, history, facts: withFact(rulings.facts, history), levels };
    if (ruleNew(rulings, resolver.levels, place, () => true)) continue;
    return openResolver([...history.ops, ...fresh.slice(at + 1)]);
  }
  return { rulings, levels: resolver.levels };
}

/** New ops among the others: places move, and rulings with them. */
function inserted(resolver: Resolver, fresh: readonly LoggedOp[]): Resolver {
  const { rulings: before } = resolver;
  const history = compactHistoryOf([...before.history.ops, ...fresh]);
  const levels = new Int16Array(history.ops.length).fill(VOID);
  const placeIn = (op: LoggedOp): number => history.placeOf.get(op.id)!;
  const isRuled = new Uint8Array(levels.length);
  const places = before.history.ops.map(placeIn);
  for (const [place, now] of places.entries()) {
    levels[now] = before.levels[place]!;
    isRuled[now] = 1;
  }
  const reigns = before.reigns.map(({ founder, from, to }) => ({
    founder,
    from: places[from]!,
    to: to === null ? null : places[to]!,
  }));
  const rulings = { history, facts: factsOf(history), levels, reigns };
  for (const place of fresh.map(placeIn)) {
    if (!ruleNew(rulings, resolver.levels, place, (other) => isRuled[other] === 1)) {
      return ruled(history, rulings.facts);
    }
    isRuled[place] = 1;
  }
  return { rulings, levels: resolver.levels };
}

/**
 * Rules on an op that no ruled one follows. False where that may change what was ruled before: then all is ruled anew. It
 * may where the op counts for ops made meanwhile, and one of them would be ruled otherwise now. None of the others has
 * read anything that is new, so where each of those keeps its level, the rulings hold as a whole.
 */
function ruleNew(
  rulings: Rulings,
  levels: readonly number[],
  place: number,
  isRuled: (place: number) => boolean,
): boolean {
  const { history: { ops, isPast } } = rulings;
  const { body } = ops[place]!;
  // Who is founder, and which of one's own departures counts, is not a question for one op alone.
  if (body.t === "transfer" || isOrdered(rulings, place)) return false;
  const level = levelOf(rulings, levels, place);
  rulings.levels[place] = level;
  if (level === VOID || level === GUILD.noRank || !(REACHING as readonly string[]).includes(body.t)) return true;
  if ((body.t === "role.create" || body.t === "role.change") && !levels.includes(body.rank)) return false;
  for (const other of ops.keys()) {
    if (other === place || !isRuled(other) || isPast(other, place)) continue;
    if (isOrdered(rulings, other) || levelOf(rulings, levels, other) !== rulings.levels[other]) return false;
  }
  return true;
}

/** What counts for ops made meanwhile; the rest gives to those only that follow it. */
const REACHING: readonly OpType[] = [
  "remove",
  "ban",
  "role.create",
  "role.change",
  "role.delete",
  "role.grant",
  "role.revoke",
  "invite.revoke",
  "leave",
  "device.revoke",
];

/** [GLD5] Among people without a rank nothing of their own counts that they did meanwhile, so there is no order to keep. */
const isOrdered = (rulings: Rulings, place: number): boolean =>
  isParting(rulings, place) && floorFor(rulings, rulings.history.ops[place]!.author) < GUILD.noRank;

function levelOf(rulings: Rulings, levels: readonly number[], place: number): number {
  const act = actAt(rulings, place);
  if (rulings.reigns.some(({ to }) => to === place)) return 0;
  const floor = floorFor(rulings, act.author);
  const found = levels.find((level) =>
    level >= floor && faultOf(rulings, viewFrom(rulings, place, level), act) === null
  );
  return found ?? VOID;
}
