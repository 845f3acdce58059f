/** The deals that a device knows of one guild, as a function of them and of the ops. SPEC section 23. */
import { ok, type Reason, refuse, type Result } from "../../errors.ts";
import type { DealId, DeviceId, GuildId, OpId } from "../../ids.ts";
import { DEAL } from "../../limits.ts";
import type { LoggedOp } from "../../log/log.ts";
import { dealsRecord } from "../../wire/guildDeal.ts";
import type { Hindsight } from "../hindsight.ts";
import type { Rulings } from "../rulings.ts";
import type { GuildState } from "../state.ts";
import { endOf, type Looked, NOT_LOOKED, type Present, presentOf } from "./audience.ts";
import { type VerifiedDeal, verifyDeal } from "./deal.ts";

export interface KeptDeal {
  readonly dealt: VerifiedDeal;
  /** When it was found not to be current; `null` of one that is. */
  readonly endedAtMs: number | null;
  /** [JOIN4] The op by which it is not. */
  readonly endedBy: LoggedOp | null;
  readonly looked: Looked;
}

export interface Deals {
  readonly kept: ReadonlyMap<DealId, KeptDeal>;
  /** [JOIN2] Those whose heads are not here, the earliest first. */
  readonly waiting: ReadonlyMap<DealId, VerifiedDeal>;
}

export const NO_DEALS: Deals = { kept: new Map(), waiting: new Map() };

/** [JOIN2] With one more, which has no effect before `settleDeals`. */
export function withDeal(deals: Deals, dealt: VerifiedDeal): Deals {
  if (deals.kept.has(dealt.id) || deals.waiting.has(dealt.id)) return deals;
  const waiting = new Map(deals.waiting).set(dealt.id, dealt);
  const ofDevice = [...waiting.values()].filter(({ deal }) => deal.device === dealt.deal.device);
  if (ofDevice.length > DEAL.maxOfDevice) waiting.delete(ofDevice[0]!.id);
  if (waiting.size > DEAL.maxWaiting) waiting.delete(waiting.keys().next().value!);
  return { ...deals, waiting };
}

/** [JOIN2] to [JOIN6] By the ops that there are now: to be called when there are more, when a deal came, and daily. */
export function settleDeals(deals: Deals, hindsight: Hindsight, nowMs: number): Deals {
  const { rulings, state } = hindsight;
  const present = presentOf(rulings, state);
  const kept = new Map<DealId, KeptDeal>();
  const waiting = new Map<DealId, VerifiedDeal>();
  const taken = [...deals.waiting.values()].flatMap((dealt): readonly KeptDeal[] => {
    const { heads, device } = dealt.deal;
    // A deal may be a stranger's, who can make any number of them: it is told in microseconds.
    const then = hindsight.sightAt(heads);
    if (then === null) waiting.set(dealt.id, dealt);
    return then?.isOfMember(device) ? [{ dealt, endedAtMs: null, endedBy: null, looked: NOT_LOOKED }] : [];
  });
  const lateMs = Math.max(0, nowMs - DEAL.graceMs + DEAL.lateGraceMs);
  const reviewed = [
    ...[...deals.kept.values()].map((one) => review(one, present, nowMs)),
    // [JOIN6] Who is gone can make deals that have ended: they come after those that were good here.
    ...taken.map((one) => review(one, present, lateMs)),
  ];
  for (const one of chosen(reviewed, rulings, nowMs)) kept.set(one.dealt.id, one);
  return { kept, waiting };
}

/** What admits nobody, and sends nobody away. */
const INERT: readonly string[] = [
  "settings",
  "rendezvous",
  "invite",
  "channel.create",
  "channel.change",
  "channel.delete",
  "channel.retention",
  "channel.override",
];

/** Whether `settleDeals` would find nothing new: `added` came since, and left as it was what was ruled before. */
export const areSettled = ({ kept, waiting }: Deals, added: readonly LoggedOp[], nowMs: number): boolean =>
  waiting.size === 0 && added.every(({ body }) => INERT.includes(body.t)) &&
  [...kept.values()].every(({ endedAtMs }) => endedAtMs === null || nowMs - endedAtMs < DEAL.graceMs);

/** Whether it is a device of a member, and not revoked. */
export const isOfMember = ({ members }: GuildState, device: DeviceId): boolean =>
  [...members.values()].some(({ devices }) => devices.has(device));

