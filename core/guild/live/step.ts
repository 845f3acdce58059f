/**
 * One device's part in one guild: one event in, the next state and the effects out. Pure: the same state, event, time and
 * random bytes give the same result, and the state passed in is never changed. SPEC section 26.
 */
import type { Reason } from "../../errors.ts";
import type { Env } from "../../ports.ts";
import { guildFrameCodec } from "../../wire/guildFrame.ts";
import { guildToldCodec } from "../../wire/guildTold.ts";
import { act } from "./acting.ts";
import { contentFrame, contentsWereRead } from "./contents.ts";
import { dealsFrame, dealTold } from "./dealing.ts";
import type { LiveEffect } from "./effect.ts";
import type { LiveEvent } from "./event.ts";
import { pageCame } from "./keeping.ts";
import { linked, unlinked } from "./linking.ts";
import { logFrame } from "./logs.ts";
import { openedAgain } from "./receiving.ts";
import { introduceSelf, look, profileFrame } from "./profiling.ts";
import { say } from "./saying.ts";
import { settle } from "./settle.ts";
import type { LiveGuild } from "./state.ts";
import { keysWereRead } from "./giving.ts";
import { keysTold } from "./telling.ts";
import { tick } from "./tick.ts";
import { GuildTurn } from "./turn.ts";

export interface LiveStep {
  readonly state: LiveGuild;
  readonly effects: readonly LiveEffect[];
  /** Why the event was refused, wholly or in part; the person is told where it was theirs. */
  readonly refusal: Reason | null;
}

export function liveStep(state: LiveGuild, event: LiveEvent, env: Env): LiveStep {
  const turn = new GuildTurn(state, env);
  apply(turn, event);
  settle(turn, state);
  const { effects, writes, refusal } = turn;
  return {
    state: turn.state,
    effects: writes.length === 0 ? effects : [{ type: "Persist", writes }, ...effects],
    refusal,
  };
}

function apply(turn: GuildTurn, event: LiveEvent): void {
  switch (event.type) {
    case "Linked":
      return linked(turn, event.device, event.isInvited);
    case "Unlinked":
      return unlinked(turn, event.device);
    case "FrameReceived":
      return frameReceived(turn, event);
    case "ToldBy":
      return toldBy(turn, event);
    case "ContentsRead":
      return contentsRead(turn, event.ask, event.records);
    case "PageCame":
      return pageCame(turn, event.page);
    case "Act":
      return act(turn, event.body);
    case "Say":
      return say(turn, { channel: event.channel, claims: event.claims, text: event.text, saidAtMs: turn.nowMs });
    case "SetProfile":
      return introduceSelf(turn, event.profile);
    case "Look":
      return look(turn, event.pictures);
    case "Tick":
      return tick(turn);
  }
}

function frameReceived(turn: GuildTurn, { device, frame }: Extract<LiveEvent, { type: "FrameReceived" }>): void {
  if (!turn.state.peers.has(device)) return turn.refuse("link.unknown");
  const decoded = guildFrameCodec.decode(frame);
  if (!decoded.ok) return turn.refuse(decoded.reason);
  switch (decoded.value.t) {
    case "log":
      return logFrame(turn, device, decoded.value.body);
    case "content":
      return contentFrame(turn, device, decoded.value.body);
    case "profile":
      return profileFrame(turn, device, decoded.value.body);
    case "deals":
      return dealsFrame(turn, device, decoded.value.body);
  }
}

function toldBy(turn: GuildTurn, { device, message }: Extract<LiveEvent, { type: "ToldBy" }>): void {
  const decoded = guildToldCodec.decode(message);
  if (!decoded.ok) return turn.refuse(decoded.reason);
  switch (decoded.value.t) {
    case "keys":
      return keysTold(turn, device, decoded.value.body);
    case "deal":
      return dealTold(turn, decoded.value.body);
  }
}

function contentsRead(turn: GuildTurn, ask: number, records: readonly (Uint8Array | null)[]): void {
  const pending = turn.state.reads.get(ask);
  if (pending === undefined) return;
  const reads = new Map(turn.state.reads);
  reads.delete(ask);
  turn.set({ reads });
  if (pending.t === "contents") return contentsWereRead(turn, pending.read, records);
  if (pending.t === "again") return openedAgain(turn, pending, records[0] ?? null);
  const found = new Map(pending.keys.flatMap((key, at) => records[at] ? [[key, records[at]] as const] : []));
  keysWereRead(turn, pending.device, pending.reading, found);
}
