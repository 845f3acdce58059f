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
  readonly holding: Holding;
}

/** [GLD4] An admission that every departure was known to. */
export function isMember({ facts }: Rulings, view: View, user: UserId): boolean {
  const departures = facts.departures(user).filter(({ place }) => view.takes(place));
  return facts.admissions(user).some(({ place }) =>
    view.gives(place) && departures.every((departure) => view.isPast(departure.place, place))
  );
}

/** [GLD12] A ban that no lifting has seen. */
export function isBanned({ facts }: Rulings, view: View, user: UserId): boolean {
  const lifted = facts.unbans(user).filter(({ place }) => view.gives(place));
  return facts.bans(user).some((ban) =>
    view.takes(ban.place) && !lifted.some(({ place }) => view.isPast(ban.place, place))
  );
}

/** [GLD9] The authority of a member, at its lowest. */
export function standingOf(rulings: Rulings, view: View, user: UserId): Standing {
  if (rulings.reigns.some((reign) => reign.founder === user && isReigning(reign, view))) {
    return { isFounder: true, rank: 0, holding: "all" };
  }
  const forces = [...heldRoles(rulings, view, user)].map((role) => lowestForce(rulings, view, role))
    .filter((force) => force !== null);
  const everyone = lowestForce(rulings, view, rulings.facts.everyone);
  return {
    isFounder: false,
    rank: Math.min(GUILD.noRank, ...forces.map(({ rank }) => rank)),
    holding: [...forces, ...everyone === null ? [] : [everyone]].flatMap(({ capabilities }) => capabilities),
  };
}

function isReigning({ from, to }: Reign, view: View): boolean {
  const hasBegun = view.isSeen(from);
  return hasBegun && (to === null || !(view.isSeen(to) || view.isMeanwhile(to)));
}

/** Roles granted by an op that every loss and departure was known to. Whether the role is still there is not asked. */
export function heldRoles({ facts }: Rulings, view: View, user: UserId): ReadonlySet<RoleId> {
  return rolesBy({ facts }, user, view.gives, view.takes, view);
}

function rolesBy(
  { facts }: Pick<Rulings, "facts">,
  user: UserId,
  gives: (place: number) => boolean,
  takes: (place: number) => boolean,
  { isPast }: View,
): ReadonlySet<RoleId> {
  const held = new Set<RoleId>();
  const departures = facts.departures(user).filter(({ place }) => takes(place));
  for (const { place, body: { role } } of facts.grants(user)) {
    if (!gives(place)) continue;
    const losses = facts.losses(user).filter((loss) => loss.body.role === role && takes(loss.place));
    if ([...departures, ...losses].every((end) => isPast(end.place, place))) held.add(role);
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

export const unsurpassed = <F extends { readonly place: number }>(
  facts: readonly F[],
  { isPast }: View,
): readonly F[] => facts.filter((one) => !facts.some((other) => isPast(one.place, other.place)));

export function forceOf({ body }: Definition): RoleForce | null {
  if (body.t === "role.delete") return null;
  if (body.t === "genesis") return { rank: GUILD.noRank, capabilities: body.everyone };
  return { rank: body.rank, capabilities: body.capabilities };
}

/** [GLD9] A role as it stands, less what more senior people took from it meanwhile; `null` when it is gone. */
export function lowestForce(rulings: Rulings, view: View, role: RoleId): RoleForce | null {
  const definitions = rulings.facts.definitions(role);
  const known = latest(rulings, definitions.filter(({ place }) => view.gives(place)), view);
  let force = known === null ? null : forceOf(known);
  for (const definition of definitions) {
    if (force === null) return null;
    if (view.gives(definition.place) || !view.takes(definition.place)) continue;
    const other = forceOf(definition);
    force = other === null
      ? null
      : { rank: Math.max(force.rank, other.rank), capabilities: common(force.capabilities, other.capabilities) };
  }
  return force;
}

/** [GLD10] A role as something that is acted upon: every form that it may have, so the most senior and the richest. */
export function highestForce(rulings: Rulings, view: View, role: RoleId): RoleForce | null {
  const definitions = rulings.facts.definitions(role);
  const known = unsurpassed(definitions.filter(({ place }) => view.gives(place)), view);
  const meanwhile = definitions.filter(({ place }) => view.takes(place) && !view.gives(place));
  const forces = [...known, ...meanwhile].map(forceOf).filter((force) => force !== null);
  if (forces.length === 0) return null;
  return {
    rank: Math.min(...forces.map(({ rank }) => rank)),
    capabilities: forces.flatMap(({ capabilities }) => capabilities),
  };
}

/** [GLD10] The rank of somebody who is acted upon, at its highest: what was granted meanwhile protects. */
export function protectedRank(rulings: Rulings, view: View, user: UserId): number {
  const mayReign = ({ founder, from, to }: Reign) =>
    founder === user && (view.isSeen(from) || view.isMeanwhile(from)) && (to === null || !view.isSeen(to));
  if (rulings.reigns.some(mayReign)) return 0;
  let rank: number = GUILD.noRank;
  for (const role of rolesBy(rulings, user, view.takes, view.gives, view)) {
    rank = Math.min(rank, highestForce(rulings, view, role)?.rank ?? GUILD.noRank);
  }
  return rank;
}
