/**
 * Which ops of a set are valid, plainly: level after level, from the founder down, each op against its whole past. Takes
 * time by levels times ops times what speaks of one subject; the fast form is held against this one. SPEC section 19.
 */
import { GUILD } from "../limits.ts";
import { historyOf } from "../log/history.ts";
import type { LoggedOp } from "../log/log.ts";
import { type Act, faultOf } from "./authorise.ts";
import { reignsOf } from "./branches.ts";
import { type Facts, factsOf } from "./facts.ts";
import { type Rulings, viewFrom, VOID } from "./rulings.ts";

/** The rulings on a set of ops that is closed under parents: the same for the same set, whatever order it came in. */
export function resolve(set: Iterable<LoggedOp>): Rulings {
  const history = historyOf(set);
  const facts = factsOf(history);
  const levels = new Int16Array(history.ops.length).fill(VOID);
  const reigns = reignsOf({ history, facts, levels });
  levels[0] = 0;
  for (const { to } of reigns) if (to !== null) levels[to] = 0;
  const rulings = { history, facts, levels, reigns };
  for (const level of levelsIn(facts)) settle(rulings, level);
  return rulings;
}

/** [GLD2] The founder's, each rank of a role, and the one of those who have no role. */
export function levelsIn({ all }: Facts): readonly number[] {
  const ranks = new Set<number>([0, GUILD.noRank]);
  for (const { body } of all) if (body.t === "role.create" || body.t === "role.change") ranks.add(body.rank);
  return [...ranks].sort((a, b) => a - b);
}

export const actAt = ({ history: { ops } }: Pick<Rulings, "history">, place: number): Act => {
  const { author, op: { device }, body } = ops[place]!;
  return { place, author, device, body };
};

function settle(rulings: Rulings, level: number): void {
  const { history: { ops }, levels } = rulings;
  const isOpen = (place: number) =>
    levels[place]! === VOID && faultOf(rulings, viewFrom(rulings, place, level), actAt(rulings, place)) === null;
  const hasRank = level < GUILD.noRank;
  if (hasRank) { for (const place of ownRevocations(rulings)) if (isOpen(place)) levels[place] = level; }
  for (const [place, { body }] of ops.entries()) {
    if (hasRank && body.t === "device.revoke") continue;
    if (isOpen(place)) levels[place] = level;
  }
}

/** [GLD5] In the order in which they count against each other: a person's oldest device comes first. */
function ownRevocations({ facts }: Rulings): readonly number[] {
  return facts.deviceRevocations.toSorted(({ logged: a, place: aPlace }, { logged: b, place: bPlace }) =>
    a.deviceCreatedAtMs - b.deviceCreatedAtMs ||
    (a.op.device === b.op.device ? aPlace - bPlace : a.op.device < b.op.device ? -1 : 1)
  ).map(({ place }) => place);
}
