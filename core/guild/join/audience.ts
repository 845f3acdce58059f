/**
 * Who may have been given a deal and should not have it: people who are gone, or never came to be members, and who were
 * members to somebody that knew the heads of the deal. SPEC section 23.
 */
import type { OpId, UserId } from "../../ids.ts";
import { DEAL } from "../../limits.ts";
import type { LoggedOp } from "../../log/log.ts";
import { openResolver } from "../resolver.ts";
import { type Rulings, VOID } from "../rulings.ts";
import { type GuildState, stateOf } from "../state.ts";

/** What was found out about a deal, once and for ever: it is a function of the pasts of its heads and of an op. */
export interface Looked {
  /** Members by the heads and their past alone; `null` while nobody asked. */
  readonly members: ReadonlySet<UserId> | null;
  /** Admissions outside of that past: whether who knows both takes the person for a member. */
  readonly admissions: ReadonlyMap<OpId, boolean>;
}

export const NOT_LOOKED: Looked = { members: null, admissions: new Map() };

/** A guild as all its ops say it is, and who of those that ever had a device in its log is not a member. */
export interface Present {
  readonly rulings: Rulings;
  readonly state: GuildState;
  readonly absent: readonly UserId[];
}

export function presentOf(rulings: Rulings, state: GuildState): Present {
  const absent = new Set<UserId>();
  for (const { author } of rulings.history.ops) if (!state.members.has(author)) absent.add(author);
  return { rulings, state, absent: [...absent] };
}

/** [JOIN4] The latest op for which a deal of these heads, which are known, is not current; `null` where it is. */
export function endOf(present: Present, heads: readonly OpId[], before: Looked): [LoggedOp | null, Looked] {
  const review = new Review(present, heads, before);
  const place = review.end();
  return [place === null ? null : present.rulings.history.ops[place]!, review.looked];
}

class Review {
  looked: Looked;
  private readonly tips: readonly number[];

  constructor(private readonly present: Present, heads: readonly OpId[], before: Looked) {
    const { history: { placeOf } } = present.rulings;
    this.tips = heads.map((id) => placeOf.get(id)!);
    this.looked = before;
  }

  end(): number | null {
    const { rulings: { facts }, absent } = this.present;
    // Of a former founder who left: to who has not heard of the transfer the leave was void.
    const ends = [...facts.deviceRevocations, ...facts.transfers]
      .filter((one) => this.isValid(one) && !this.isKnown(one.place)).map(({ place }) => place);
    for (const user of absent) {
      const end = this.endBy(user);
      if (end !== null) ends.push(end);
    }
    return ends.length === 0 ? null : Math.max(...ends);
  }

  private isValid({ place }: { readonly place: number }): boolean {
    return this.present.rulings.levels[place]! !== VOID;
  }

  private isKnown(place: number): boolean {
    return this.tips.some((tip) => tip === place || this.present.rulings.history.isPast(place, tip));
  }

  private endBy(user: UserId): number | null {
    const { facts, history: { isPast } } = this.present.rulings;
    const departures = facts.departures(user).filter((one) => this.isValid(one));
    const known = departures.filter(({ place }) => this.isKnown(place));
    const unknown = departures.filter(({ place }) => !this.isKnown(place)).map(({ place }) => place);
    for (const admission of facts.admissions(user)) {
      // Whoever knows the heads knows that this one has ended.
      if (known.some(({ place }) => !isPast(place, admission.place))) continue;
      const hasCounted = this.isValid(admission) || this.mayHaveCounted(admission.place, user);
      if (hasCounted) return unknown.length === 0 ? admission.place : Math.max(...unknown);
    }
    return null;
  }

  /** An admission that is void now: it counted for who had the heads and not yet heard of what voids it. */
  private mayHaveCounted(place: number, user: UserId): boolean {
    if (this.isKnown(place)) return this.members().has(user);
    const { id } = this.present.rulings.history.ops[place]!;
    const { admissions } = this.looked;
    const before = admissions.get(id);
    if (before !== undefined) return before;
    if (admissions.size === DEAL.maxDoubts) return true;
    const found = this.membersBy(place).has(user);
    this.looked = { ...this.looked, admissions: new Map([...admissions, [id, found]]) };
    return found;
  }

  private members(): ReadonlySet<UserId> {
    const members = this.looked.members ?? this.membersBy(null);
    this.looked = { ...this.looked, members };
    return members;
  }

  /** By the heads, an op beside them, and all that they follow, as if there were nothing else. */
  private membersBy(place: number | null): ReadonlySet<UserId> {
    const past = this.pastOf(place);
    const { state, rulings: { history } } = this.present;
    if (past.length === history.ops.length) return new Set(state.members.keys());
    return new Set(stateOf(openResolver(past).rulings).members.keys());
  }

  private pastOf(beside: number | null): readonly LoggedOp[] {
    const { ops, isPast } = this.present.rulings.history;
    const tips = beside === null ? this.tips : [...this.tips, beside];
    return ops.filter((_, place) => tips.some((tip) => tip === place || isPast(place, tip)));
  }
}
