/** One step of the sync of content, with all peers: what one has under way is not asked of another. SPEC section 24. */
import type { Reason } from "../../errors.ts";
import type { ChannelId, ContentId, DeviceId } from "../../ids.ts";
import type { ContentSyncFrame } from "../../wire/contentSync.ts";
import { ask } from "./asking.ts";
import type { ContentIndex } from "./contentIndex.ts";
import type { Away } from "./offered.ts";
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
    const others = [...this.peers.keys()].filter((peer) => peer !== atHand);
    const order = [...others.sort((a, b) => this.peers.get(a)!.unanswered - this.peers.get(b)!.unanswered)];
    for (const peer of atHand === null ? order : [...order, atHand]) {
      this.step(peer, (state) => ask(this.index, peer, state, (channel) => this.awayFrom(peer, channel), this.nowMs));
    }
    return {
      state: this.peers,
      send: this.done.flatMap(({ peer, send }) => send.map((frame) => ({ to: peer, frame }))),
      read: this.done.flatMap(({ read }) => read ?? []),
      took: this.done.flatMap(({ took }) => took ?? []),
      refused: this.done.flatMap(({ peer, refused }) => refused === null ? [] : [{ peer, reason: refused }]),
    };
  }

  private awayFrom(peer: DeviceId, channel: ChannelId): Away {
    const ranges = new Map<DeviceId, Ranges>();
    const ids = new Set<ContentId>();
    for (const [other, { phase }] of this.peers) {
      if (other === peer || !("asked" in phase) || phase.asked.channel !== channel) continue;
      for (const want of phase.asked.wants) {
        ranges.set(want.device, union(ranges.get(want.device) ?? [], want.ranges));
      }
      for (const { id } of phase.asked.ids) ids.add(id);
    }
    return { ranges, ids };
  }
}
