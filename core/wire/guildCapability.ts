/** What somebody may do, and where: SPEC section 18. */
import type { ChannelId } from "../ids.ts";
import { GUILD } from "../limits.ts";
import { channelIdField } from "./ids.ts";
import { type Field, list, nullable, struct, text } from "./schema.ts";

/**
 * An action in one channel, or in all of the guild where there is none. A word that is unknown grants nothing here, and
 * is kept: a newer member may know it.
 */
export interface Capability {
  readonly action: string;
  readonly channel: ChannelId | null;
}

export const actionField: Field<string> = text(GUILD.maxActionBytes);

const capabilityField: Field<Capability> = struct({ action: actionField, channel: nullable(channelIdField) });

export const capabilitiesField: Field<readonly Capability[]> = list(capabilityField, GUILD.maxCapabilities);
