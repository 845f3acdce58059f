/** One device's part in one guild, as plain data. SPEC section 26. */
import type { GroupReceiver } from "../../group/receiver.ts";
import type { GroupSender } from "../../group/sender.ts";
import type { ChannelId, DealId, DeviceId } from "../../ids.ts";
import type { LocalDevice } from "../../identity/identity.ts";
import type { OpLog } from "../../log/log.ts";
import type { LogSync } from "../../log/sync.ts";
import type { OpBody } from "../../wire/opBody.ts";
import type { GivenChain } from "../../wire/guildKeys.ts";
import type { Tried } from "../keys/trying.ts";
import type { Unsaid } from "../../wire/guildRecords.ts";
import type { ContentSync } from "../contentSync/peersTurn.ts";
import type { ContentRead } from "../contentSync/peer.ts";
import type { Answering } from "../keys/answering.ts";
import type { Reading } from "../keys/giving.ts";
import type { Deals } from "../join/deals.ts";
import { openProfiles, type Profiles } from "../profiles/profiles.ts";
import type { ProfileSync } from "../profiles/syncState.ts";
import { type EarlyChains, NO_EARLY_CHAINS } from "../keys/earlyChains.ts";
import { type Asking, NOTHING_ASKED } from "../keys/asking.ts";
import { type Looking, NOTHING_LOOKED_AT } from "./looking.ts";
import { type Ruled, ruledBy } from "./ruled.ts";
import { EMPTY_SHELF, type SealedMap, type Shelf } from "./shelf.ts";

export interface LiveGuild {
  readonly device: LocalDevice;
  readonly log: OpLog;
  /** What follows from the log. */
  readonly ruled: Ruled;
  readonly channels: ReadonlyMap<ChannelId, LiveChannel>;
  /** Devices to which a link stands, on which both have proven themselves. */
  readonly peers: ReadonlyMap<DeviceId, Peer>;
  readonly deals: Deals;
  readonly profiles: Profiles;
  readonly looking: Looking;
  readonly contents: ContentSync;
  /** [GKEY5] Chains of devices that no op here makes readers yet. */
  readonly early: EarlyChains;
  /** Keys that envelopes here lack. */
  readonly asking: Asking;
  /** Keys that were given and are to be tried, the earliest first: one of each peer at most. */
  readonly trials: readonly Trial[];
  readonly reads: ReadonlyMap<number, Pending>;
  readonly nextAsk: number;
  /** By number, the earliest first. */
  readonly unsaid: ReadonlyMap<number, Unsaid>;
  /** Ops that a person wants and that wait for the quiet to end. */
  readonly undone: readonly OpBody[];
  /** When peers are told that the log has grown. */
  readonly headsDueAtMs: number | null;
  /** [LIVE4] Until then, or until a peer has told what it has of ours, nothing of ours gets a number. */
  readonly quietUntilMs: number | null;
}

export interface LiveChannel {
  /** Our own chain. */
  readonly sender: GroupSender | null;
  /** Chains of others, by their device. */
  readonly receivers: ReadonlyMap<DeviceId, GroupReceiver>;
  readonly shelf: Shelf;
  readonly sealed: SealedMap;
  /** The largest Lamport time of a text that is here. */
  readonly lamport: number;
}

/** What the store is being read for. */
export type Pending =
  | { readonly t: "contents"; readonly read: ContentRead }
  /** A second message of a chain under a number that is here: [GKEY6] one key opens both. */
  | { readonly t: "again"; readonly channel: ChannelId; readonly device: DeviceId; readonly envelope: Uint8Array }
  | { readonly t: "keys"; readonly device: DeviceId; readonly reading: Reading; readonly keys: readonly string[] };

/** Keys that a peer gave, as far as they were tried. */
export interface Trial {
  readonly from: DeviceId;
  readonly channel: ChannelId;
  readonly left: readonly GivenChain[];
  readonly tried: readonly Tried[];
}

export interface Peer {
  /** The other has proven to know what only somebody invited now, or a member, can know. */
  readonly isInvited: boolean;
  readonly log: LogSync;
  /** What it is given that asks for keys. */
  readonly answering: Answering;
  readonly profiles: ProfileSync;
  /** When it was told last which deals are here. */
  readonly saidDealsAtMs: number | null;
  /** Deals that it was told over the session, and when. */
  readonly toldDeals: ReadonlyMap<DealId, number>;
}

export const EMPTY_CHANNEL: LiveChannel = {
  sender: null,
  receivers: new Map(),
  shelf: EMPTY_SHELF,
  sealed: new Map(),
  lamport: 0,
};

/** A guild with nothing but its log. */
export function withLog(device: LocalDevice, log: OpLog, deals: Deals, quietUntilMs: number | null): LiveGuild {
  return {
    device,
    log,
    ruled: ruledBy(null, log),
    channels: new Map(),
    peers: new Map(),
    deals,
    profiles: openProfiles(log.guild),
    looking: NOTHING_LOOKED_AT,
    contents: new Map(),
    early: NO_EARLY_CHAINS,
    asking: NOTHING_ASKED,
    trials: [],
    reads: new Map(),
    nextAsk: 1,
    unsaid: new Map(),
    undone: [],
    headsDueAtMs: null,
    quietUntilMs,
  };
}
