/** Members with any parts of several chains, and links between them on which frames travel as bytes. */
import type { Reason } from "../../core/errors.ts";
import type { DeviceId } from "../../core/ids.ts";
import {
  closeContentPeer,
  contentRead,
  contentSyncDueAtMs,
  contentSyncStep,
  contentSyncTick,
  NO_CONTENT_PEERS,
  openContentPeer,
  pushContent,
  tellContent,
  tookContent,
} from "../../core/guild/contentSync/contentSync.ts";
import type { ContentRead, ContentTook } from "../../core/guild/contentSync/peer.ts";
import type { ContentSync, ContentSyncStep } from "../../core/guild/contentSync/peersTurn.ts";
import { contentSyncCodec, type ContentSyncFrame } from "../../core/wire/contentSync.ts";
import { type ContentShelf, envelopeName, type Piece } from "./contentShelf.ts";
import { must } from "./world.ts";

type Event =
  | { readonly t: "frame"; readonly from: number; readonly to: number; readonly bytes: Uint8Array }
  | { readonly t: "read"; readonly at: number; readonly read: ContentRead };

export interface ContentMember {
  readonly device: DeviceId;
  readonly shelf: ContentShelf;
}

export interface Hostile {
  readonly at: number;
  answer(frame: ContentSyncFrame): readonly ContentSyncFrame[];
}

export class ContentNet {
  nowMs = 1_000;
  frames = 0;
  sizeBytes = 0;
  /** Envelopes that came and were here already. */
  repeated = 0;
  readonly refused: { readonly at: number; readonly peer: DeviceId; readonly reason: Reason }[] = [];
  /** When something new came to anybody last. */
  gainedAtMs = 0;
  /** Frames by what they are. */
  readonly counts = new Map<string, number>();
  queue: Event[] = [];
  readonly states: ContentSync[];

  /** `world` is all content that there is, by what stands in its envelope; `hostile` answers in the place of one member. */
  constructor(
    readonly members: readonly ContentMember[],
    private readonly world: ReadonlyMap<string, Piece>,
    private readonly hostile: Hostile | null = null,
  ) {
    this.states = members.map(() => NO_CONTENT_PEERS);
  }

  /** New links, as after a cut: nothing of what was under way is left. */
  open(pairs: readonly (readonly [number, number])[] = this.allPairs()): void {
    this.queue = [];
    for (const at of this.members.keys()) this.states[at] = NO_CONTENT_PEERS;
    for (const [a, b] of pairs) {
      this.link(a, b);
      this.link(b, a);
    }
  }

  cut(at: number, other: number): void {
    for (const [a, b] of [[at, other], [other, at]] as const) {
      this.queue = this.queue.filter((event) => event.t !== "frame" || event.from !== a || event.to !== b);
      const { shelf } = this.members[a]!;
      this.done(a, closeContentPeer(this.states[a]!, shelf, this.members[b]!.device, this.nowMs));
    }
  }

  /** A member writes: it is here at once, and pushed. */
  write(at: number, piece: Piece): void {
    const { device, shelf } = this.members[at]!;
    shelf.add(piece);
    this.done(at, pushContent(this.states[at]!, shelf, device, piece, this.nowMs));
  }

  /** `fate` says how often the frame that was picked arrives. */
  deliver(pick: (count: number) => number = () => 0, fate: () => number = () => 1): void {
    const [event] = this.queue.splice(pick(this.queue.length), 1);
    if (event!.t === "read") return this.readDone(event!.at, event!.read);
    for (let times = fate(); times > 0; times--) this.arrive(event!);
  }

  /** Until nothing is on its way and nothing is due; `false` where that takes more frames. */
  settle(maxFrames: number): boolean {
    const start = this.frames;
    for (;;) {
      while (this.queue.length > 0) {
        this.deliver();
        if (this.frames - start > maxFrames) return false;
      }
      const due = this.states.map(contentSyncDueAtMs).filter((atMs) => atMs !== null);
      if (due.length === 0) return true;
      this.nowMs = Math.max(this.nowMs, Math.min(...due));
      this.tick();
    }
  }

  tick(): void {
    for (const [at, { shelf }] of this.members.entries()) {
      this.done(at, contentSyncTick(this.states[at]!, shelf, this.nowMs));
    }
  }

  send(from: number, to: number, frame: ContentSyncFrame): void {
    const bytes = contentSyncCodec.encode(frame);
    must(contentSyncCodec.decode(bytes));
    this.queue.push({ t: "frame", from, to, bytes });
    this.frames++;
    this.sizeBytes += bytes.length;
    this.counts.set(frame.t, (this.counts.get(frame.t) ?? 0) + 1);
  }

  private allPairs(): readonly (readonly [number, number])[] {
    return [...this.members.keys()].flatMap((a) => [...this.members.keys()].slice(a + 1).map((b) => [a, b] as const));
  }

  private link(at: number, other: number): void {
    if (at === this.hostile?.at) return;
    const { device } = this.members[other]!;
    this.done(at, openContentPeer(this.states[at]!, this.members[at]!.shelf, device, this.nowMs));
  }

  private arrive({ from, to, bytes }: Extract<Event, { t: "frame" }>): void {
    const frame = must(contentSyncCodec.decode(bytes));
    if (to === this.hostile?.at) {
      for (const answer of this.hostile.answer(frame)) this.send(to, from, answer);
      return;
    }
    const { device } = this.members[from]!;
    this.done(to, contentSyncStep(this.states[to]!, this.members[to]!.shelf, device, frame, this.nowMs));
  }

  private readDone(at: number, read: ContentRead): void {
    const { shelf } = this.members[at]!;
    this.done(at, contentRead(this.states[at]!, shelf, read, shelf.read(read.keys), this.nowMs));
  }

  private done(at: number, step: ContentSyncStep): void {
    this.states[at] = step.state;
    for (const { peer, reason } of step.refused) this.refused.push({ at, peer, reason });
    for (const { to, frame } of step.send) this.send(at, this.members.findIndex(({ device }) => device === to), frame);
    for (const read of step.read) this.queue.push({ t: "read", at, read });
    for (const took of step.took) this.took(at, took);
  }

  private took(at: number, took: ContentTook): void {
    const { shelf } = this.members[at]!;
    let gainedBytes = 0;
    const grown: Piece[] = [];
    for (const { device, envelope } of took.items) {
      const piece = this.world.get(envelopeName(envelope));
      if (piece === undefined || piece.device !== device || piece.channel !== took.channel) continue;
      if (!shelf.add(piece)) {
        this.repeated++;
        continue;
      }
      gainedBytes += envelope.length;
      grown.push(piece);
      this.gainedAtMs = this.nowMs;
    }
    this.states[at] = tellContent(this.states[at]!, grown, took.peer, this.nowMs);
    this.done(at, tookContent(this.states[at]!, shelf, took, gainedBytes, this.nowMs));
  }
}
