/** What has been decided of a history so far, and how the rest of it looks from one op. SPEC section 19. */
import type { UserId } from "../ids.ts";
import { GUILD } from "../limits.ts";
import type { History } from "../log/history.ts";
import type { Facts } from "./facts.ts";

/** The level of an op that has none. */
export const VOID = -1;

/** [GLD14] One founder's time: from the op that began it to the transfer that ended it. */
export interface Reign {
  readonly founder: UserId;
  readonly from: number;
  readonly to: number | null;
}

export interface Rulings {
  readonly history: History;
  readonly facts: Facts;
  readonly reigns: readonly Reign[];
  /** [GLD2] For each place the level at which the op is valid, or `VOID`. */
  readonly levels: Int16Array;
}

/** Whether what is said in `before`, which is of a part of the ops, is said in `after` of the same. */
export function hasSameRulings(before: Rulings, after: Rulings): boolean {
  if (before.reigns.length !== after.reigns.length) return false;
  const [older, newer] = [before.history.ops, after.history.ops];
  const isFounding = (place: number | null, now: number | null) =>
    (place === null ? null : older[place]!) === (now === null ? null : newer[now]!);
  const isSameReign = ({ from, to }: Reign, now: Reign) => isFounding(from, now.from) && isFounding(to, now.to);
  if (!before.reigns.every((reign, at) => isSameReign(reign, after.reigns[at]!))) return false;
  let now = 0;
  for (const [place, op] of older.entries()) {
    while (now < newer.length && newer[now] !== op) now++;
    if (now === newer.length || before.levels[place] !== after.levels[now]) return false;
    now++;
  }
  return true;
}

/** The history as it counts for one op at one level. */
export interface View {
  readonly level: number;
  /** In the op's past, valid or not. */
  isSeen(place: number): boolean;
  /** Neither before nor after the op. */
  isMeanwhile(place: number): boolean;
  /** [GLD3] Gives authority to the op's author: valid, and seen. */
  gives(place: number): boolean;
  /** [GLD3] Takes it away: the same, and what more senior people did meanwhile. */
  takes(place: number): boolean;
  /** [GLD5] [GLD14] As `takes`, with what the author did at the same level. */
  takesOwn(place: number): boolean;
  isPast(earlier: number, later: number): boolean;
}

/** For explaining: what else the op's author may be granted. */
export interface Leniency {
  /** Take for valid what was seen and is void. */
  readonly trusts: boolean;
  /** Which ops that were made meanwhile count. */
  readonly counts: (place: number) => boolean;
}

export const STRICT: Leniency = { trusts: false, counts: () => true };

export function viewFrom(rulings: Rulings, place: number, level: number, { trusts, counts }: Leniency = STRICT): View {
  const { history: { isPast }, levels } = rulings;
  const isSeen = (other: number) => isPast(other, place);
  const isMeanwhile = (other: number) => other !== place && !isSeen(other) && !isPast(place, other) && counts(other);
  const isValidTo = (other: number, most: number) => levels[other]! !== VOID && levels[other]! <= most;
  const gives = (other: number) => isSeen(other) && (isValidTo(other, level) || (trusts && levels[other]! === VOID));
  const takes = (other: number) => gives(other) || (isValidTo(other, level - 1) && isMeanwhile(other));
  // Among those without a rank nobody's word counts against what was said meanwhile, not even one's own.
  const own = level < GUILD.noRank ? level : level - 1;
  const takesOwn = (other: number) => gives(other) || (isValidTo(other, own) && isMeanwhile(other));
  return { level, isSeen, isMeanwhile, gives, takes, takesOwn, isPast };
}

/** The history as it counts for an op that would follow all of it, or all that `isSeen` says. */
export function viewFromHeads(
  { history: { isPast }, levels }: Rulings,
  level: number,
  isSeen: (place: number) => boolean = () => true,
): View {
  const gives = (place: number) => levels[place]! !== VOID && levels[place]! <= level && isSeen(place);
  return {
    level,
    isSeen,
    isMeanwhile: () => false,
    gives,
    takes: gives,
    takesOwn: gives,
    isPast,
  };
}
