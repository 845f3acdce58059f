/** What the sync of content asks about what is here. It keeps none of it itself. SPEC section 24. */
import type { ChannelId, ContentId, DeviceId } from "../../ids.ts";
import type { SeqRange } from "../../wire/contentSync.ts";
import type { Held, Named } from "./held.ts";
import type { Ranges } from "./ranges.ts";

/** Numbers of one device's content. */
export interface DeviceRanges {
  readonly device: DeviceId;
  readonly ranges: readonly SeqRange[];
}

export interface DeviceContentId {
  readonly device: DeviceId;
  readonly seq: number;
  readonly id: ContentId;
}

/** Content in the store, under whatever key it has there. */
export interface Found {
  readonly key: string;
  readonly device: DeviceId;
  readonly seq: number;
  /** Of the envelope. */
  readonly sizeBytes: number;
}

export interface ContentIndex {
  /** Those that we and the peer's device both read, by our log: what is wanted first comes first. */
  channels(peer: DeviceId): readonly ChannelId[];
  /**
   * Of what is here and open, all that the peer's device may have; chains that grew lately first. The same array for
   * as long as nothing of it changes: digests are kept by it.
   */
  offers(peer: DeviceId, channel: ChannelId): readonly Held[];
  /** Numbers that are not to be had again: here, or deleted. An envelope without a key counts under the number it came as. */
  here(channel: ChannelId, device: DeviceId): Ranges;
  /** What links name and is not here, of all that is here and open. */
  awaited(channel: ChannelId, device: DeviceId): readonly Named[];
  /** Whether it is not here, is not known to be a surplus ([CNT10]), and what is here of its number is open and something else. */
  lacks(channel: ChannelId, device: DeviceId, named: Named): boolean;
  /** Which of these are here, open, and may be given to the peer's device: the newest first. Both under one number. */
  find(
    peer: DeviceId,
    channel: ChannelId,
    wants: readonly DeviceRanges[],
    ids: readonly DeviceContentId[],
  ): readonly Found[];
}
