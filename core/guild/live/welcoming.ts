/** A linked device that has become a member's: what members say when a link opens is said to it now. SPEC section 26. */
import { dealsToTell } from "../join/dealing.ts";
import { sayDeals, tellDeals } from "./dealing.ts";
import { openProfilesWith } from "./profiling.ts";
import { isMembers } from "./ruled.ts";
import type { LiveGuild } from "./state.ts";
import type { GuildTurn } from "./turn.ts";

/** [LIVE7] Its log and the content are compared anyway. */
export function welcome(turn: GuildTurn, before: LiveGuild): void {
  const { ruled, deals, peers } = turn.state;
  if (ruled === before.ruled) return;
  for (const [device, peer] of peers) {
    if (!before.peers.has(device) || isMembers(before.ruled, device) || !isMembers(ruled, device)) continue;
    // What it said of its own profiles, when it was nobody's, was not heard.
    const profiles = { ...openProfilesWith(turn, device), told: new Map() };
    turn.setPeer(device, { ...peer, profiles });
    tellDeals(turn, device, dealsToTell(deals, ruled.guild, device, []));
    sayDeals(turn, device);
  }
}
