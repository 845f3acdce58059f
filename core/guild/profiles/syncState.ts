/** What is under way between two members about profiles: nothing of it has to outlive the link. SPEC section 25. */
import type { Reason } from "../../errors.ts";
import type { UserId } from "../../ids.ts";
import type { Allowance } from "../../log/serving.ts";
import type { ProfileFrame } from "../../wire/profileSync.ts";
import type { GuildState } from "../state.ts";
import type { Profiles } from "./profiles.ts";

type Phase =
  | { readonly t: "idle" }
  /** An answer is due until `untilMs`. */
  | { readonly t: "wanting"; readonly asked: readonly (readonly [UserId, Wanted])[]; readonly untilMs: number }
  | { readonly t: "fetching"; readonly sha256: string; readonly untilMs: number }
  /** Nothing is asked until then. */
  | { readonly t: "paused"; readonly untilMs: number };

export interface Wanted {
  readonly number: number;
  readonly digest: string;
  /** [PROF7] The guild in which it was refused for its device: it is asked for again when that has changed. */
  readonly tried: GuildState | null;
}

export interface ProfileSync {
  /** Where in what it lacks it begins to ask: peers that are asked side by side begin at different places. */
  readonly turn: number;
  /** [PROF7] People whom other peers are being asked for: see `besides`. */
  readonly elsewhere: ReadonlySet<UserId>;
  readonly phase: Phase;
  /** Of the last request. */
  readonly number: number;
  readonly unanswered: number;
  /** [PROF6] What the peer says to have: it is not told of that. */
  readonly claims: ReadonlyMap<UserId, Pick<Wanted, "number" | "digest">>;
  /** Newer than what is here, by what the peer said. */
  readonly wanted: ReadonlyMap<UserId, Wanted>;
  /** Pictures to ask the peer for, by the hex of their SHA-256. */
  readonly pictures: readonly string[];
  /** What the peer was told last. */
  readonly told: Profiles["records"];
  /** The peer's digests, as long as they are not answered. */
  readonly theirs: Uint8Array | null;
  /** Nothing is told before. */
  readonly tellAtMs: number;
  readonly served: Allowance;
  readonly waste: Allowance;
}

export interface ProfileStep {
  readonly profiles: Profiles;
  readonly sync: ProfileSync;
  /** People whose record is another one now. */
  readonly changed: readonly UserId[];
  readonly send: readonly ProfileFrame[];
  /** [PROF8] Pictures that were asked for and that this peer does not give: another one may. */
  readonly lacking: readonly string[];
  /** What the peer did that an honest one does not, or does seldom: to be counted. The state stands all the same. */
  readonly refused: Reason | null;
}

export const quiet = (profiles: Profiles, sync: ProfileSync, refused: Reason | null = null): ProfileStep => ({
  profiles,
  sync,
  changed: [],
  send: [],
  lacking: [],
  refused,
});
