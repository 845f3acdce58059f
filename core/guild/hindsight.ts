/** A guild as it was at some heads, by the rulings on all ops. SPEC section 21, [CNT6]. */
import type { OpId } from "../ids.ts";
import { GUILD } from "../limits.ts";
import type { History } from "../log/history.ts";
import { linksOf } from "../log/signedOp.ts";
import { restrict } from "./restrict.ts";
import type { Rulings } from "./rulings.ts";
import { type GuildState, stateOf } from "./state.ts";

export interface Hindsighted {
  readonly rulings: Rulings;
  readonly state: GuildState;
}

/**
 * Answers are a function of the rulings and the heads. What is remembered is a memo: one answer takes as long as ruling
 * on the whole, and most content of an hour is written under few heads.
 */
export class Hindsight {
  private readonly memo = new Map<string, Hindsighted>();
  /** Of the whole: at these, nothing is left out. */
  private readonly tips: readonly OpId[];

  /** `state` is that of `rulings`. */
  constructor(readonly rulings: Rulings, readonly state: GuildState) {
    this.tips = headsWithout(rulings.history, []);
  }

  /** `heads` in any order; `null` where one is unknown. */
  at(heads: readonly OpId[]): Hindsighted | null {
    const { placeOf } = this.rulings.history;
    if (!heads.every((id) => placeOf.has(id))) return null;
    if (this.tips.every((id) => heads.includes(id))) return this;
    return this.remembered([...new Set(heads)].sort().join(), () => heads);
  }

  /** As if the ops at these places, and all that followed them, were not there. */
  without(places: readonly number[]): Hindsighted {
    return this.remembered(`without ${places.join()}`, () => headsWithout(this.rulings.history, places));
  }

  private remembered(key: string, headsOf: () => readonly OpId[]): Hindsighted {
    const seen = this.memo.get(key) ?? this.lookBack(headsOf());
    // Those that were asked for longest ago go first.
    this.memo.delete(key);
    this.memo.set(key, seen);
    if (this.memo.size > GUILD.maxHindsights) this.memo.delete(this.memo.keys().next().value!);
    return seen;
  }

  private lookBack(heads: readonly OpId[]): Hindsighted {
    const rulings = restrict(this.rulings, heads)!;
    return { rulings, state: stateOf(rulings) };
  }
}

function headsWithout({ ops, isPast }: History, places: readonly number[]): readonly OpId[] {
  const kept = ops.filter((_, place) => !places.some((one) => one === place || isPast(one, place)));
  const followed = new Set(kept.flatMap(({ op }) => linksOf(op)));
  return kept.map(({ id }) => id).filter((id) => !followed.has(id));
}
