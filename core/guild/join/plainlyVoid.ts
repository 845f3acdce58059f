/** Admissions that are void whatever part of the ops somebody has, told without ruling on that part. SPEC section 23. */
import { everyoneOf, guildOfOp, type RoleId, type UserId } from "../../ids.ts";
import { faultOf } from "../authorise.ts";
import { actAt } from "../resolve.ts";
import { type Rulings, viewFrom, VOID } from "../rulings.ts";

interface Placed {
  readonly place: number;
}

/**
 * Whether an admission that is void would be so for everybody who has it, what it follows, and what is known. Of what was
 * done meanwhile only that counts. An op that is valid by all is valid by a part that has it, so there is more that takes
 * and as much that gives, unless something gives there that is void by all: where there is such, the answer is `false`.
 */
export function isPlainlyVoid(
  rulings: Rulings,
  levels: readonly number[],
  place: number,
  isKnown: (place: number) => boolean,
): boolean {
  const isVoidAndSeen = (one: Placed) =>
    rulings.levels[one.place]! === VOID && rulings.history.isPast(one.place, place);
  if (givingTo(rulings, place).some(isVoidAndSeen)) return false;
  const leniency = { trusts: false, counts: isKnown };
  const act = actAt(rulings, place);
  return levels.every((level) => faultOf(rulings, viewFrom(rulings, place, level, leniency), act) !== null);
}

/** All that could give what an admission needs. */
function givingTo({ history: { ops, placeOf }, facts }: Rulings, place: number): readonly Placed[] {
  const { author, op: { device }, body } = ops[place]!;
  const authority = (user: UserId): readonly Placed[] => {
    const grants = facts.grants(user);
    const roles = new Set<RoleId>([everyoneOf(guildOfOp(ops[0]!.id)), ...grants.map((grant) => grant.body.role)]);
    return [...facts.admissions(user), ...grants, ...[...roles].flatMap((role) => facts.definitions(role))];
  };
  switch (body.t) {
    case "redeem": {
      const made = placeOf.get(body.invite);
      if (made === undefined) return [];
      return [{ place: made }, ...authority(ops[made]!.author), ...facts.unbans(author)];
    }
    case "role.grant":
      return [
        ...authority(author),
        ...facts.definitions(body.role),
        ...facts.unbans(body.user),
        ...facts.reinstatements(device),
      ];
    case "add":
      return [...authority(author), ...facts.unbans(body.user), ...facts.reinstatements(device)];
    default:
      return [];
  }
}
