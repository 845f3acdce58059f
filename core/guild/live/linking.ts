/** Links that come and go. */
import type { DeviceId } from "../../ids.ts";
import { logSyncCodec } from "../../wire/logSync.ts";
import { openAnswering } from "../keys/answering.ts";
import { losePeer, meetPeer } from "../keys/asking.ts";
import { closeContents, openContents } from "./contents.ts";
import { sayDeals } from "./dealing.ts";
import { askForPictures, openProfilesWith } from "./profiling.ts";
import { isTrusted, openLog } from "./logs.ts";
import type { GuildTurn } from "./turn.ts";

export function linked(turn: GuildTurn, device: DeviceId, isInvited: boolean): void {
  const { send, state: log } = openLog(turn);
  const profiles = openProfilesWith(turn, device);
  const answering = openAnswering(turn.nowMs);
  turn.setPeer(device, { isInvited, log, answering, profiles, saidDealsAtMs: null, toldDeals: new Map() });
  turn.set({ asking: meetPeer(turn.state.asking, device, turn.nowMs) });
  if (isTrusted(turn, device, { isInvited })) {
    for (const frame of send) turn.send(device, { t: "log", body: logSyncCodec.encode(frame) });
  }
  openContents(turn, device);
  sayDeals(turn, device);
}

export function unlinked(turn: GuildTurn, device: DeviceId): void {
  turn.setPeer(device, null);
  turn.set({ asking: losePeer(turn.state.asking, device) });
  askForPictures(turn);
  closeContents(turn, device);
}
