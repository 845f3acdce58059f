/** Profiles and pictures that a peer has and we do not: one request at a time. SPEC section 25. */
import type { Reason } from "../../errors.ts";
import { fromHex, toHex, type UserId } from "../../ids.ts";
import { PROFILE } from "../../limits.ts";
import { refilled } from "../../log/serving.ts";
import type { ProfileEntry, ProfileFrame } from "../../wire/profileSync.ts";
import type { GuildState } from "../state.ts";
import { isNewer, type Profiles, receiveProfiles, takePicture } from "./profiles.ts";
import { type ProfileStep, type ProfileSync, quiet, type Wanted } from "./syncState.ts";

/**
 * [PROF7] One more request that was not answered: after a few of them nothing is wanted of this peer. Until it is asked
 * again others are, so that who is silent keeps nobody from getting what others have.
 */
export function unmet(profiles: Profiles, sync: ProfileSync, untilMs: number): ProfileStep {
  const next = { ...sync, unanswered: sync.unanswered + 1, phase: { t: "paused", untilMs } } as const;
  if (next.unanswered < PROFILE.maxUnanswered) return quiet(profiles, next, "sync.silent");
  const given = { ...next, unanswered: 0, wanted: new Map(), pictures: [] };
  return { ...quiet(profiles, given, "sync.silent"), lacking: sync.pictures };
}

export function withEntries({ records }: Profiles, sync: ProfileSync, entries: readonly ProfileEntry[]): ProfileSync {
  const [wanted, claims] = [new Map(sync.wanted), new Map(sync.claims)];
  for (const { user, number, digest: bytes } of entries) {
    const one = { number, digest: toHex(bytes), tried: null };
    if (claims.has(user) || claims.size < PROFILE.maxKept) claims.set(user, one);
    if (!isNewer(one, records.get(user)) || !isNewer(one, wanted.get(user))) continue;
    if (wanted.has(user) || wanted.size < PROFILE.maxKept) wanted.set(user, one);
  }
  return { ...sync, wanted, claims };
}

/** [PROF7] The next request, if there is something to ask for and none is under way. */
export function ask(profiles: Profiles, state: GuildState, before: ProfileSync, nowMs: number): ProfileStep {
  if (before.phase.t !== "idle") return quiet(profiles, before);
  const wanted = new Map([...before.wanted].filter(([user, one]) => isNewer(one, profiles.records.get(user))));
  const all = [...wanted].filter(([user, { tried }]) => state.members.has(user) && tried !== state);
  const open = all.filter(([user]) => !before.elsewhere.has(user));
  const start = open.length === 0 ? 0 : before.turn % open.length;
  const asked = [...open.slice(start), ...open.slice(0, start)].slice(0, PROFILE.maxWanted);
  const pictures = before.pictures.filter((name) => !profiles.pictures.has(name));
  const [sha256] = pictures;
  const sync = { ...before, wanted, pictures };
  if (asked.length === 0 && sha256 === undefined) {
    const pause = { t: "paused", untilMs: nowMs + PROFILE.elsewherePauseMs } as const;
    return quiet(profiles, all.length > 0 ? { ...sync, phase: pause } : sync);
  }
  const number = before.number + 1;
  const untilMs = nowMs + PROFILE.answerTimeoutMs;
  if (asked.length > 0) {
    const step = quiet(profiles, { ...sync, number, phase: { t: "wanting", asked, untilMs } });
    return { ...step, send: [{ t: "want", number, users: asked.map(([user]) => user) }] };
  }
  const step = quiet(profiles, { ...sync, number, phase: { t: "fetching", sha256: sha256!, untilMs } });
  return { ...step, send: [{ t: "wantPicture", number, sha256: fromHex(sha256!) }] };
}

export type AnswerFrame = Extract<ProfileFrame, { readonly t: "records" | "picture" | "busy" }>;

