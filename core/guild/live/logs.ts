/** The log and those of peers: SPEC sections 20 and 26. */
import type { DeviceId } from "../../ids.ts";
import type { LoggedOp } from "../../log/log.ts";
import { openSync, syncDueAtMs, type SyncStep, syncStep, syncTick, tellHeads } from "../../log/sync.ts";
import { logSyncCodec } from "../../wire/logSync.ts";
import { missingNames } from "./named.ts";
import { withinRoom } from "./room.ts";
import { isMembers } from "./ruled.ts";
import type { Peer } from "./state.ts";
import type { GuildTurn } from "./turn.ts";

/** [LIVE2] Whom the log is shown to. An unknown device may be a newcomer's; one that was known and is no more is not. */
export function isTrusted(turn: GuildTurn, device: DeviceId, { isInvited }: Pick<Peer, "isInvited">): boolean {
  const { ruled } = turn.state;
  return isMembers(ruled, device) || (isInvited && !ruled.owners.has(device));
}

export function logFrame(turn: GuildTurn, device: DeviceId, bytes: Uint8Array): void {
  const frame = logSyncCodec.decode(bytes);
  if (!frame.ok) return turn.refuse(frame.reason);
  const peer = turn.state.peers.get(device)!;
  const isAsking = frame.value.t === "want" || frame.value.t === "more";
  if (isAsking && !isTrusted(turn, device, peer)) return turn.refuse("guild.not-a-member");
  synced(turn, device, syncStep(turn.state.log, peer.log, frame.value, turn.nowMs));
}

export const openLog = (turn: GuildTurn) => openSync(turn.state.log, turn.nowMs);

/** [SYNC2] What the log has now, to those who may know. */
function tellAllHeads(turn: GuildTurn): void {
  for (const [device, peer] of turn.state.peers) {
    if (isTrusted(turn, device, peer)) synced(turn, device, tellHeads(turn.state.log, peer.log));
  }
}

export function tickLogs(turn: GuildTurn): void {
  const { headsDueAtMs } = turn.state;
  if (headsDueAtMs !== null && headsDueAtMs <= turn.nowMs) {
    turn.set({ headsDueAtMs: null });
    tellAllHeads(turn);
  }
  for (const [device, peer] of turn.state.peers) {
    const dueAtMs = syncDueAtMs(peer.log);
    if (dueAtMs !== null && dueAtMs <= turn.nowMs) synced(turn, device, syncTick(turn.state.log, peer.log, turn.nowMs));
  }
}

function synced(turn: GuildTurn, device: DeviceId, { log, added, state, send, refused }: SyncStep): void {
  turn.refuse(refused);
  const { ruled, log: before, device: own } = turn.state;
  // Of what we made ourselves nothing may be missing: the next op of ours would bear its number.
  const isOwn = ({ op }: LoggedOp) => op.device === own.id;
  const needed = () => new Set([...missingNames(turn.state), ...added.filter(isOwn).map(({ id }) => id)]);
  turn.set({ log: added.length === 0 ? log : withinRoom(ruled, before, { log, added }, needed) });
  turn.setPeer(device, { ...turn.state.peers.get(device)!, log: state });
  for (const frame of send) turn.send(device, { t: "log", body: logSyncCodec.encode(frame) });
}
