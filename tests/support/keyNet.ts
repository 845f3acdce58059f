/**
 * Members' devices that write in channels and give each other keys. Envelopes are there for everybody, whether they may
 * have them or not; each device knows as much of the log as it is told.
 */
import { contentIdOf } from "../../core/guild/contentChain.ts";
import { Hindsight } from "../../core/guild/hindsight.ts";
import {
  type Answering,
  answerTick,
  answerWant,
  gained,
  openAnswering,
  takeWant,
} from "../../core/guild/keys/answering.ts";
import {
  type Asking,
  askPeers,
  type AskStep,
  askTick,
  hearPeer,
  losePeer,
  meetPeer,
  NOTHING_ASKED,
  triedKeys,
  unwantKeys,
  wantKeys,
} from "../../core/guild/keys/asking.ts";
import { holdChain, NO_EARLY_CHAINS, releaseChains } from "../../core/guild/keys/earlyChains.ts";
import { standingOfChain } from "../../core/guild/keys/granting.ts";
import { followReaders, NO_READERS, type Readers } from "../../core/guild/keys/readers.ts";
import { tryKeys } from "../../core/guild/keys/trying.ts";
import { resolve } from "../../core/guild/resolve.ts";
import { stateOf } from "../../core/guild/state.ts";
import { acceptDistribution } from "../../core/group/accepting.ts";
import { createReceiver, type GroupReceiver, openGroup, peekMessage } from "../../core/group/receiver.ts";
import { type GroupSender, handAgain, type Handover, handOver, sealGroup } from "../../core/group/sender.ts";
import { chainId, type ChannelId, type ContentId, type DeviceId } from "../../core/ids.ts";
import type { LocalDevice } from "../../core/identity/identity.ts";
import type { LoggedOp } from "../../core/log/log.ts";
import type { Reason } from "../../core/errors.ts";
import { indexBit } from "../../core/wire/chainIndexes.ts";
import { distributionCodec } from "../../core/wire/distribution.ts";
import { encodeGuildContent, type GuildContent } from "../../core/wire/guildContent.ts";
import { guildKeysCodec, type GuildKeysFrame, type KeysAnswer, type KeysWant } from "../../core/wire/guildKeys.ts";
import { type GuildStage, standsFor } from "./guild.ts";
import { said } from "./guildContent.ts";
import { envOf, must, party, START_MS } from "./world.ts";

/** What somebody wrote, as it lies about. */
export interface Posted {
  readonly id: ContentId;
  readonly channel: ChannelId;
  readonly device: DeviceId;
  readonly envelope: Uint8Array;
  readonly content: GuildContent;
}

interface Kept extends Posted {
  readonly key: Uint8Array;
  readonly signer: Uint8Array;
  readonly ownership: Uint8Array;
}

export const placeOf = ({ channel, device, envelope }: Posted) => {
  const { chain, index } = must(peekMessage(envelope));
  return { channel, device, chain: must(chainId(chain)), index };
};

const partOf = (posted: Posted) => {
  const { index, ...place } = placeOf(posted);
  return { ...place, indexes: indexBit(index) };
};

export const chainIdOf = (posted: Posted) => {
  const { device, chain } = placeOf(posted);
  return { device, chain };
};

export class KeyMember {
  readonly ops = new Set<LoggedOp>();
  readonly kept = new Map<ContentId, Kept>();
  readonly waiting = new Map<ContentId, Posted>();
  readonly senders = new Map<ChannelId, GroupSender>();
  readonly receivers = new Map<string, GroupReceiver>();
  readonly peers = new Map<DeviceId, Answering>();
  readonly refused: Reason[] = [];
  asking: Asking = NOTHING_ASKED;
  hindsight!: Hindsight;
  readers: Readers = NO_READERS;
  private readonly own = new Map<ChannelId, readonly ContentId[]>();
  private early = NO_EARLY_CHAINS;

  /** `lie` changes what it answers. */
  constructor(
    readonly net: KeyNet,
    readonly name: string,
    readonly device: LocalDevice,
    readonly lie: (answer: KeysAnswer) => KeysAnswer = (answer) => answer,
  ) {}

  get id(): DeviceId {
    return this.device.id;
  }

  heads(): readonly LoggedOp[] {
    const followed = new Set([...this.ops].flatMap(({ op: { previous, parents } }) => [previous, ...parents]));
    return [...this.ops].filter(({ id }) => !followed.has(id));
  }

  learn(some: readonly LoggedOp[]): void {
    for (const op of this.net.stage.past(some)) this.ops.add(op);
    const rulings = resolve([...this.ops]);
    const state = stateOf(rulings);
    this.hindsight = new Hindsight(rulings, state);
    this.readers = followReaders(this.readers, state);
    const { early, taken } = releaseChains(this.early, this.hindsight);
    this.early = early;
    for (const { device, channel, distribution } of taken) this.takeChain(device, channel, distribution);
    for (const [peer, answering] of this.peers) this.peers.set(peer, gained(answering, this.readers.keys()));
    for (const [channel, sender] of this.senders) {
      const entitled = this.readers.get(channel);
      const handed = entitled?.has(this.id) ? handOver(sender, entitled, this.net.nowMs) : null;
      if (handed === null) continue;
      this.senders.set(channel, handed.state);
      this.hand(channel, handed.handover);
    }
  }