export function answered(
  profiles: Profiles,
  state: GuildState,
  sync: ProfileSync,
  frame: AnswerFrame,
  nowMs: number,
): ProfileStep {
  const { phase } = sync;
  if (frame.number === sync.number) {
    if (frame.t === "records" && phase.t === "wanting") {
      return took(profiles, state, sync, phase.asked, frame.records, nowMs);
    }
    if (frame.t === "picture" && phase.t === "fetching") {
      return fetched(profiles, state, sync, phase.sha256, frame.bytes, nowMs);
    }
    if (frame.t === "busy" && (phase.t === "wanting" || phase.t === "fetching")) {
      return unmet(profiles, sync, nowMs + Math.max(PROFILE.minRetryAfterMs, frame.retryAfterMs));
    }
  }
  return quiet(profiles, sync, "sync.unasked");
}

/** [PROF7] What was asked for is not asked for again, but for what only waits for ops. */
function took(
  before: Profiles,
  state: GuildState,
  sync: ProfileSync,
  asked: readonly (readonly [UserId, Wanted])[],
  records: readonly Uint8Array[],
  nowMs: number,
): ProfileStep {
  const { profiles, changed, refused } = receiveProfiles(before, state, records);
  const wanted = new Map(sync.wanted);
  const isEarly = refused.includes("profile.not-a-member");
  const told = sync.told === before.records
    ? profiles.records
    : new Map([...sync.told, ...changed.map((user) => [user, profiles.records.get(user)!] as const)]);
  for (const [user, one] of asked) {
    // Another one was told of since.
    if (wanted.get(user) !== one) continue;
    if (isEarly && isNewer(one, profiles.records.get(user))) wanted.set(user, { ...one, tried: state });
    else wanted.delete(user);
  }
  const usefulBytes = changed.reduce((sum, user) => sum + profiles.records.get(user)!.bytes.length, 0);
  const wastedBytes = records.reduce((sum, { length }) => sum + length, 0) - usefulBytes;
  const next = { ...sync, unanswered: 0, wanted, told };
  // Another peer may have been quicker.
  const isMet = asked.every(([user, one]) => !isNewer(one, profiles.records.get(user)));
  const step = afterAnswer(profiles, state, next, Math.max(0, wastedBytes), isMet || changed.length > 0, nowMs);
  return { ...step, changed, refused: step.refused ?? refused[0] ?? null };
}

/** [PROF8] */
function fetched(
  before: Profiles,
  state: GuildState,
  sync: ProfileSync,
  sha256: string,
  bytes: Uint8Array | null,
  nowMs: number,
): ProfileStep {
  const profiles = bytes === null ? before : takePicture(before, bytes);
  const isHere = profiles.pictures.has(sha256);
  const next = { ...sync, unanswered: 0, pictures: sync.pictures.filter((name) => name !== sha256) };
  const wastedBytes = isHere ? 0 : bytes?.length ?? 0;
  const step = afterAnswer(profiles, state, next, wastedBytes, isHere || bytes === null, nowMs);
  return { ...step, lacking: isHere ? [] : [sha256] };
}

/** [PROF7] The next request at once, where this one brought something. */
function afterAnswer(
  profiles: Profiles,
  state: GuildState,
  sync: ProfileSync,
  wastedBytes: number,
  isFruitful: boolean,
  nowMs: number,
): ProfileStep {
  const waste = refilled(sync.waste, PROFILE.wasteBytesPerS, PROFILE.wasteBurstBytes, nowMs);
  const bytes = waste.bytes - wastedBytes;
  const next = { ...sync, waste: { ...waste, bytes } };
  const pause = (pauseMs: number, reason: Reason) =>
    quiet(profiles, { ...next, phase: { t: "paused", untilMs: nowMs + pauseMs } }, reason);
  if (bytes < 0) return pause(Math.ceil(-bytes * 1000 / PROFILE.wasteBytesPerS), "sync.wasteful");
  if (!isFruitful) return pause(PROFILE.fruitlessPauseMs, "sync.fruitless");
  return ask(profiles, state, { ...next, phase: { t: "idle" } }, nowMs);
}
