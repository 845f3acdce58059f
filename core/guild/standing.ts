/** Who somebody is, seen from one op: member, founder, holder of roles. SPEC section 19. */
import { common, type Holding } from "../access/capability.ts";
import type { RoleId, UserId } from "../ids.ts";
import { GUILD } from "../limits.ts";
import type { Capability } from "../wire/guildCapability.ts";
import type { Definition } from "./facts.ts";
import type { Reign, Rulings, View } from "./rulings.ts";

export interface RoleForce {
  readonly rank: number;
  readonly capabilities: readonly Capability[];
}

export interface Standing {
  readonly isFounder: boolean;
  /** 0 of the founder, else the smallest of the roles held, else `GUILD.noRank`. */
  readonly rank: number;
  /** What the roles grant that are of the view's level or more senior: a capability reaches below its role only. */
  readonly holding: Holding;
}

/** [GLD4] Holds a role, or was admitted by an op that every departure was known to. */
export function isMember(rulings: Rulings, view: View, user: UserId, takes = view.takes): boolean {
  const { facts } = rulings;
  const departures = facts.departures(user).filter(({ place }) => takes(place));
  const isAdmitted = facts.admissions(user).some(({ place }) =>
    view.gives(place) && departures.every((departure) => view.isPast(departure.place, place))
  );
  return isAdmitted || heldRoles(rulings, view, user, takes).size > 0;
}

/** [GLD12] A ban that no lifting has seen. */
export function isBanned({ facts }: Rulings, view: View, user: UserId): boolean {
  const lifted = facts.unbans(user).filter(({ place }) => view.gives(place));
  return facts.bans(user).some((ban) =>
    view.takes(ban.place) && !lifted.some(({ place }) => view.isPast(ban.place, place))
  );
}

/** [GLD9] The authority of somebody, at its lowest. */
export function standingOf(rulings: Rulings, view: View, user: UserId, takes = view.takes): Standing {
  if (rulings.reigns.some((reign) => reign.founder === user && isReigning(reign, view))) {
    return { isFounder: true, rank: 0, holding: "all" };
  }
  const forces = [...heldRoles(rulings, view, user, takes), rulings.facts.everyone]
    .map((role) => lowestForce(rulings, view, role)).filter((force) => force !== null);
  return {
    isFounder: false,
    rank: Math.min(GUILD.noRank, ...forces.map(({ rank }) => rank)),
    holding: forces.flatMap(({ rank, capabilities }) => rank <= view.level ? capabilities : []),
  };
}

function isReigning({ from, to }: Reign, view: View): boolean {
  const hasBegun = view.isSeen(from);
  return hasBegun && (to === null || !(view.isSeen(to) || view.isMeanwhile(to)));
}

/** [GLD4] Roles that are there, granted by an op that every loss, and every departure that counts for them, was known to. */
export const heldRoles = (rulings: Rulings, view: View, user: UserId, departs = view.takes): ReadonlySet<RoleId> =>
  rolesBy(rulings, view, user, view.gives, view.takes, departs, lowestForce);

function rolesBy(
  rulings: Rulings,
  view: View,
  user: UserId,
  gives: (place: number) => boolean,
  takes: (place: number) => boolean,
  departs: (place: number) => boolean,
  forceIn: (rulings: Rulings, view: View, role: RoleId) => RoleForce | null,
): ReadonlySet<RoleId> {
  const { facts, levels } = rulings;
  const held = new Set<RoleId>();
  const departures = facts.departures(user).filter(({ place }) => departs(place));
  for (const { place, body: { role } } of facts.grants(user)) {
    const force = !held.has(role) && gives(place) ? forceIn(rulings, view, role) : null;
    if (force === null) continue;
    const losses = facts.losses(user).filter((one) => one.body.role === role && takes(one.place));
    // Only what one does to oneself can be more junior than the role: whoever is raised while leaving stays.
    const ends = [...departures, ...losses].filter(({ place }) => levels[place]! <= force.rank);
    if (ends.every((end) => view.isPast(end.place, place))) held.add(role);
  }
  return held;
}

