/** One answer to who asks for keys of a channel: what is looked for, and what of it is given. SPEC section 22. */
import type { ChannelId, DeviceId, OpId } from "../../ids.ts";
import { GUILD_KEYS } from "../../limits.ts";
import { countOf, greatestOf, hasIndex, newestOf, NO_INDEXES } from "../../wire/chainIndexes.ts";
import type { GivenChain, KeysAnswer, KeysWant } from "../../wire/guildKeys.ts";
import type { SkippedKey } from "../../wire/skippedKeys.ts";
import type { Hindsight } from "../hindsight.ts";
import { isArchive, mayHave } from "./granting.ts";

type WantedChain = KeysWant["chains"][number];

/** What is to be read from the store for an answer. */
export interface Reading {
  readonly number: number;
  readonly channel: ChannelId;
  readonly chains: readonly WantedChain[];
  /** Where in the request looking ends; `null` where all of it is looked for. */
  readonly stop: KeysAnswer["stop"];
}

/** What is here of a chain of a reading. */
export interface FoundChain extends Pick<GivenChain, "device" | "chain" | "signer" | "ownership"> {
  /** In any order: the message's number, the key that opened it, and the heads that its content names. */
  readonly contents: readonly (SkippedKey & { readonly heads: readonly OpId[] })[];
}

/** As much of a request as one answer holds, of each chain the newest. */
export function readingOf({ number, channel, chains }: KeysWant): Reading {
  let roomBytes: number = GUILD_KEYS.maxFrameBytes - GUILD_KEYS.answerBytes;
  let left: number = GUILD_KEYS.maxKeys;
  const some: WantedChain[] = [];
  for (const [at, { device, chain, indexes }] of chains.entries()) {
    const room = Math.max(0, Math.min(left, Math.floor((roomBytes - GUILD_KEYS.chainBytes) / GUILD_KEYS.keyBytes)));
    const part = newestOf(indexes, room, GUILD_KEYS.maxRanges);
    if (part !== NO_INDEXES) some.push({ device, chain, indexes: part });
    if (part !== indexes) return { number, channel, chains: some, stop: { at, index: greatestOf(indexes & ~part) } };
    left -= countOf(part);
    roomBytes -= GUILD_KEYS.chainBytes + countOf(part) * GUILD_KEYS.keyBytes;
  }
  return { number, channel, chains: some, stop: null };
}

export interface Given {
  readonly answer: KeysAnswer;
  /** All that was asked for is in it. */
  readonly isWhole: boolean;
  /** What giving it counts for. */
  readonly sizeBytes: number;
}

/** [GKEY3] Of what was found for a reading, what the peer may have by the log as it is now. */
export function give(hindsight: Hindsight, peer: DeviceId, reading: Reading, found: readonly FoundChain[]): Given {
  const { number, channel } = reading;
  const granting = new Granting(hindsight, peer, channel);
  const chains: GivenChain[] = [];
  for (const [at, wanted] of reading.chains.entries()) {
    const one = found.find(({ device, chain }) => device === wanted.device && chain === wanted.chain);
    if (one === undefined) continue;
    const { device, chain, signer, ownership } = one;
    const keys = granting.keysOf(one, wanted, at);
    if (keys.length > 0) chains.push({ device, chain, signer, ownership, keys });
  }
  const given = chains.reduce((sum, { keys }) => sum + keys.length, 0);
  const stop = granting.stop ?? reading.stop;
  return {
    answer: { t: "keys", number, channel, chains, stop },
    isWhole: stop === null && given === countAll(reading),
    sizeBytes: chains.length * GUILD_KEYS.chainBytes + given * GUILD_KEYS.keyBytes +
      granting.lookBacks * GUILD_KEYS.lookBackBytes,
  };
}

export const countAll = ({ chains }: Pick<Reading, "chains">): number =>
  chains.reduce((sum, { indexes }) => sum + countOf(indexes), 0);

/** One answer's questions: how the guild was is looked up at a few heads only, and there the answer stops. */
class Granting {
  lookBacks = 0;
  stop: KeysAnswer["stop"] = null;
  readonly #answers = new Map<string, boolean>();

  constructor(readonly hindsight: Hindsight, readonly peer: DeviceId, readonly channel: ChannelId) {}

  /** Ascending, each number once. `at` is the chain's place in the request. */
  keysOf({ contents }: FoundChain, { indexes }: WantedChain, at: number): readonly SkippedKey[] {
    const keys = new Map<number, Uint8Array>();
    for (const { index, key, heads } of contents.toSorted((a, b) => b.index - a.index)) {
      if (this.stop !== null) break;
      if (!hasIndex(indexes, index) || keys.has(index)) continue;
      const answer = this.#mayHave(heads);
      if (answer === null) this.stop = { at, index };
      else if (answer) keys.set(index, key);
    }
    return [...keys].map(([index, key]) => ({ index, key })).reverse();
  }

  /** `null` where it would be one look back too many. */
  #mayHave(heads: readonly OpId[]): boolean | null {
    const name = heads.toSorted().join();
    const known = this.#answers.get(name);
    if (known !== undefined) return known;
    if (!isArchive(this.hindsight, this) && ++this.lookBacks > GUILD_KEYS.maxLookBacks) return null;
    const answer = mayHave(this.hindsight, this.peer, { channel: this.channel, heads });
    this.#answers.set(name, answer);
    return answer;
  }
}
