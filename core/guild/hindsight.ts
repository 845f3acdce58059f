/** A guild as it was at some heads, by the rulings on all ops. SPEC section 21, [CNT6]. */
import type { ChannelId, DeviceId, OpId } from "../ids.ts";
import { GUILD } from "../limits.ts";
import { linksOf } from "../log/signedOp.ts";
import { restrict } from "./restrict.ts";
import type { Rulings } from "./rulings.ts";
import { SeenAnswers } from "./seenAnswers.ts";
import { Sight } from "./sight.ts";
import { type GuildState, stateOf } from "./state.ts";

export interface Hindsighted {
  readonly rulings: Rulings;
  readonly state: GuildState;
}

/**
 * What was found out about heads that were known by then holds for as long as new ops leave the rulings on the older ones
 * as they are. Each hindsight of an era has the ops of those before it.
 */
export interface Era {
  readonly states: Map<string, Hindsighted>;
  latest: Hindsight | null;
}

/**
 * Answers are a function of the rulings and the heads. What is remembered is a memo: a whole state takes 30 ms where there
 * are 10,000 ops. A sight takes none, and answers questions about one person in a fraction of a millisecond.
 */
export class Hindsight {
  /** The very one of `before` where all that was said of older heads holds. */
  readonly era: Era;
  private readers = new Map<ChannelId, Map<DeviceId, SeenAnswers>>();
  private known: readonly OpId[] | null = null;

  /** `state` is that of `rulings`; `before` says the same (`hasSameRulings`) of a part of its ops. */
  constructor(readonly rulings: Rulings, readonly state: GuildState, before: Hindsight | null = null) {
    // Two that follow one are of two minds.
    this.era = before?.era.latest === before && before !== null ? before.era : { states: new Map(), latest: null };
    this.era.latest = this;
  }

  /** Of the whole: at these, nothing is left out. */
  private get tips(): readonly OpId[] {
    if (this.known !== null) return this.known;
    const { ops } = this.rulings.history;
    const followed = new Set(ops.flatMap(({ op }) => linksOf(op)));
    return this.known = ops.map(({ id }) => id).filter((id) => !followed.has(id));
  }

  get opCount(): number {
    return this.rulings.history.ops.length;
  }

  knows(heads: readonly OpId[]): boolean {
    const { placeOf } = this.rulings.history;
    return heads.every((id) => placeOf.has(id));
  }

  /** `heads` in any order; `null` where one is unknown. */
  at(heads: readonly OpId[]): Hindsighted | null {
    if (!this.knows(heads)) return null;
    if (this.tips.every((id) => heads.includes(id))) return this;
    const { states } = this.era;
    const key = [...new Set(heads)].sort().join();
    const seen = states.get(key) ?? this.lookBack(heads);
    // Those that were asked for longest ago go first.
    states.delete(key);
    states.set(key, seen);
    if (states.size > GUILD.maxHindsights) states.delete(states.keys().next().value!);
    return seen;
  }

  /** For one person's question at some heads, in any order; `null` where one is unknown. */
  sightAt(heads: readonly OpId[]): Sight | null {
    const isSeen = this.seenAt(heads);
    return isSeen === null ? null : new Sight(this.rulings, isSeen);
  }

  /** [GKEY1] Whether the device read the channel at some heads, in any order; `null` where one is unknown. */
  wasReader(heads: readonly OpId[], device: DeviceId, channel: ChannelId): boolean | null {
    return this.readings(device, channel)(heads);
  }

  /** The same, for many heads. */
  readings(device: DeviceId, channel: ChannelId): (heads: readonly OpId[]) => boolean | null {
    const answers = this.answersOn(channel, device);
    const reads = (isSeen: (place: number) => boolean) => new Sight(this.rulings, isSeen).isReader(device, channel);
    return (heads) => {
      const isSeen = this.seenAt(heads);
      return isSeen === null ? null : answers.answer(isSeen, reads);
    };
  }

  /** The same as if the ops at these places, and all that followed them, were not there. */
  sightWithout(places: readonly number[]): Sight {
    const { history: { isPast } } = this.rulings;
    return new Sight(this.rulings, (place) => !places.some((one) => one === place || isPast(one, place)));
  }

  private answersOn(channel: ChannelId, device: DeviceId): SeenAnswers {
    let answers = this.readers.get(channel)?.get(device);
    if (answers !== undefined) return answers;
    if (this.readers.size > GUILD.maxAnswers) this.readers = new Map();
    const devices = this.readers.get(channel) ?? new Map<DeviceId, SeenAnswers>();
    this.readers.set(channel, devices);
    if (devices.size > GUILD.maxAnswers) devices.clear();
    devices.set(device, answers = new SeenAnswers());
    return answers;
  }

  private seenAt(heads: readonly OpId[]): ((place: number) => boolean) | null {
    const { history: { placeOf, isPast } } = this.rulings;
    const tips: number[] = [];
    for (const id of heads) {
      const place = placeOf.get(id);
      if (place === undefined) return null;
      tips.push(place);
    }
    const [first] = tips;
    if (tips.length === 1) return (place) => place === first || isPast(place, first!);
    return (place) => tips.some((tip) => tip === place || isPast(place, tip));
  }

  private lookBack(heads: readonly OpId[]): Hindsighted {
    const rulings = restrict(this.rulings, heads)!;
    return { rulings, state: stateOf(rulings) };
  }
}
