/** What a peer is answered that asks for profiles: from what is here alone. SPEC section 25, [PROF9]. */
import { toHex } from "../../ids.ts";
import { PROFILE } from "../../limits.ts";
import { type Allowance, refilled } from "../../log/serving.ts";
import type { ProfileFrame } from "../../wire/profileSync.ts";
import type { Profiles } from "./profiles.ts";

type Asked = Extract<ProfileFrame, { readonly t: "want" | "wantPicture" }>;
type Answer = Extract<ProfileFrame, { readonly t: "records" | "picture" | "busy" }>;

/** The answer, and what is left of what the peer may be sent. */
export function serveProfiles(
  profiles: Profiles,
  before: Allowance,
  asked: Asked,
  nowMs: number,
): [Answer, Allowance] {
  const allowed = refilled(before, PROFILE.servedBytesPerS, PROFILE.servedBurstBytes, nowMs);
  const { number } = asked;
  if (allowed.bytes < PROFILE.maxFrameBytes) {
    const retryAfterMs = Math.ceil((PROFILE.maxFrameBytes - allowed.bytes) * 1000 / PROFILE.servedBytesPerS);
    return [{ t: "busy", number, retryAfterMs }, allowed];
  }
  const [answer, sizeBytes] = asked.t === "want" ? records(profiles, asked) : picture(profiles, asked);
  return [answer, { ...allowed, bytes: allowed.bytes - Math.max(PROFILE.minServedBytes, sizeBytes) }];
}

function records({ records }: Profiles, { number, users }: Extract<Asked, { readonly t: "want" }>): [Answer, number] {
  const found = [...new Set(users)].flatMap((user) => records.get(user)?.bytes ?? []);
  return [{ t: "records", number, records: found }, found.reduce((sum, { length }) => sum + length, 0)];
}

function picture(
  { pictures }: Profiles,
  { number, sha256 }: Extract<Asked, { readonly t: "wantPicture" }>,
): [Answer, number] {
  const bytes = pictures.get(toHex(sha256)) ?? null;
  return [{ t: "picture", number, bytes }, bytes?.length ?? 0];
}
