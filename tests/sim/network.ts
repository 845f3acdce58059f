/**
 * The network of a world: a rendezvous that knows who registered under which topic, and links between peers that delay,
 * lose, repeat, reorder, corrupt and break. A frame is never delivered to a peer that has gone.
 */
import type { TopicInterest } from "../../core/node/index.ts";
import { type LinkId, linkId, type PeerId, type Topic } from "../../core/ids.ts";
import type { LinkRoute, NodeEvent } from "../../core/node/index.ts";
import { CALM, type Faults } from "./faults.ts";
import type { Random } from "./random.ts";
import type { Schedule } from "./schedule.ts";

/** One running client as the network sees it. */
export interface Station {
  readonly peer: PeerId;
  /** Stations of one person's device share it; partitions go by it. */
  readonly place: number;
  receive(event: NodeEvent): void;
}

interface SimLink {
  readonly id: LinkId;
  readonly ends: readonly [Station, Station];
  readonly route: LinkRoute;
  /** Frames arrive in order unless a fault says otherwise: when the last one of each direction arrives. */
  readonly lastMs: [number, number];
}

export class Network {
  faults: Faults = CALM;
  rendezvousUp = true;
  /** Pairs of places ("0-2") that cannot reach each other. */
  readonly split = new Set<string>();
  framesCarried = 0;
  #stations = new Map<PeerId, Station>();
  #interests = new Map<PeerId, readonly TopicInterest[]>();
  #allowed = new Map<PeerId, ReadonlySet<PeerId>>();
  #links = new Map<LinkId, SimLink>();
  #linkCount = 0;

  constructor(readonly schedule: Schedule, readonly random: Random) {}

  join(station: Station): void {
    this.#stations.set(station.peer, station);
    station.receive({ type: "TransportReady", peer: station.peer });
    station.receive({ type: "RendezvousChanged", state: this.rendezvousUp ? "online" : "offline" });
  }

  /** The station is gone without a word, as after a crash: others notice later. */
  leave(peer: PeerId): void {
    this.#stations.delete(peer);
    this.#interests.delete(peer);
    this.#allowed.delete(peer);
    for (const link of this.#links.values()) if (link.ends.some((end) => end.peer === peer)) this.breakLink(link.id);
  }

  setRendezvous(up: boolean): void {
    this.rendezvousUp = up;
    for (const station of this.#stations.values()) {
      station.receive({ type: "RendezvousChanged", state: up ? "online" : "offline" });
    }
    if (up) { for (const peer of this.#interests.keys()) this.#announce(peer); }
    else for (const link of this.#links.values()) if (link.route === "relayed") this.breakLink(link.id);
  }

  splitPlaces(a: number, b: number): void {
    this.split.add(pair(a, b));
    for (const { id, ends } of this.#links.values()) {
      if (pair(ends[0].place, ends[1].place) === pair(a, b)) this.breakLink(id);
    }
  }

  setTopics(peer: PeerId, topics: readonly TopicInterest[]): void {
    this.#interests.set(peer, topics);
    if (this.rendezvousUp) this.#announce(peer);
  }

  /** Who discovers what: both ways, a little later. Repeated by polls, which is how a lost notice heals. */
  #announce(peer: PeerId): void {
    for (const mine of this.#interests.get(peer) ?? []) {
      for (const [other, theirs] of this.#interests) {
        const match = other === peer ? undefined : theirs.find(({ topic }) => topic === mine.topic);
        if (match === undefined) continue;
        if (mine.discover && match.register) this.#tell(peer, mine.topic, other);
        if (match.discover && mine.register) this.#tell(other, mine.topic, peer);
      }
    }
  }

  #tell(to: PeerId, topic: Topic, found: PeerId): void {
    this.#later(() => this.#stations.get(to)?.receive({ type: "PeerFound", topic, peer: found }));
  }

  /** What clients do by themselves every so often. */
  poll(): void {
    if (this.rendezvousUp) { for (const peer of this.#interests.keys()) this.#announce(peer); }
  }

  allowDirect(peer: PeerId, peers: readonly PeerId[]): void {
    this.#allowed.set(peer, new Set(peers));
  }

  isAllowed(by: PeerId, peer: PeerId): boolean {
    return this.#allowed.get(by)?.has(peer) === true;
  }

  open(from: Station, to: PeerId, route: LinkRoute): void {
    this.#later(() => {
      const target = this.#stations.get(to);
      const reachable = target !== undefined && this.#stations.get(from.peer) === from &&
        !this.split.has(pair(from.place, target.place)) && this.rendezvousUp &&
        (route === "relayed" || this.isAllowed(to, from.peer)) && !this.random.chance(this.faults.dialFails);
      if (!reachable) return from.receive({ type: "LinkFailed", peer: to, route });
      const id = linkId(`link-${this.#linkCount++}`);
      this.#links.set(id, { id, ends: [from, target], route, lastMs: [0, 0] });
      from.receive({ type: "LinkOpened", link: id, peer: to, role: "initiator", route });
      target.receive({ type: "LinkOpened", link: id, peer: from.peer, role: "responder", route });
    });
  }

  send(from: PeerId, id: LinkId, frame: Uint8Array): void {
    const link = this.#links.get(id);
    const side = link?.ends[0].peer === from ? 0 : 1;
    if (link === undefined || link.ends[side].peer !== from) return;
    this.framesCarried++;
    const { loseFrame, repeatFrame, reorderFrame, corruptFrame, dropLink, delayMs } = this.faults;
    if (this.random.chance(dropLink)) return this.breakLink(id);
    if (this.random.chance(loseFrame)) return;
    const bytes = this.random.chance(corruptFrame) ? flipBit(frame, this.random) : frame;
    const deliver = () => {
      if (this.#links.has(id)) link.ends[1 - side]!.receive({ type: "FrameReceived", link: id, frame: bytes });
    };
    const arrivesMs = this.schedule.nowMs + this.random.between(...delayMs);
    const inOrderMs = this.random.chance(reorderFrame) ? arrivesMs : Math.max(arrivesMs, link.lastMs[side]);
    link.lastMs[side] = Math.max(inOrderMs, link.lastMs[side]);
    this.schedule.after(inOrderMs - this.schedule.nowMs, deliver);
    if (this.random.chance(repeatFrame)) this.schedule.after(inOrderMs - this.schedule.nowMs + 1, deliver);
  }

  /** What was sent before still arrives, if no fault takes it. */
  close(from: PeerId, id: LinkId): void {
    const link = this.#links.get(id);
    const side = link?.ends[0].peer === from ? 0 : 1;
    if (link !== undefined) this.schedule.after(link.lastMs[side] - this.schedule.nowMs, () => this.breakLink(id));
  }

  breakLink(id: LinkId): void {
    const link = this.#links.get(id);
    if (link === undefined || !this.#links.delete(id)) return;
    for (const end of link.ends) this.#later(() => end.receive({ type: "LinkClosed", link: id }));
  }

  #later(run: () => void): void {
    this.schedule.after(this.random.between(...this.faults.delayMs), run);
  }
}

const pair = (a: number, b: number): string => (a < b ? `${a}-${b}` : `${b}-${a}`);

function flipBit(frame: Uint8Array, random: Random): Uint8Array {
  const copy = frame.slice();
  const at = random.below(copy.length);
  copy[at] = copy[at]! ^ (1 << random.below(8));
  return copy;
}
