/** Who may have content of a channel, its envelope or its key: SPEC section 22. */
import type { DeviceId } from "../../ids.ts";
import type { GuildContent } from "../../wire/guildContent.ts";
import type { Hindsight } from "../hindsight.ts";
import { isReader } from "./readers.ts";

/**
 * [GKEY3] Whether a device may have this content of us, by all that we know. A function of the ops here, the content
 * and the device: nothing that the device says.
 */
export function mayHave(
  hindsight: Hindsight,
  device: DeviceId,
  { channel, heads }: Pick<GuildContent, "channel" | "heads">,
): boolean {
  if (!isReader(hindsight.state, channel, device) || !hindsight.knows(heads)) return false;
  if (isArchive(hindsight, { channel })) return true;
  return hindsight.wasReader(heads, device, channel) === true;
}

/** [GKEY4] Whether who reads the channel now may have what was written before. */
export const isArchive = ({ state }: Hindsight, { channel }: Pick<GuildContent, "channel">): boolean =>
  state.channels.get(channel)?.history === "archive";

/**
 * [GKEY5] What becomes of a chain that a device hands us for a channel, under the heads that it names: one of somebody
 * whom we do not know as a reader waits for the ops by which they are, if there are any that are not here.
 */
export function standingOfChain(
  hindsight: Hindsight,
  device: DeviceId,
  { channel, heads }: Pick<GuildContent, "channel" | "heads">,
): "taken" | "waits" | "refused" {
  if (isReader(hindsight.state, channel, device)) return "taken";
  return hindsight.knows(heads) ? "refused" : "waits";
}
