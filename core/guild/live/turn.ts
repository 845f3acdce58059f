/**
 * One step in the making: the state so far, what is to be durable, and the effects. Whatever has a record is changed by
 * a method that writes the record too, so that no handler can forget one.
 */
import type { Reason } from "../../errors.ts";
import type { GroupReceiver } from "../../group/receiver.ts";
import { encodeReceiver } from "../../group/receiver.ts";
import { encodeHolders, encodeSender, type GroupSender } from "../../group/sender.ts";
import type { ChannelId, ContentId, DeviceId } from "../../ids.ts";
import type { Env, RecordWrite } from "../../ports.ts";
import { type GuildFrame, guildFrameCodec } from "../../wire/guildFrame.ts";
import { type GuildTold, guildToldCodec } from "../../wire/guildTold.ts";
import { type ContentRecord, contentRecord, type Unsaid, unsaidRecord } from "../../wire/guildRecords.ts";
import type { LastSeen } from "../contentChain.ts";
import type { Grown } from "../contentSync/telling.ts";
import type { LiveEffect } from "./effect.ts";
import { type GuildKeys, guildKeys } from "./keys.ts";
import { confirmed, type DeviceShelf, emptyDeviceShelf, type Kept, type SealedMap } from "./shelf.ts";
import { EMPTY_CHANNEL, type LiveChannel, type LiveGuild, type Peer, type Pending } from "./state.ts";

const CONFIRMED = Uint8Array.of(1);

export class GuildTurn {
  readonly effects: LiveEffect[] = [];
  readonly writes: RecordWrite[] = [];
  readonly keys: GuildKeys;
  /** Content that others may want now, by whom it came from; `null` where it was here before. */
  readonly grown = new Map<DeviceId | null, Grown[]>();
  /** Channels in which a number that seemed to be here is missing: they are compared with all peers anew. */
  readonly missed = new Set<ChannelId>();
  refusal: Reason | null = null;

  constructor(public state: LiveGuild, readonly env: Env) {
    this.keys = guildKeys(state.log.guild);
  }

  get nowMs(): number {
    return this.env.nowMs;
  }

  refuse(reason: Reason | null): void {
    if (reason !== null) this.refusal = reason;
  }

  set(change: Partial<LiveGuild>): void {
    this.state = { ...this.state, ...change };
  }

  write(key: string, value: Uint8Array | null): void {
    this.writes.push({ key, value });
  }

  send(device: DeviceId, frame: GuildFrame): void {
    this.effects.push({ type: "SendFrame", device, frame: guildFrameCodec.encode(frame) });
  }

  /** Answered by `ContentsRead`. */
  read(what: Pending, keys: readonly string[]): void {
    const ask = this.state.nextAsk;
    this.set({ nextAsk: ask + 1, reads: new Map(this.state.reads).set(ask, what) });
    this.effects.push({ type: "ReadContents", ask, keys });
  }

  grew(channel: ChannelId, device: DeviceId, seqs: readonly number[], from: DeviceId | null): void {
    if (seqs.length === 0) return;
    const before = this.grown.get(from) ?? [];
    this.grown.set(from, [...before, ...seqs.map((seq) => ({ channel, device, seq }))]);
  }

  /** [CNT8] What removals list of this device's content. */
  listsOf(channel: ChannelId, device: DeviceId): readonly LastSeen[] {
    const { owners, guild } = this.state.ruled;
    const owner = owners.get(device);
    const seen = owner === undefined ? [] : guild.seen.get(owner) ?? [];
    return seen.filter((last) => last.channel === channel && last.device === device);
  }

  tell(devices: readonly DeviceId[], told: GuildTold): void {
    if (devices.length > 0) this.effects.push({ type: "Tell", devices, message: guildToldCodec.encode(told) });
  }

  channel(id: ChannelId): LiveChannel {
    return this.state.channels.get(id) ?? EMPTY_CHANNEL;
  }

  shelf(channel: ChannelId, device: DeviceId): DeviceShelf {
    return this.channel(channel).shelf.get(device) ?? emptyDeviceShelf(device);
  }

  setPeer(device: DeviceId, peer: Peer | null): void {
    const peers = new Map(this.state.peers);
    if (peer === null) peers.delete(device);
    else peers.set(device, peer);
    this.set({ peers });
  }

  /** The next message begins a fresh chain that does not say how many messages the one before had. */
  dropSender(channel: ChannelId): void {
    if (this.channel(channel).sender === null) return;
    this.write(this.keys.sender(channel), null);
    this.write(this.keys.holdersOf(channel), null);
    this.setChannel(channel, { sender: null });
  }

  setSender(channel: ChannelId, sender: GroupSender): void {
    if (this.channel(channel).sender?.holders !== sender.holders || this.channel(channel).sender?.id !== sender.id) {
      this.write(this.keys.holdersOf(channel), encodeHolders(sender));
    }
    this.write(this.keys.sender(channel), encodeSender(sender));
    this.setChannel(channel, { sender });
  }

  setReceiver(receiver: GroupReceiver): void {
    const { channel, sender } = receiver;
    this.write(this.keys.receiver(channel, sender), encodeReceiver(receiver));
    this.setChannel(channel, { receivers: new Map(this.channel(channel).receivers).set(sender, receiver) });
  }

  /** Who has grown last comes last. */
  setShelf(channel: ChannelId, device: DeviceId, shelf: DeviceShelf): void {
    const all = new Map(this.channel(channel).shelf);
    if (all.get(device)?.kept.size !== shelf.kept.size) all.delete(device);
    this.setChannel(channel, { shelf: all.set(device, shelf) });
  }

  setSealed(channel: ChannelId, sealed: SealedMap): void {
    this.setChannel(channel, { sealed });
  }

  sawLamport(channel: ChannelId, lamport: number): void {
    if (lamport > this.channel(channel).lamport) this.setChannel(channel, { lamport });
  }

  /** Content is put on the shelf by `setShelf`: this is its record. */
  writeContent({ id, content: { channel, device, seq } }: Pick<Kept, "id" | "content">, record: ContentRecord): void {
    this.write(this.keys.content(channel, device, seq, id), contentRecord.encode(record));
  }

  confirm(channel: ChannelId, device: DeviceId, ids: readonly ContentId[]): void {
    for (const id of ids) this.write(this.keys.confirmation(channel, device, id), CONFIRMED);
    this.setShelf(channel, device, confirmed(this.shelf(channel, device), ids));
  }

  setUnsaid(place: number, unsaid: Unsaid | null): void {
    const all = new Map(this.state.unsaid);
    if (unsaid === null) all.delete(place);
    else all.set(place, unsaid);
    this.write(this.keys.unsaidItem(place), unsaid === null ? null : unsaidRecord.encode(unsaid));
    this.set({ unsaid: all });
  }

  private setChannel(id: ChannelId, change: Partial<LiveChannel>): void {
    this.set({ channels: new Map(this.state.channels).set(id, { ...this.channel(id), ...change }) });
  }
}