/** [GLD11] Of definitions that do not know each other the most senior holds; then a deletion; then the smaller id. */
export function latest({ levels }: Rulings, definitions: readonly Definition[], view: View): Definition | null {
  const [first] = unsurpassed(definitions, view).toSorted((a, b) =>
    levels[a.place]! - levels[b.place]! || deletesFirst(a) - deletesFirst(b) || (a.logged.id < b.logged.id ? -1 : 1)
  );
  return first ?? null;
}

const deletesFirst = ({ body }: Definition): number => body.t === "role.delete" ? 0 : 1;

/** Those that no other has in its past, by place. From the last to the first: who is surpassed is so by one that is kept. */
export function unsurpassed<F extends { readonly place: number }>(facts: readonly F[], { isPast }: View): readonly F[] {
  const kept: F[] = [];
  for (const one of facts.toSorted((a, b) => b.place - a.place)) {
    if (!kept.some((other) => isPast(one.place, other.place))) kept.push(one);
  }
  return kept.reverse();
}

export function forceOf({ body }: Definition): RoleForce | null {
  if (body.t === "role.delete") return null;
  if (body.t === "genesis") return { rank: GUILD.noRank, capabilities: body.everyone };
  return { rank: body.rank, capabilities: body.capabilities };
}

/** [GLD7] A role only ever sinks: whoever lost it, or was banned with it, does not come back to power when it rises. */
const lowestRank = (definitions: readonly Definition[]): number =>
  Math.max(...definitions.map((definition) => forceOf(definition)?.rank ?? 0));

/** [GLD9] A role as it stands, less what more senior people took from it meanwhile; `null` when it is gone. */
export function lowestForce(rulings: Rulings, view: View, role: RoleId): RoleForce | null {
  const definitions = rulings.facts.definitions(role).filter(({ place }) => view.takes(place));
  const known = latest(rulings, definitions.filter(({ place }) => view.gives(place)), view);
  let force = known === null ? null : forceOf(known);
  for (const definition of definitions) {
    if (force === null) return null;
    if (view.gives(definition.place)) continue;
    const other = forceOf(definition);
    force = other === null ? null : { ...force, capabilities: common(force.capabilities, other.capabilities) };
  }
  return force === null ? null : { ...force, rank: lowestRank(definitions) };
}

/** [GLD10] A role as something that is acted upon: all that it may carry, at the rank that it had as far as was known. */
export function highestForce(rulings: Rulings, view: View, role: RoleId): RoleForce | null {
  const definitions = rulings.facts.definitions(role);
  const given = definitions.filter(({ place }) => view.gives(place));
  const meanwhile = definitions.filter(({ place }) => view.takes(place) && !view.gives(place));
  const known = unsurpassed(given, view).map(forceOf).filter((force) => force !== null);
  if (known.length === 0) return null;
  const forces = [...known, ...meanwhile.map(forceOf).filter((force) => force !== null)];
  return { rank: lowestRank(given), capabilities: forces.flatMap(({ capabilities }) => capabilities) };
}

/** [GLD10] The rank of somebody who is acted upon, at its highest: what was granted meanwhile protects. */
export function protectedRank(rulings: Rulings, view: View, user: UserId): number {
  const mayReign = ({ founder, from, to }: Reign) =>
    founder === user && (view.isSeen(from) || view.isMeanwhile(from)) && (to === null || !view.isSeen(to));
  if (rulings.reigns.some(mayReign)) return 0;
  let rank: number = GUILD.noRank;
  for (const role of rolesBy(rulings, view, user, view.takes, view.gives, view.gives, anyForce)) {
    rank = Math.min(rank, anyForce(rulings, view, role)?.rank ?? GUILD.noRank);
  }
  return rank;
}

/** As `highestForce`, also of a role that was made meanwhile. */
function anyForce(rulings: Rulings, view: View, role: RoleId): RoleForce | null {
  const known = highestForce(rulings, view, role);
  if (known !== null) return known;
  const meanwhile = rulings.facts.definitions(role).filter(({ place }) => view.takes(place) && !view.gives(place));
  const forces = meanwhile.map(forceOf).filter((force) => force !== null);
  return forces.length === 0 ? null : { rank: Math.min(...forces.map(({ rank }) => rank)), capabilities: [] };
}
