/** Everything that takes foreign bytes. */
import { AUTHENTICATED } from "./authenticated.ts";
import { FORMATS } from "./binary.ts";
import { BODIES } from "./bodies.ts";
import { CONTENT_SYNC } from "./contentSync.ts";
import { GROUPS } from "./groups.ts";
import { GUILD_KEYS } from "./guildKeys.ts";
import { GUILD_LIVE } from "./guildLive.ts";
import { GUILDS } from "./guilds.ts";
import { JOINING } from "./joining.ts";
import { MAILBOX } from "./mailbox.ts";
import { NODE_MAIL } from "./nodeMail.ts";
import { NODES } from "./nodes.ts";
import { PROFILES } from "./profiles.ts";
import { STUN_MESSAGES } from "./stun.ts";
import { STRUCTURES } from "./structures.ts";
import type { Target } from "./target.ts";

export const TARGETS: readonly Target[] = [
  ...STRUCTURES,
  ...FORMATS,
  ...AUTHENTICATED,
  ...BODIES,
  ...CONTENT_SYNC,
  ...GROUPS,
  ...GUILD_KEYS,
  ...GUILDS,
  ...GUILD_LIVE,
  ...JOINING,
  ...MAILBOX,
  ...NODES,
  ...NODE_MAIL,
  ...PROFILES,
  ...STUN_MESSAGES,
];
