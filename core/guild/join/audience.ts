/**
 * Who may have been given a deal and should not have it: people who are gone, or never came to be members, and who were
 * members to somebody that knew the heads of the deal. SPEC section 23.
 */
import type { OpId, UserId } from "../../ids.ts";
import { DEAL } from "../../limits.ts";
import type { LoggedOp } from "../../log/log.ts";
import { levelsIn } from "../resolve.ts";
import { openResolver } from "../resolver.ts";
import { type Rulings, VOID } from "../rulings.ts";
import { type GuildState, stateOf } from "../state.ts";
import { isPlainlyVoid } from "./plainlyVoid.ts";

/** What was found out about a deal, once and for ever: it is a function of the pasts of its heads and of an op. */
export interface Looked {
  /** Members by the heads and their past alone; `null` while nobody asked. */
  readonly members: ReadonlySet<UserId> | null;
  /** Admissions that are void: whether who has the heads and the op takes the person for a member. */
  readonly admissions: ReadonlyMap<OpId, boolean>;
  /** How many of them it took a resolution to tell. */
  readonly resolved: number;
}

export const NOT_LOOKED: Looked = { members: null, admissions: new Map(), resolved: 0 };

/** A guild as all its ops say it is, and who of those that ever had a device in its log is not a member. */
export interface Present {
  readonly rulings: Rulings;
  readonly levels: () => readonly number[];
  readonly state: GuildState;
  readonly absent: readonly UserId[];
}

export function presentOf(rulings: Rulings, state: GuildState): Present {
  const absent = new Set<UserId>();
  for (const { author } of rulings.history.ops) if (!state.members.has(author)) absent.add(author);
  return { rulings, levels: () => levelsIn(rulings), state, absent: [...absent] };
}

/** [JOIN4] The op by which a deal of these heads, which are known, is not current; `null` where it is. */
export function endOf(present: Present, heads: readonly OpId[], before: Looked): [LoggedOp | null, Looked] {
  const review = new Review(present, heads, before);
  const place = review.end();
  return [place === null ? null : present.rulings.history.ops[place]!, review.looked];
}

interface Ending {
  /** The latest op that ended it for certain. */
  readonly certain: number | null;
  /** Admissions that are void now. */
  readonly doubtful: readonly number[];
}

class Review {
  looked: Looked;
  private readonly tips: readonly number[];

  constructor(private readonly present: Present, heads: readonly OpId[], before: Looked) {
    const { history: { placeOf } } = present.rulings;
    this.tips = heads.map((id) => placeOf.get(id)!);
    this.looked = before;
  }

  /** What needs a closer look is looked at only where nothing else has ended the deal. */
  end(): number | null {
    const { rulings: { facts }, absent } = this.present;
    // Of a former founder who left: to who has not heard of the transfer the leave was void.
    const ends = [...facts.deviceRevocations, ...facts.transfers]
      .filter((one) => this.isValid(one) && !this.isKnown(one.place)).map(({ place }) => place);
    const endings = absent.map((user) => [user, this.endingBy(user)] as const);
    for (const [, { certain }] of endings) if (certain !== null) ends.push(certain);
    if (ends.length > 0) return Math.max(...ends);
    for (const [user, { doubtful }] of endings) {
      for (const place of doubtful) if (this.mayHaveCounted(place, user)) return place;
    }
    return null;
  }

  private isValid({ place }: { readonly place: number }): boolean {
    return this.present.rulings.levels[place]! !== VOID;
  }

  private readonly isKnown = (place: number): boolean =>
    this.tips.some((tip) => tip === place || this.present.rulings.history.isPast(place, tip));

  private endingBy(user: UserId): Ending {
    const { facts, history: { isPast } } = this.present.rulings;
    const departures = facts.departures(user).filter((one) => this.isValid(one));
    const known = departures.filter(({ place }) => this.isKnown(place));
    // Whoever knows the heads knows of all others that they have ended.
    const admissions = facts.admissions(user).filter(({ place }) => known.every((one) => isPast(one.place, place)));
    const valid = admissions.filter((one) => this.isValid(one)).map(({ place }) => place);
    const unknown = departures.map(({ place }) => place).filter((place) => !this.isKnown(place));
    return {
      certain: valid.length === 0 ? null : Math.max(...(unknown.length === 0 ? valid : unknown)),
      doubtful: admissions.filter((one) => !this.isValid(one)).map(({ place }) => place),
    };
  }

  /** An admission that is void now: it counted for who had the heads and not yet heard of what voids it. */
  private mayHaveCounted(place: number, user: UserId): boolean {
    const { rulings, levels } = this.present;
    const { id } = rulings.history.ops[place]!;
    const before = this.looked.admissions.get(id);
    if (before !== undefined) return before;
    const isPlain = isPlainlyVoid(rulings, levels(), place, this.isKnown);
    if (!isPlain && this.looked.resolved === DEAL.maxDoubts && !this.isKnown(place)) return true;
    const found = !isPlain && this.membersWith(place).has(user);
    this.looked = { ...this.looked, admissions: new Map([...this.looked.admissions, [id, found]]) };
    return found;
  }

  private membersWith(place: number): ReadonlySet<UserId> {
    if (!this.isKnown(place)) {
      this.looked = { ...this.looked, resolved: this.looked.resolved + 1 };
      return this.membersBy([...this.tips, place]);
    }
    const members = this.looked.members ?? this.membersBy(this.tips);
    this.looked = { ...this.looked, members };
    return members;
  }

  /** By these ops and all that they follow, as if there were nothing else. */
  private membersBy(tips: readonly number[]): ReadonlySet<UserId> {
    const { state, rulings: { history: { ops, isPast } } } = this.present;
    const past = ops.filter((_, place) => tips.some((tip) => tip === place || isPast(place, tip)));
    const { members } = past.length === ops.length ? state : stateOf(openResolver(past).rulings);
    return new Set(members.keys());
  }
}
