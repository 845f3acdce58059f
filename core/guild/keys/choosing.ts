/** What to ask which peer for. SPEC section 22. */
import type { ChannelId, DeviceId } from "../../ids.ts";
import { GUILD_KEYS } from "../../limits.ts";
import { countOf, type Indexes, newestOf, NO_INDEXES } from "../../wire/chainIndexes.ts";
import { type AskedPeer, underWay } from "./askedPeer.ts";
import type { Readers } from "./readers.ts";
import { type ChainPart, partIn, type Parts, type Wants } from "./wants.ts";

export interface Choice {
  readonly channel: ChannelId;
  readonly parts: readonly ChainPart[];
  readonly asked: Parts;
}

/** [GKEY7] What nobody has been asked for yet, as far as it is known here. */
export class Choosing {
  readonly #underWay = new Map<string, Indexes>();

  constructor(
    readonly wants: Wants,
    readonly peers: ReadonlyMap<DeviceId, AskedPeer>,
    readonly readers: Readers,
  ) {
    for (const peer of peers.values()) this.#take(underWay(peer));
  }

  /** The next request to one peer, of one channel: an answer to all of it fits a frame. `null` where there is none. */
  next(device: DeviceId): Choice | null {
    let channel: ChannelId | null = null;
    let roomBytes: number = GUILD_KEYS.maxFrameBytes - GUILD_KEYS.answerBytes;
    let keys: number = GUILD_KEYS.maxKeys;
    const parts: ChainPart[] = [];
    const asked = new Map<string, Indexes>();
    for (const [name, want] of this.#inOrder(device)) {
      if (channel !== null && want.channel !== channel) continue;
      const room = Math.min(keys, Math.floor((roomBytes - GUILD_KEYS.chainBytes) / GUILD_KEYS.keyBytes));
      if (room < 1 || parts.length === GUILD_KEYS.maxChains) break;
      const indexes = newestOf(this.#open(device, name, want), room, GUILD_KEYS.maxRanges);
      if (indexes === NO_INDEXES) continue;
      channel = want.channel;
      parts.push({ ...want, indexes });
      asked.set(name, indexes);
      const count = countOf(indexes);
      keys -= count;
      roomBytes -= GUILD_KEYS.chainBytes + count * GUILD_KEYS.keyBytes;
    }
    if (channel === null) return null;
    this.#take(asked);
    return { channel, parts, asked };
  }

  #take(parts: Parts): void {
    for (const [name, indexes] of parts) this.#underWay.set(name, partIn(this.#underWay, name) | indexes);
  }

  /** Its own chains first: nobody is nearer to having what it wrote. */
  *#inOrder(device: DeviceId): Generator<readonly [string, ChainPart]> {
    for (const entry of this.wants) if (entry[1].device === device) yield entry;
    for (const entry of this.wants) if (entry[1].device !== device) yield entry;
  }

  #open(device: DeviceId, name: string, want: ChainPart): Indexes {
    // An author that reads the channel no more has its own content all the same.
    const mayBeAsked = want.device === device || this.readers.get(want.channel)?.has(device) === true;
    if (!mayBeAsked) return NO_INDEXES;
    const left = want.indexes & ~partIn(this.#underWay, name) & ~partIn(this.peers.get(device)!.declined, name);
    return left & this.#leftByAuthor(device, name, want);
  }

  /** Where its author's device is here, only what that did not give. */
  #leftByAuthor(device: DeviceId, name: string, want: ChainPart): Indexes {
    const author = this.peers.get(want.device);
    const isOpen = author === undefined || want.device === device || author.phase.t === "paused" ||
      this.readers.get(want.channel)?.has(want.device) !== true;
    return isOpen ? want.indexes : partIn(author.declined, name);
  }
}
