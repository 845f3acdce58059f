/** [LOG10] For which ops there is room in the log. SPEC section 17. */
import type { OpId, UserId } from "../../ids.ts";
import { GUILD, LOG } from "../../limits.ts";
import { type LoggedOp, type OpLog, type Received, withParked } from "../../log/log.ts";
import { linksOf } from "../../log/signedOp.ts";
import { extend } from "../resolver.ts";
import { type Rulings, viewFromHeads, VOID } from "../rulings.ts";
import { isMember, standingOf } from "../standing.ts";
import type { Ruled } from "./ruled.ts";

/** What came into `before`, as far as there is room for it; `missing`: ops that something else names already. */
export function withinRoom(
  ruled: Ruled,
  before: OpLog,
  received: Pick<Received, "log" | "added">,
  missing: () => ReadonlySet<OpId>,
): OpLog {
  const { log, added } = received;
  const authors = Map.groupBy(added, ({ author }) => author);
  const isOrdinary = [...authors].every(([author, some]) =>
    ruled.guild.members.has(author) && opsBy(ruled, author) + some.length <= LOG.maxUnranked
  );
  if (isOrdinary) return log;
  const { rulings } = extend(ruled.resolver, added);
  const room = new Room(rulings, new Set(added.map(({ id }) => id)), endingsIn(ruled, added));
  const parting = room.partingOf(added, missing());
  return parting.size === 0 ? log : withParked(before, received, parting);
}

const opsBy = ({ resolver: { rulings: { history: { ops } } } }: Ruled, user: UserId): number =>
  ops.reduce((count, { author }) => author === user ? count + 1 : count, 0);

/** A device of a member's that ends, or a membership that its person ends: the first op of each. */
function endingsIn({ guild: { members } }: Ruled, added: readonly LoggedOp[]): ReadonlySet<OpId> {
  const endings = new Map<string, OpId>();
  for (const { id, author, body } of added) {
    const isNews = body.t === "leave" || body.t === "device.revoke" && members.get(author)?.devices.has(body.device);
    const name = body.t === "device.revoke" ? body.device : author;
    if (isNews && members.has(author) && !endings.has(name)) endings.set(name, id);
  }
  return new Set(endings.values());
}

/** Of what is parked, by who is no member: what is valid on top of the log. It had no room because it was void. */
export function validOf({ resolver, guild: { members } }: Ruled, { ops, parked }: OpLog): readonly OpId[] {
  const some = new Map<OpId, LoggedOp>();
  for (const one of [...parked.values()].sort((a, b) => a.depth - b.depth)) {
    if (linksOf(one.op).every((id) => ops.has(id) || some.has(id))) some.set(one.id, one);
  }
  const { rulings: { levels, history } } = extend(resolver, [...some.values()]);
  return [...some.values()].filter(({ id, author }) =>
    !members.has(author) && levels[history.placeOf.get(id)!] !== VOID
  ).map(({ id }) => id);
}

class Room {
  private readonly counts = new Map<UserId, number>();
  private readonly ranks = new Map<UserId, number>();
  private readonly members = new Map<UserId, boolean>();

  constructor(
    private readonly rulings: Rulings,
    fresh: ReadonlySet<OpId>,
    private readonly endings: ReadonlySet<OpId>,
  ) {
    for (const one of rulings.history.ops) if (!fresh.has(one.id) && !this.isRanked(one)) this.count(one.author);
  }

  /** Nothing counts less for being parked: it is void, or of no rank; and what others build upon comes back. */
  partingOf(added: readonly LoggedOp[], named: ReadonlySet<OpId>): ReadonlySet<OpId> {
    const parting = new Map<OpId, UserId>();
    for (const one of added) if (!named.has(one.id) && !this.hasRoom(one, parting)) parting.set(one.id, one.author);
    for (const one of added.toReversed()) {
      if (parting.has(one.id)) continue;
      for (const link of linksOf(one.op)) parting.delete(link);
    }
    return new Set(parting.keys());
  }

  private hasRoom(one: LoggedOp, parting: ReadonlyMap<OpId, UserId>): boolean {
    if (this.isRanked(one)) return true;
    // Who has stolen a device cannot fill its person's room and so keep it from being revoked.
    if (this.endings.has(one.id) && this.levelOf(one) !== VOID) return true;
    // What follows one's own that is parked is parked.
    if (linksOf(one.op).some((link) => parting.get(link) === one.author)) return false;
    if (this.levelOf(one) === VOID && !this.isMember(one.author)) return false;
    return this.count(one.author) <= LOG.maxUnranked;
  }

  private levelOf({ id }: LoggedOp): number {
    return this.rulings.levels[this.rulings.history.placeOf.get(id)!]!;
  }

  /** [LOG8] What only a newer client understands stands as its author does. */
  private isRanked(one: LoggedOp): boolean {
    const level = one.body.t === "unknown" ? this.rankOf(one.author) : this.levelOf(one);
    return level !== VOID && level < GUILD.noRank;
  }

  private rankOf(user: UserId): number {
    const known = this.ranks.get(user) ??
      standingOf(this.rulings, viewFromHeads(this.rulings, GUILD.noRank), user).rank;
    this.ranks.set(user, known);
    return known;
  }

  private isMember(user: UserId): boolean {
    const known = this.members.get(user) ?? isMember(this.rulings, viewFromHeads(this.rulings, GUILD.noRank), user);
    this.members.set(user, known);
    return known;
  }

  private count(user: UserId): number {
    const count = (this.counts.get(user) ?? 0) + 1;
    this.counts.set(user, count);
    return count;
  }
}