function review(one: KeptDeal, present: Present, nowMs: number): KeptDeal {
  const [endedBy, looked] = endOf(present, one.dealt.deal.heads, one.looked);
  return { ...one, endedBy, looked, endedAtMs: endedBy === null ? null : one.endedAtMs ?? nowMs };
}

/** [JOIN6] Those to be kept: current ones first, and few of each device. */
function chosen(reviewed: readonly KeptDeal[], rulings: Rulings, nowMs: number): readonly KeptDeal[] {
  const current = inOrder(reviewed.filter(({ endedAtMs }) => endedAtMs === null), rulings);
  const ended = reviewed.filter(({ endedAtMs }) => endedAtMs !== null && nowMs - endedAtMs < DEAL.graceMs)
    .toSorted((a, b) => b.endedAtMs! - a.endedAtMs! || (a.dealt.id < b.dealt.id ? -1 : 1));
  const counts = new Map<DeviceId, number>();
  const few = current.filter(({ dealt: { deal: { device } } }) => {
    const count = (counts.get(device) ?? 0) + 1;
    counts.set(device, count);
    return count <= DEAL.maxOfDevice;
  });
  return [...few, ...ended].slice(0, DEAL.maxKept);
}

/** [JOIN5] First those whose heads are not surpassed, then by their ids. */
function inOrder(current: readonly KeptDeal[], rulings: Rulings): readonly KeptDeal[] {
  const isSurpassed = (one: KeptDeal) => current.some((other) => surpasses(rulings, other, one));
  const place = new Map(current.map((one) => [one, isSurpassed(one) ? 1 : 0]));
  return current.toSorted((a, b) => place.get(a)! - place.get(b)! || (a.dealt.id < b.dealt.id ? -1 : 1));
}

function surpasses({ history: { placeOf, isPast } }: Rulings, later: KeptDeal, earlier: KeptDeal): boolean {
  const knows = (heads: readonly OpId[], id: OpId) =>
    heads.some((head) => head === id || isPast(placeOf.get(id)!, placeOf.get(head)!));
  const [after, before] = [later.dealt.deal.heads, earlier.dealt.deal.heads];
  return before.every((id) => knows(after, id)) && !after.every((id) => knows(before, id));
}

/** [JOIN5] All that are current, the one to seal with first. */
export const currentDeals = ({ kept }: Deals): readonly VerifiedDeal[] =>
  [...kept.values()].filter(({ endedAtMs }) => endedAtMs === null).map(({ dealt }) => dealt);

/** [JOIN6] Those that are not current and are answered still. */
export const endedDeals = ({ kept }: Deals): readonly VerifiedDeal[] =>
  [...kept.values()].filter(({ endedAtMs }) => endedAtMs !== null).map(({ dealt }) => dealt);

/** What a peer is told to have: it tells none of these again. */
export const knownDeals = ({ kept, waiting }: Deals): readonly DealId[] => [...kept.keys(), ...waiting.keys()];

export const encodeDeals = ({ kept, waiting }: Deals): Uint8Array =>
  dealsRecord.encode({
    kept: [...kept.values()].map(({ dealt, endedAtMs }) => ({ deal: dealt.bytes, endedAtMs })),
    waiting: [...waiting.values()].map(({ bytes }) => bytes),
  });

/** As they were stored: what ended one is found anew when they are settled. */
export function decodeDeals(bytes: Uint8Array, guild: GuildId): Result<Deals, Reason> {
  const record = dealsRecord.decode(bytes);
  if (!record.ok) return record;
  const kept = new Map<DealId, KeptDeal>();
  const waiting = new Map<DealId, VerifiedDeal>();
  for (const { deal, endedAtMs } of record.value.kept) {
    const dealt = verifyDeal(deal, guild);
    if (!dealt.ok) return dealt;
    kept.set(dealt.value.id, { dealt: dealt.value, endedAtMs, endedBy: null, looked: NOT_LOOKED });
  }
  for (const deal of record.value.waiting) {
    const dealt = verifyDeal(deal, guild);
    if (!dealt.ok) return dealt;
    waiting.set(dealt.value.id, dealt.value);
  }
  const isTwice = kept.size + waiting.size < record.value.kept.length + record.value.waiting.length;
  return isTwice ? refuse("wire.wrong-shape") : ok({ kept, waiting });
}
