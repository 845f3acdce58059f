/** Two ops where one was expected: of one device under one number, or of a founder who hands over. SPEC section 19. */
import type { DeviceId } from "../ids.ts";
import type { Fact } from "./facts.ts";
import type { Reign, Rulings, View } from "./rulings.ts";

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
 * person is not founder any more; of others the one of smaller id.
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
    const [next] = first.toSorted((a, b) => (a.logged.id < b.logged.id ? -1 : 1));
    reigns.push({ founder, from, to: next!.place });
    [founder, from] = [next!.body.user, next!.place];
  }
}