  say(channel: ChannelId): Posted | null {
    const entitled = this.readers.get(channel);
    if (!entitled?.has(this.id)) return null;
    const own = this.own.get(channel) ?? [];
    const saying = said(this.name, channel, this.heads(), { seq: own.length + 1 });
    const content = { ...saying, device: this.id, previous: own.at(-1) ?? null };
    const bytes = encodeGuildContent(content);
    const sealed = sealGroup(this.senders.get(channel) ?? null, channel, this.device, entitled, [bytes], this.net.env);
    const [envelope, key] = [sealed.envelopes[0]!, sealed.messageKeys[0]!];
    const { signer, ownership } = sealed.state;
    this.senders.set(channel, sealed.state);
    if (sealed.handover !== null) this.hand(channel, sealed.handover);
    const posted = { id: contentIdOf(bytes), channel, device: this.id, envelope, content };
    this.own.set(channel, [...own, posted.id]);
    this.kept.set(posted.id, { ...posted, key, signer: signer.publicKey, ownership });
    this.net.posted.push(posted);
    return posted;
  }

  /** The envelope comes, from wherever. */
  find(posted: Posted): void {
    if (this.kept.has(posted.id) || this.waiting.has(posted.id)) return;
    const receiver = this.receivers.get(`${posted.channel} ${posted.device}`);
    const opened = receiver === undefined ? null : openGroup(receiver, posted.envelope);
    if (opened?.ok) {
      this.receivers.set(`${posted.channel} ${posted.device}`, opened.value.receiver);
      const { chain } = must(peekMessage(posted.envelope));
      const { signer, ownership } = receiver!.chains.find(({ id }) => id.join() === chain.join())!;
      this.keep(posted, { key: opened.value.messageKey, signer, ownership });
      this.net.openedByChain(this, posted);
      return;
    }
    this.waiting.set(posted.id, posted);
    this.asking = wantKeys(this.asking, [partOf(posted)]);
  }

  meet(other: DeviceId): void {
    this.asking = meetPeer(this.asking, other, this.net.nowMs);
    this.peers.set(other, openAnswering(this.net.nowMs));
  }

  lose(other: DeviceId): void {
    this.asking = losePeer(this.asking, other);
    this.peers.delete(other);
  }

  ask(): void {
    this.did(askPeers(this.asking, this.readers, this.net.nowMs));
  }

  tick(): void {
    this.did(askTick(this.asking, this.net.nowMs));
    this.ask();
    for (const [peer, answering] of this.peers) {
      const step = answerTick(answering, this.net.nowMs);
      this.peers.set(peer, step.answering);
      if (step.send !== null) this.net.tell(this.id, peer, step.send);
    }
  }

  hear(from: DeviceId, frame: GuildKeysFrame): void {
    if (frame.t === "chain") return this.chainCame(from, frame);
    if (frame.t === "want") return this.answer(from, frame);
    const step = hearPeer(this.asking, from, frame, this.net.nowMs);
    this.did(step);
    if (step.trial !== null) {
      const { channel, chains } = step.trial;
      const tried = chains.map((given) => {
        const wanted = new Set(given.keys.map(({ index }) => index));
        const here = [...this.waiting.values()].filter((posted) => {
          const place = placeOf(posted);
          return place.chain === given.chain && posted.device === given.device && wanted.has(place.index);
        });
        const { tried, results } = tryKeys(channel, given, here.map(({ envelope }) => envelope));
        results.forEach((result, at) => {
          if (!result.ok) return;
          this.keep(here[at]!, { key: result.value.messageKey, signer: given.signer, ownership: given.ownership });
        });
        return tried;
      });
      this.did(triedKeys(this.asking, from, tried, this.net.nowMs));
    }
    this.ask();
  }

  private answer(from: DeviceId, want: KeysWant): void {
    const answering = this.peers.get(from) ?? openAnswering(this.net.nowMs);
    const sender = this.senders.get(want.channel);
    const own = sender === undefined ? null : { device: this.id, chain: must(chainId(sender.id)) };
    const step = takeWant(answering, this.hindsight, from, want, own, this.net.nowMs);
    const entitled = this.readers.get(want.channel);
    if (step.handsAgain && entitled !== undefined) {
      const handover = handAgain(sender!, entitled, from);
      if (handover !== null) this.hand(want.channel, handover);
    }
    const done = step.read === null ? step : answerWant(
      step.answering,
      this.hindsight,
      from,
      step.read.chains.flatMap(({ device, chain }) => {
        const contents = [...this.kept.values()].filter((one) => placeOf(one).chain === chain && one.device === device);
        const [first] = contents;
        if (first === undefined) return [];
        const { signer, ownership } = first;
        const keys = contents.map((one) => ({ index: placeOf(one).index, key: one.key, heads: one.content.heads }));
        return [{ device, chain, signer, ownership, contents: keys }];
      }),
      this.net.nowMs,
    );
    this.peers.set(from, done.answering);
    if (done.send !== null) this.net.tell(this.id, from, done.send.t === "keys" ? this.lie(done.send) : done.send);
  }

