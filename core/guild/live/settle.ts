/** What follows from whatever has happened, in the order in which one thing needs another. */
import { actLater } from "./acting.ts";
import { tellContents } from "./contents.ts";
import { dealAnew } from "./dealing.ts";
import { grow, takeNamed } from "./growing.ts";
import { introduceDevice } from "./introducing.ts";
import { joinHeads } from "./joiningHeads.ts";
import { endQuiet } from "./quiet.ts";
import { sealUnsaid } from "./saying.ts";
import type { LiveGuild } from "./state.ts";
import { askForKeys, tryGivenKeys } from "./asking.ts";
import { tellGained } from "./giving.ts";
import { handChainsOver, takeEarlyChains } from "./handing.ts";
import type { GuildTurn } from "./turn.ts";
import { welcome } from "./welcoming.ts";

export function settle(turn: GuildTurn, before: LiveGuild): void {
  endQuiet(turn, before);
  actLater(turn);
  speakUp(turn);
  takeNamed(turn);
  // An op may let another follow: each round begins with what the one before has made.
  for (let known = grow(turn, before.log); known !== null; known = grow(turn, known)) speakUp(turn);
  welcome(turn, before);
  dealAnew(turn);
  sealUnsaid(turn);
  tryGivenKeys(turn);
  if (turn.state.ruled !== before.ruled) {
    takeEarlyChains(turn);
    handChainsOver(turn);
  }
  tellContents(turn, before);
  tellGained(turn, before);
  askForKeys(turn);
}

/** Ops that a device makes by itself. */
function speakUp(turn: GuildTurn): void {
  introduceDevice(turn);
  joinHeads(turn);
}
