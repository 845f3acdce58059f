/** Ops of ours: governing the guild. SPEC section 26. */
import type { DeviceId, OpId, UserId } from "../../ids.ts";
import { GUILD, LIVE, LOG } from "../../limits.ts";
import { type LoggedOp, receiveInOrder } from "../../log/log.ts";
import { signOp } from "../../log/signedOp.ts";
import type { BodyOf, OpBody } from "../../wire/opBody.ts";
import { wouldBe } from "../explain.ts";
import { isQuiet } from "./quiet.ts";
import type { GuildTurn } from "./turn.ts";

/** Refused where the guild's rules would void it; [LIVE4] kept for later while it is not known what we did last. */
export function act(turn: GuildTurn, body: OpBody): void {
  const { ruled, device, undone } = turn.state;
  const verdict = wouldBe(ruled.resolver.rulings, { author: device.user, device: device.id, body });
  if (typeof verdict === "string") return turn.refuse("guild.not-allowed");
  if (!isQuiet(turn)) return append(turn, body);
  if (undone.length >= LIVE.maxUndone) return turn.refuse("guild.catching-up");
  turn.set({ undone: [...undone, body] });
}

/** What was put off: judged again, because the guild may have changed. */
export function actLater(turn: GuildTurn): void {
  const { undone } = turn.state;
  if (undone.length === 0 || isQuiet(turn)) return;
  turn.set({ undone: [] });
  for (const body of undone) act(turn, body);
}

/** On top of all that is known. */
export function append(turn: GuildTurn, body: OpBody): void {
  const { device, log } = turn.state;
  const own = lastOf(log.ops.values(), device.id);
  const placed = {
    guild: log.guild,
    device: device.id,
    previous: own?.id ?? null,
    parents: deepest(turn, [...log.heads].filter((id) => id !== own?.id)),
    seq: (own?.op.seq ?? 0) + 1,
  };
  const signed = signOp(device.signing, placed, body.t === "remove" || body.t === "ban" ? withSeen(turn, body) : body);
  turn.set({ log: receiveInOrder(log, [signed]).log });
}

/** Of two of ours under one number ([GLD15]) either goes on. */
function lastOf(ops: Iterable<LoggedOp>, device: DeviceId): LoggedOp | null {
  let last: LoggedOp | null = null;
  for (const one of ops) if (one.op.device === device && (last === null || one.op.seq > last.op.seq)) last = one;
  return last;
}

function deepest(turn: GuildTurn, heads: readonly OpId[]): readonly OpId[] {
  if (heads.length <= LOG.maxParents) return heads;
  const depth = (id: OpId) => turn.state.log.ops.get(id)!.depth;
  return heads.toSorted((a, b) => depth(b) - depth(a)).slice(0, LOG.maxParents);
}

/** [GLD17] The last content of theirs that is here and counts; where there is more than fits, of what has most. */
function withSeen(turn: GuildTurn, body: BodyOf<"remove" | "ban">): BodyOf<"remove" | "ban"> {
  const seen = [...turn.state.channels].flatMap(([channel, { shelf }]) =>
    [...devicesOf(turn, body.user)].flatMap((device) => {
      const newest = shelf.get(device)?.newest ?? null;
      return newest === null ? [] : [{ channel, device, seq: newest.content.seq, id: newest.id }];
    })
  );
  return { ...body, seen: seen.toSorted((a, b) => b.seq - a.seq).slice(0, GUILD.maxSeen) };
}

function* devicesOf(turn: GuildTurn, user: UserId): Generator<DeviceId> {
  for (const [device, owner] of turn.state.ruled.owners) if (owner === user) yield device;
}
