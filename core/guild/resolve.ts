/**
 * Which ops of a set are valid, plainly: level after level, from the founder down, each op against its whole past. Takes
 * time by levels times ops times what speaks of one subject; the fast form is held against this one. SPEC section 19.
 */
import { GUILD } from "../limits.ts";
import { type History, historyOf } from "../log/history.ts";
import type { LoggedOp } from "../log/log.ts";
import { type Act, faultOf, isRevoked } from "./authorise.ts";
import { reignsOf } from "./branches.ts";
import { type Facts, factsOf } from "./facts.ts";
import { type Leniency, type Rulings, viewFrom, VOID } from "./rulings.ts";

/** The rulings on a set of ops that is closed under parents: the same for the same set, whatever order it came in. */
export function resolve(set: Iterable<LoggedOp>): Rulings {
  const history = historyOf(set);
  return ruleOn(history, factsOf(history));
}

/** The most senior level at which it may make sense to ask for the op at a place. */
export type FloorOf = (rulings: Rulings, place: number) => number;

/** The same, of a history in whichever form. */
export function ruleOn(history: History, facts: Facts, floorOf: FloorOf = () => 0): Rulings {
  const levels = new Int16Array(history.ops.length).fill(VOID);
  const reigns = reignsOf({ history, facts, levels });
  levels[0] = 0;
  for (const { to } of reigns) if (to !== null) levels[to] = 0;
  const rulings = { history, facts, levels, reigns };
  const floors = Int16Array.from(history.ops.keys(), (place) => floorOf(rulings, place));
  for (let level: number | null = 0; level !== null; level = nextLevel(rulings, level)) settle(rulings, level, floors);
  return rulings;
}

/**
 * [GLD2] The founder's level, each rank that a valid op gives a role, and the one of those who have no role; `null` after
 * that. A role is made at a level above its own, so what was ruled so far tells. Ranks that strangers make up cost nothing.
 */
function nextLevel({ facts, levels }: Rulings, level: number): number | null {
  let next: number = GUILD.noRank;
  for (const { place, body } of facts.all) {
    if (body.t !== "role.create" && body.t !== "role.change") continue;
    if (levels[place]! !== VOID && body.rank > level) next = Math.min(next, body.rank);
  }
  return level === GUILD.noRank ? null : next;
}

/** Every level of a history that has been ruled on. */
export function levelsIn(rulings: Rulings): readonly number[] {
  const found: number[] = [];
  for (let level: number | null = 0; level !== null; level = nextLevel(rulings, level)) found.push(level);
  return found;
}

export const actAt = ({ history: { ops } }: Pick<Rulings, "history">, place: number): Act => {
  const { author, op: { device }, body } = ops[place]!;
  return { place, author, device, body };
};

function settle(rulings: Rulings, level: number, floors: Int16Array): void {
  const { history: { ops }, levels } = rulings;
  const rule = (isOpen: (place: number) => boolean, leniency?: Leniency) => {
    const ruled: number[] = [];
    for (const place of ops.keys()) {
      if (levels[place]! !== VOID || level < floors[place]! || !isOpen(place)) continue;
      if (faultOf(rulings, viewFrom(rulings, place, level, leniency), actAt(rulings, place)) !== null) continue;
      levels[place] = level;
      ruled.push(place);
    }
    return ruled;
  };
  // Among those without a rank nothing that was done meanwhile at this level counts, so one round is enough.
  if (level === GUILD.noRank) return void rule(() => true);
  const isTransfer = (place: number) => ops[place]!.body.t === "transfer";
  const tried = rule(() => true, { trusts: false, counts: (place) => levels[place]! < level || isTransfer(place) });
  for (const place of tried) levels[place] = VOID;
  for (const place of partings(rulings, tried)) {
    if (!isRevoked(rulings, viewFrom(rulings, place, level), actAt(rulings, place))) levels[place] = level;
  }
  rule((place) => !isParting(rulings, place));
}

/** [GLD5] */
export const isParting = ({ history: { ops } }: Pick<Rulings, "history">, place: number): boolean =>
  ops[place]!.body.t === "device.revoke" || ops[place]!.body.t === "leave";

/** [GLD5] In the order in which they count against each other: revocations first, those by a person's oldest device before. */
function partings(rulings: Rulings, places: readonly number[]): readonly number[] {
  const { history: { ops } } = rulings;
  const order = (place: number) => ops[place]!.body.t === "leave" ? 1 : 0;
  return places.filter((place) => isParting(rulings, place)).sort((aPlace, bPlace) => {
    const [a, b] = [ops[aPlace]!, ops[bPlace]!];
    const byDevice = a.op.device < b.op.device ? -1 : 1;
    return order(aPlace) - order(bPlace) || a.deviceCreatedAtMs - b.deviceCreatedAtMs ||
      (a.op.device === b.op.device ? aPlace - bPlace : byDevice);
  });
}