  private keep(posted: Posted, how: Pick<Kept, "key" | "signer" | "ownership">): void {
    this.kept.set(posted.id, { ...posted, ...how });
    this.waiting.delete(posted.id);
    this.asking = unwantKeys(this.asking, [partOf(posted)]);
    for (const [peer, answering] of this.peers) this.peers.set(peer, gained(answering, [posted.channel]));
  }

  private chainCame(from: DeviceId, { heads, distribution }: Extract<GuildKeysFrame, { t: "chain" }>): void {
    const { channel } = must(distributionCodec.decode(distribution));
    const standing = standingOfChain(this.hindsight, from, { channel, heads });
    if (standing === "waits") this.early = holdChain(this.early, { device: from, channel, heads, distribution });
    if (standing === "taken") this.takeChain(from, channel, distribution);
  }

  private takeChain(from: DeviceId, channel: ChannelId, distribution: Uint8Array): void {
    const known = this.receivers.get(`${channel} ${from}`) ?? createReceiver(channel, from);
    const accepted = acceptDistribution(known, distribution);
    if (!accepted.ok) return void this.refused.push(accepted.reason);
    this.receivers.set(`${channel} ${from}`, accepted.value);
    const waiting = [...this.waiting.values()].filter((one) => one.device === from && one.channel === channel);
    for (const posted of waiting) {
      this.waiting.delete(posted.id);
      this.find(posted);
    }
  }

  private hand(channel: ChannelId, { devices, message }: Handover): void {
    const heads = this.heads().map(({ id }) => id);
    const next = (this.own.get(channel)?.length ?? 0) + 1;
    for (const device of devices) this.net.tell(this.id, device, { t: "chain", heads, next, distribution: message });
  }

  private did({ asking, send, refused }: AskStep): void {
    this.asking = asking;
    if (refused !== null) this.refused.push(refused);
    for (const { to, frame } of send) this.net.tell(this.id, to, frame);
  }
}

interface Told {
  readonly from: DeviceId;
  readonly to: DeviceId;
  readonly bytes: Uint8Array;
}

export class KeyNet {
  nowMs = START_MS;
  readonly env = envOf(5);
  readonly posted: Posted[] = [];
  readonly members = new Map<string, KeyMember>();
  frames = 0;
  /** For those who watch. */
  openedByChain: (member: KeyMember, posted: Posted) => void = () => {};
  private queue: Told[] = [];

  constructor(readonly stage: GuildStage) {}

  /** The device of that name in the guild; it knows nothing yet. */
  add(name: string, lie?: (answer: KeysAnswer) => KeysAnswer): KeyMember {
    const member = new KeyMember(this, name, deviceFor(name), lie);
    this.members.set(name, member);
    return member;
  }

  get(name: string): KeyMember {
    return this.members.get(name)!;
  }

  link(a: KeyMember, b: KeyMember): void {
    a.meet(b.id);
    b.meet(a.id);
  }

  linkAll(): void {
    const all = [...this.members.values()];
    for (const [at, one] of all.entries()) for (const other of all.slice(at + 1)) this.link(one, other);
  }

  cut(): void {
    this.queue = [];
    const all = [...this.members.values()];
    for (const one of all) for (const other of all) if (one !== other) one.lose(other.id);
  }

  tell(from: DeviceId, to: DeviceId, frame: GuildKeysFrame): void {
    const bytes = guildKeysCodec.encode(frame);
    must(guildKeysCodec.decode(bytes));
    this.queue.push({ from, to, bytes });
    this.frames++;
  }

  /** What is on its way is lost. */
  drop(): void {
    this.queue = [];
  }

  deliver(): void {
    for (let told = this.queue.shift(); told !== undefined; told = this.queue.shift()) {
      const { from, to, bytes } = told;
      const member = [...this.members.values()].find(({ id }) => id === to);
      member?.hear(from, must(guildKeysCodec.decode(bytes)));
    }
  }

  /** Everything that lies about is found, and time passes. */
  settle(rounds = 12): void {
    for (const member of this.members.values()) {
      for (const posted of this.posted) member.find(posted);
      member.ask();
    }
    for (let round = 0; round < rounds; round++) {
      this.deliver();
      this.nowMs += 7_000;
      for (const member of this.members.values()) member.tick();
    }
  }
}

const seeds = new Map<string, number>();

/** Before the guild is made: names get devices that have keys. */
export function deviceFor(name: string): LocalDevice {
  const seed = seeds.get(name) ?? 100 + seeds.size;
  seeds.set(name, seed);
  const { device } = party(seed);
  standsFor(name, device.id);
  return device;
}
