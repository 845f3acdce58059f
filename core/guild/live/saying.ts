/** Content of ours: stored before anything else, sealed when it can be, and handed out. SPEC section 26. */
import { sealGroup } from "../../group/sender.ts";
import type { ChannelId } from "../../ids.ts";
import { CONTENT, GROUP, LIVE } from "../../limits.ts";
import { CONTENT_VERSION, encodeGuildContent } from "../../wire/guildContent.ts";
import type { Unsaid } from "../../wire/guildRecords.ts";
import { guildTextCodec, TEXT_KIND } from "../../wire/guildText.ts";
import { utf8 } from "../../wire/text.ts";
import { needsOf } from "../content.ts";
import { contentIdOf } from "../contentChain.ts";
import { may } from "../state.ts";
import { push } from "./contents.ts";
import { headsToName } from "./heads.ts";
import { isQuiet } from "./quiet.ts";
import { chainIdOf } from "./receiving.ts";
import { type Kept, shelved } from "./shelf.ts";
import { tellChain } from "./handing.ts";
import type { GuildTurn } from "./turn.ts";

/** [LIVE3] */
export function say(turn: GuildTurn, unsaid: Unsaid): void {
  if (utf8(unsaid.text ?? "").length > CONTENT.maxTextBytes) return turn.refuse("message.too-long");
  if (!maySay(turn, unsaid)) return turn.refuse("guild.not-allowed");
  if (isSuspended(turn)) return turn.refuse("guild.suspended");
  const { unsaid: all } = turn.state;
  if (all.size >= LIVE.maxUnsaid) return turn.refuse("outbox.full");
  turn.setUnsaid(Math.max(0, ...all.keys()) + 1, unsaid);
}

/** Seals what was said, as long as its author may say it: what is not permitted now waits, and is shown as such. */
export function sealUnsaid(turn: GuildTurn): void {
  if (turn.state.unsaid.size === 0 || isQuiet(turn) || isSuspended(turn)) return;
  const due = [...turn.state.unsaid].filter(([, unsaid]) => maySay(turn, unsaid));
  const byChannel = Map.groupBy(due, ([, { channel }]) => channel);
  for (const [channel, some] of byChannel) {
    for (let at = 0; at < some.length; at += GROUP.maxBlock) seal(turn, channel, some.slice(at, at + GROUP.maxBlock));
  }
}

export function maySay(turn: GuildTurn, { channel, claims, text }: Unsaid): boolean {
  const { ruled, device } = turn.state;
  const body = new Uint8Array(text === null ? 0 : 1);
  const needs = needsOf({ claims, body }, device.user, (of) => ruled.owners.get(of) ?? null);
  return needs.every((action) => may(ruled.guild, device.user, action, channel)) &&
    ruled.readers.get(channel)?.has(device.id) === true;
}

/** [GLD16] What it says now would be hidden for ever, from everybody ([CNT5]). */
function isSuspended({ state: { ruled, device } }: GuildTurn): boolean {
  return ruled.guild.equivocators.has(device.id) &&
    ruled.hindsight.sightWithout([]).deviceFault(device.user, device.id) !== null;
}

function seal(turn: GuildTurn, channel: ChannelId, due: readonly (readonly [number, Unsaid])[]): void {
  const { device, ruled } = turn.state;
  const written = due.reduce<readonly Written[]>(
    (before, [, unsaid]) => [...before, contentAfter(turn, before.at(-1) ?? newestOf(turn, channel), unsaid)],
    [],
  );
  const plaintexts = written.map(({ plaintext }) => plaintext);
  const sealed = sealGroup(
    turn.channel(channel).sender,
    channel,
    device,
    ruled.readers.get(channel)!,
    plaintexts,
    turn.env,
  );
  turn.setSender(channel, sealed.state);
  const { id, chain, signer: { publicKey: signer }, ownership } = sealed.state;
  const kept = written.map(({ id: name, content }, at) => ({
    id: name,
    content,
    chain: chainIdOf(id),
    index: chain.index - written.length + at,
    sizeBytes: sealed.envelopes[at]!.length,
  }));
  turn.setShelf(channel, device.id, shelved(turn.shelf(channel, device.id), kept));
  turn.confirm(channel, device.id, kept.map((one) => one.id));
  for (const [place] of due) turn.setUnsaid(place, null);
  if (sealed.handover !== null) tellChain(turn, sealed.handover, kept[0]!.content.seq);
  for (const [at, one] of kept.entries()) {
    const [content, envelope, key] = [plaintexts[at]!, sealed.envelopes[at]!, sealed.messageKeys[at]!];
    turn.writeContent(one, { content, envelope, key, signer, ownership });
    push(turn, one, envelope);
  }
}

interface Written extends Pick<Kept, "id" | "content"> {
  readonly plaintext: Uint8Array;
}

const newestOf = (turn: GuildTurn, channel: ChannelId) => turn.shelf(channel, turn.state.device.id).newest;

function contentAfter(turn: GuildTurn, before: Pick<Kept, "id" | "content"> | null, unsaid: Unsaid): Written {
  const { channel, claims, text, saidAtMs } = unsaid;
  // Whoever says the greatest there is keeps nobody from writing after it.
  const lamport = Math.min(CONTENT.maxLamport, 1 + turn.channel(channel).lamport);
  const body = text === null
    ? new Uint8Array(0)
    : guildTextCodec.encode({ lamport, sentAtMs: Math.max(0, saidAtMs), text });
  const content = {
    v: CONTENT_VERSION,
    kind: TEXT_KIND,
    channel,
    device: turn.state.device.id,
    seq: (before?.content.seq ?? 0) + 1,
    previous: before?.id ?? null,
    heads: headsToName(turn, before?.content.heads ?? []),
    claims,
    body,
  };
  const plaintext = encodeGuildContent(content);
  turn.sawLamport(channel, lamport);
  return { id: contentIdOf(plaintext), content, plaintext };
}
