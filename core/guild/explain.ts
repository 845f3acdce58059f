/** Why an op has no effect: the rule by which it lost. SPEC section 19. */
import type { OpId } from "../ids.ts";
import { type Act, faultOf } from "./authorise.ts";
import { actAt, levelsIn } from "./resolve.ts";
import { type Fault, type Rule, RULES } from "./rule.ts";
import { type Leniency, type Rulings, viewFrom, viewFromHeads, VOID } from "./rulings.ts";

export interface Explanation {
  readonly rule: Rule;
  /** The op that was made meanwhile and decided it; `null` where it was none, or several together. */
  readonly by: OpId | null;
}

/** `id` is of an op in the history. */
export function explain(rulings: Rulings, id: OpId): Explanation {
  const place = rulings.history.placeOf.get(id);
  if (place === undefined) throw new Error("the op is not in this history");
  if (rulings.levels[place]! !== VOID) return { rule: "valid", by: null };
  const asSeen = furthestFault(rulings, place, { trusts: false, counts: () => false });
  if (asSeen === null) return blame(rulings, place);
  const asBelieved = furthestFault(rulings, place, { trusts: true, counts: () => false });
  return { rule: asBelieved === null ? "rests-on-invalid" : asSeen, by: null };
}

/** Whether an op on top of all would be valid now: its level, or the rule against it. */
export function wouldBe(rulings: Rulings, act: Omit<Act, "place">): number | Fault {
  let furthest: Fault = "acts-lower";
  for (const level of levelsIn(rulings)) {
    const fault = faultOf(rulings, viewFromHeads(rulings, level), { ...act, place: null });
    if (fault === null) return level;
    furthest = further(furthest, fault);
  }
  return furthest;
}

const PROGRESS = Object.keys(RULES) as readonly Rule[];
const further = (a: Fault, b: Fault): Fault => PROGRESS.indexOf(b) > PROGRESS.indexOf(a) ? b : a;

/** Of the faults at all levels the one that comes latest in the list; `null` where there is a level without. */
function furthestFault(rulings: Rulings, place: number, leniency: Leniency): Fault | null {
  let furthest: Fault | null = null;
  for (const level of levelsIn(rulings)) {
    const fault = faultOf(rulings, viewFrom(rulings, place, level, leniency), actAt(rulings, place));
    if (fault === null) return null;
    furthest = furthest === null ? fault : further(furthest, fault);
  }
  return furthest;
}

function blame(rulings: Rulings, place: number): Explanation {
  for (const { place: other, logged: { id } } of rulings.facts.all) {
    if (rulings.levels[other]! === VOID) continue;
    const fault = furthestFault(rulings, place, { trusts: false, counts: (one) => one === other });
    if (fault !== null) return { rule: lostBy(rulings, place, other), by: id };
  }
  return { rule: "lost-by-several", by: null };
}

function lostBy({ history: { ops }, facts }: Rulings, place: number, other: number): Fault {
  const { author, body: lost } = ops[place]!;
  const { body } = ops[other]!;
  switch (body.t) {
    case "device.revoke":
      return "device-revoked-meanwhile";
    case "role.revoke":
      return body.user === author ? "role-lost-meanwhile" : "invite-revoked-meanwhile";
    case "role.change":
    case "role.delete": {
      const isOwn = body.role === facts.everyone || facts.grants(author).some((grant) => grant.body.role === body.role);
      return isOwn ? "role-reduced-meanwhile" : "subject-raised-meanwhile";
    }
    case "transfer":
      return body.user === author || ops[other]!.author !== author
        ? "subject-raised-meanwhile"
        : "founder-changed-meanwhile";
    case "role.grant":
      return "subject-raised-meanwhile";
    case "remove":
    case "ban":
    case "leave": {
      const gone = body.t === "leave" ? ops[other]!.author : body.user;
      return gone !== author && lost.t === "redeem" ? "invite-revoked-meanwhile" : "author-removed-meanwhile";
    }
    default:
      return "invite-revoked-meanwhile";
  }
}
