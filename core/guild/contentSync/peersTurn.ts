/** One step of the sync of content, with all peers: what one has under way is not asked of another. SPEC section 24. */
import type { Reason } from "../../errors.ts";
import type { ChannelId, ContentId, DeviceId } from "../../ids.ts";
import type { ContentSyncFrame } from "../../wire/contentSync.ts";
import { ask } from "./asking.ts";
import type { ContentIndex } from "./contentIndex.ts";
import type { Asked, Away } from "./offered.ts";
import type { ContentRead, ContentTook, PeerStep, PeerSync } from "./peer.ts";
import { type Ranges, union } from "./ranges.ts";

/** By the device to which a link stands. */
export type ContentSync = ReadonlyMap<DeviceId, PeerSync>;

export interface ContentSyncStep {
  readonly state: ContentSync;
  readonly send: readonly { readonly to: DeviceId; readonly frame: ContentSyncFrame }[];
  readonly read: readonly ContentRead[];
  readonly took: readonly ContentTook[];
  readonly refused: readonly { readonly peer: DeviceId; readonly reason: Reason }[];
}

/** Steps of several peers, one after another. */
export class PeersTurn {
  private readonly peers: Map<DeviceId, PeerSync>;
  private readonly done: (PeerStep & { readonly peer: DeviceId })[] = [];

  constructor(private readonly index: ContentIndex, before: ContentSync, private readonly nowMs: number) {
    this.peers = new Map(before);
  }

  step(peer: DeviceId, take: (state: PeerSync) => PeerStep): void {
    const before = this.peers.get(peer);
    if (before === undefined) return;
    const step = take(before);
    this.peers.set(peer, step.state);
    this.done.push({ ...step, peer });
  }

  /** [CSYNC4] Whoever is free asks for what is left; the one at hand comes last, so that nobody holds up the others. */
  result(atHand: DeviceId | null = null): ContentSyncStep {
    const unanswered = (peer: DeviceId) => this.peers.get(peer)?.unanswered ?? 0;
    const others = [...this.peers.keys()].filter((peer) => peer !== atHand);
    others.sort((a, b) => unanswered(a) - unanswered(b));
    const away = new Map<ChannelId, UnderWay>();
    for (const peer of atHand === null ? others : [...others, atHand]) {
      this.step(peer, (state) => ask(this.index, peer, state, (channel) => this.awayOf(away, channel), this.nowMs));
      const phase = this.peers.get(peer)?.phase;
      if (phase?.t === "wanting") away.get(phase.asked.channel)?.add(peer, phase.asked);
    }
    return {
      state: this.peers,
      send: this.done.flatMap(({ peer, send }) => send.map((frame) => ({ to: peer, frame }))),
      read: this.done.flatMap(({ read }) => read ?? []),
      took: this.done.flatMap(({ took }) => took ?? []),
      refused: this.done.flatMap(({ peer, refused }) => refused === null ? [] : [{ peer, reason: refused }]),
    };
  }

  /** Gathered once, because with many peers it is much; who asks has nothing under way itself. */
  private awayOf(known: Map<ChannelId, UnderWay>, channel: ChannelId): Away {
    let away = known.get(channel);
    if (away === undefined) {
      known.set(channel, away = new UnderWay());
      for (const [peer, { phase }] of this.peers) {
        if ("asked" in phase && phase.asked.channel === channel) away.add(peer, phase.asked);
      }
    }
    return away;
  }
}

/** What of one channel is under way. */
class UnderWay implements Away {
  readonly ranges = new Map<DeviceId, Ranges>();
  readonly ids = new Set<ContentId>();
  private readonly peers = new Set<DeviceId>();

  add(peer: DeviceId, { wants, ids }: Asked): void {
    if (this.peers.has(peer)) return;
    this.peers.add(peer);
    for (const { device, ranges } of wants) this.ranges.set(device, union(this.ranges.get(device) ?? [], ranges));
    for (const { id } of ids) this.ids.add(id);
  }
}
