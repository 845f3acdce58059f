/** A guild as it was at some heads, by the rulings on all ops. SPEC section 21, [CNT6]. */
import type { OpId } from "../ids.ts";
import { GUILD } from "../limits.ts";
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
    const { ops } = rulings.history;
    const followed = new Set(ops.flatMap(({ op }) => linksOf(op)));
    this.tips = ops.map(({ id }) => id).filter((id) => !followed.has(id));
  }

  /** `heads` in any order; `null` where one is unknown. */
  at(heads: readonly OpId[]): Hindsighted | null {
    const { placeOf } = this.rulings.history;
    if (!heads.every((id) => placeOf.has(id))) return null;
    if (this.tips.every((id) => heads.includes(id))) return this;
    const key = [...new Set(heads)].sort().join();
    const seen = this.memo.get(key) ?? this.lookBack(heads);
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
