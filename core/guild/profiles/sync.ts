/**
 * The profiles here and those of a peer, brought together: pure, and for one peer. Nothing of the state has to outlive the
 * link: it is made anew from the profiles. SPEC section 25.
 */
import { PROFILE } from "../../limits.ts";
import type { ProfileFrame } from "../../wire/profileSync.ts";
import type { GuildState } from "../state.ts";
import { answered, ask, unmet, withEntries } from "./asking.ts";
import { differing, digestsOf, entryFrames } from "./digests.ts";
import { isNewer, type Profiles } from "./profiles.ts";
import { serveProfiles } from "./serving.ts";
import { type ProfileStep, type ProfileSync, quiet } from "./syncState.ts";

/** A link to a member stands: says in short what is here. `turn` is any whole number, random where there are more peers. */
export function openProfileSync(profiles: Profiles, nowMs: number, turn = 0): ProfileStep {
  const sync: ProfileSync = {
    turn,
    elsewhere: new Set(),
    phase: { t: "idle" },
    number: 0,
    unanswered: 0,
    claims: new Map(),
    wanted: new Map(),
    pictures: [],
    told: profiles.records,
    theirs: null,
    tellAtMs: nowMs,
    served: { bytes: PROFILE.servedBurstBytes, atMs: nowMs },
    waste: { bytes: PROFILE.wasteBurstBytes, atMs: nowMs },
  };
  return { ...quiet(profiles, sync), send: [digestFrame(profiles)] };
}

const digestFrame = ({ records }: Profiles): ProfileFrame => ({ t: "digests", buckets: digestsOf(records) });

/** [PROF7] The same next to the syncs with other peers, as they are before a step: nobody is asked of two at once. */
export const besides = (sync: ProfileSync, others: Iterable<ProfileSync>): ProfileSync => ({
  ...sync,
  elsewhere: new Set(
    [...others].flatMap(({ phase }) => phase.t === "wanting" ? phase.asked.map(([user]) => user) : []),
  ),
});

export function profileSyncStep(
  profiles: Profiles,
  state: GuildState,
  sync: ProfileSync,
  frame: ProfileFrame,
  nowMs: number,
): ProfileStep {
  switch (frame.t) {
    case "digests":
      // What it said before may have gone there since.
      return tellProfiles(profiles, { ...sync, theirs: frame.buckets, claims: new Map() }, nowMs);
    case "entries":
      return ask(profiles, state, { ...withEntries(profiles, sync, frame.entries), unanswered: 0 }, nowMs);
    case "want":
    case "wantPicture": {
      const [answer, served] = serveProfiles(profiles, sync.served, frame, nowMs);
      return { ...quiet(profiles, { ...sync, served }), send: [answer] };
    }
    case "records":
    case "picture":
    case "busy":
      return answered(profiles, state, sync, frame, nowMs);
  }
}

/** [PROF6] The profiles have changed, by whatever way: tells the peer, unless it was told lately; then a tick does. */
export function tellProfiles(profiles: Profiles, sync: ProfileSync, nowMs: number): ProfileStep {
  if (!hasToTell(profiles, sync) || nowMs < sync.tellAtMs) return quiet(profiles, sync);
  const changed = [...profiles.records.values()].filter((one) => sync.told.get(one.user)?.digest !== one.digest);
  const asked = sync.theirs === null ? [] : differing(profiles.records, sync.theirs);
  // [PROF6] What is gone may have kept an older one from being asked for.
  const isFewer = [...sync.told.keys()].some((user) => !profiles.records.has(user));
  const news = [...new Set([...changed, ...asked])].filter((one) => isNewer(one, sync.claims.get(one.user)));
  const send = [
    ...isFewer ? [digestFrame(profiles)] : [],
    ...entryFrames(news),
  ];
  const tellAtMs = send.length === 0 ? sync.tellAtMs : nowMs + PROFILE.tellEveryMs;
  return { ...quiet(profiles, { ...sync, told: profiles.records, theirs: null, tellAtMs }), send };
}

const hasToTell = ({ records }: Profiles, { told, theirs }: ProfileSync): boolean =>
  theirs !== null || told !== records;

/** [PROF8] Asks the peer for pictures as well, by the hex of their SHA-256. */
export function wantPictures(
  profiles: Profiles,
  state: GuildState,
  sync: ProfileSync,
  names: readonly string[],
  nowMs: number,
): ProfileStep {
  const pictures = [...new Set([...sync.pictures, ...names])].slice(0, PROFILE.maxPictures);
  return ask(profiles, state, { ...sync, pictures }, nowMs);
}

/** When `profileSyncTick` is due, or `null`. */
export function profileSyncDueAtMs(profiles: Profiles, sync: ProfileSync): number | null {
  const due = [
    ...sync.phase.t === "idle" ? [] : [sync.phase.untilMs],
    ...hasToTell(profiles, sync) ? [sync.tellAtMs] : [],
  ];
  return due.length === 0 ? null : Math.min(...due);
}

/** What was put off, an answer that did not come, and what can be asked for since the guild has changed. */
export function profileSyncTick(profiles: Profiles, state: GuildState, sync: ProfileSync, nowMs: number): ProfileStep {
  const told = tellProfiles(profiles, sync, nowMs);
  const { phase } = told.sync;
  if (phase.t !== "idle" && nowMs < phase.untilMs) return told;
  if (phase.t === "wanting" || phase.t === "fetching") {
    return { ...unmet(profiles, told.sync, nowMs + PROFILE.fruitlessPauseMs), send: told.send };
  }
  const asked = ask(profiles, state, { ...told.sync, phase: { t: "idle" } }, nowMs);
  return { ...asked, send: [...told.send, ...asked.send] };
}
