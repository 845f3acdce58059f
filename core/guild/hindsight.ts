/** A guild as it was at some heads, by the rulings on all ops. SPEC section 21, [CNT6]. */
import type { OpId } from "../ids.ts";
import { GUILD } from "../limits.ts";
import { linksOf } from "../log/signedOp.ts";
import { type ChannelFacts, channelFactsOf } from "./channels.ts";
import { restrict } from "./restrict.ts";
import type { Rulings } from "./rulings.ts";
import { Sight } from "./sight.ts";
import { type GuildState, stateOf } from "./state.ts";

export interface Hindsighted {
  readonly rulings: Rulings;
  readonly state: GuildState;
}

/**
 * Answers are a function of the rulings and the heads. What is remembered is a memo: a whole state takes 30 ms where there
 * are 10,000 ops. A sight takes none, and answers questions about one person in a fraction of a millisecond.
 */
export class Hindsight {
  private readonly memo = new Map<string, Hindsighted>();
  /** Of the whole: at these, nothing is left out. */
  private readonly tips: readonly OpId[];
  private channels: ChannelFacts | null = null;

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

  /** For one person's question at some heads, in any order; `null` where one is unknown. */
  sightAt(heads: readonly OpId[]): Sight | null {
    const { history: { placeOf, isPast } } = this.rulings;
    const tips: number[] = [];
    for (const id of heads) {
      const place = placeOf.get(id);
      if (place === undefined) return null;
      tips.push(place);
    }
    return this.sight((place) => tips.some((tip) => tip === place || isPast(place, tip)));
  }

  /** The same as if the ops at these places, and all that followed them, were not there. */
  sightWithout(places: readonly number[]): Sight {
    const { history: { isPast } } = this.rulings;
    return this.sight((place) => !places.some((one) => one === place || isPast(one, place)));
  }

  private sight(isSeen: (place: number) => boolean): Sight {
    this.channels ??= channelFactsOf(this.rulings.facts);
    return new Sight(this.rulings, this.channels, isSeen);
  }

  private lookBack(heads: readonly OpId[]): Hindsighted {
    const rulings = restrict(this.rulings, heads)!;
    return { rulings, state: stateOf(rulings) };
  }
}
