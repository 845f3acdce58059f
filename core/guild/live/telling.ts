/** What another device tells us over the pairwise session about keys of channels. SPEC section 22. */
import type { DeviceId } from "../../ids.ts";
import { guildKeysCodec } from "../../wire/guildKeys.ts";
import { heard } from "./asking.ts";
import { wantCame } from "./giving.ts";
import { chainCame } from "./handing.ts";
import type { GuildTurn } from "./turn.ts";

export function keysTold(turn: GuildTurn, device: DeviceId, bytes: Uint8Array): void {
  const decoded = guildKeysCodec.decode(bytes);
  if (!decoded.ok) return turn.refuse(decoded.reason);
  const frame = decoded.value;
  switch (frame.t) {
    case "chain":
      return chainCame(turn, device, frame.heads, frame.distribution);
    case "want":
      return wantCame(turn, device, frame);
    case "keys":
    case "busy":
    case "again":
      return heard(turn, device, frame);
  }
}
