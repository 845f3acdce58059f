/** Two ops of which only one can be: by one device under one number, or by one founder who hands over. SPEC section 19. */
import type { DeviceId } from "../ids.ts";
import type { Fact } from "./facts.ts";
import { type Reign, type Rulings, type View, VOID } from "./rulings.ts";

/**
 * [GLD15] The one that the most senior other person has built on, of those whose ops are valid below `level`; else one that
 * anybody else has built on; then the smaller id. `places` are of one author.
 */
export function preferred({ history: { ops, isPast }, levels }: Rulings, places: readonly number[], level: number) {
  const { author } = ops[places[0]!]!;
  const built = new Set<number>();
  let [best, bestLevel] = [-1, level];
  for (const [witness, { author: other }] of ops.entries()) {
    if (other === author) continue;
    const seen = places.filter((place) => isPast(place, witness));
    if (seen.length !== 1) continue;
    built.add(seen[0]!);
    // Among equals the first: their order is by depth and id.
    if (levels[witness]! === VOID || levels[witness]! >= bestLevel) continue;
    [best, bestLevel] = [seen[0]!, levels[witness]!];
  }
  if (best >= 0) return best;
  const left = built.size > 0 ? [...built] : places;
  return left.toSorted((a, b) => (ops[a]!.id < ops[b]!.id ? -1 : 1))[0]!;
}

/** [GLD15] Whether the op lost its number to another of its device. */
export function isBeaten(rulings: Rulings, place: number, level: number): boolean {
  const { op } = rulings.history.ops[place]!;
  const group = rulings.facts.equivocations.get(op.device)?.get(op.seq) ?? [];
  if (group.length < 2 || !group.includes(place)) return false;
  if (group.some((other) => other !== place && rulings.levels[other]! !== VOID)) return true;
  return preferred(rulings, group, level) !== place;
}

/** [GLD16] The highest number for which the view has two ops of the device; 0 where there is none. */
export function provenSeq({ facts }: Rulings, view: View, device: DeviceId): number {
  let highest = 0;
  for (const [seq, places] of facts.equivocations.get(device) ?? []) {
    if (places.filter((place) => view.isSeen(place)).length >= 2) highest = Math.max(highest, seq);
  }
  return highest;
}

/**
 * [GLD14] Who was founder when. Of transfers by the founder that know each other the first counts, because after it that
 * person is not founder any more; of others the preferred one.
 */
export function reignsOf(rulings: Omit<Rulings, "reigns">): readonly Reign[] {
  const { history: { ops, isPast }, facts } = rulings;
  const isRevoked = ({ logged: { author, op }, place }: Fact<"transfer">) =>
    facts.revocationsOf(op.device).some((one) => one.logged.author === author && isPast(one.place, place));
  const reigns: Reign[] = [];
  let [founder, from] = [ops[0]!.author, 0];
  for (;;) {
    const candidates = facts.transfers.filter((one) =>
      one.logged.author === founder && one.body.user !== founder && isPast(from, one.place) && !isRevoked(one)
    );
    const first = candidates.filter(({ place }) => !candidates.some((other) => isPast(other.place, place)));
    if (first.length === 0) return [...reigns, { founder, from, to: null }];
    const to = preferred({ ...rulings, reigns }, first.map(({ place }) => place), 0);
    reigns.push({ founder, from, to });
    [founder, from] = [first.find(({ place }) => place === to)!.body.user, to];
  }
}
