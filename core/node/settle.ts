/** What follows from any event: the aftermath of lost links, due dials, and what the transport must be told. */
import { forgetLink } from "./delivery.ts";
import { dialDue, notePeerLost } from "./discovery.ts";
import { refreshAllowed, refreshTopics } from "./interests.ts";
import type { NodeState } from "./state.ts";
import type { Turn } from "./turn.ts";

export function settle(turn: Turn, before: NodeState): void {
  // Handling a lost link may close others, so look again; each round has fewer links.
  for (let known = before; known.network.links !== turn.network.links;) {
    const lost = [...known.network.links.values()].filter(({ id }) => !turn.network.links.has(id));
    known = turn.state;
    for (const link of lost) {
      forgetLink(turn, link);
      notePeerLost(turn, link);
    }
  }
  refreshTopics(turn, before);
  dialDue(turn);
  refreshAllowed(turn);
}
