/** Who the members of a guild say they are: per person the newest record, signed by a device of theirs. SPEC section 25. */
import { sha256 } from "../../crypto/kdf.ts";
import { LABELS } from "../../crypto/labels.ts";
import { sign } from "../../crypto/sign.ts";
import { verifyOften } from "../../crypto/verifyOften.ts";
import { ok, type Reason, refuse, type Result } from "../../errors.ts";
import { fromHex, type GuildId, toHex, type UserId } from "../../ids.ts";
import type { LocalDevice } from "../../identity/identity.ts";
import { PROFILE } from "../../limits.ts";
import { PROFILE_VERSION, profileCodec, type ProfileFields, signedProfileCodec } from "../../wire/guildProfile.ts";
import type { GuildState } from "../state.ts";

export interface Profile extends ProfileFields {
  /** Hex of the first 16 bytes of the SHA-256 of what was signed. */
  readonly digest: string;
  /** As it came: to be kept and passed on. */
  readonly bytes: Uint8Array;
}

export interface Profiles {
  readonly guild: GuildId;
  readonly records: ReadonlyMap<UserId, Profile>;
  /** By the hex of their SHA-256: of those that a record names, what is here. */
  readonly pictures: ReadonlyMap<string, Uint8Array>;
}

export const openProfiles = (guild: GuildId): Profiles => ({ guild, records: new Map(), pictures: new Map() });

/** [PROF2] Which of two by one person holds: the same for all, in whatever order they come. */
export const isNewer = (
  one: Pick<Profile, "number" | "digest">,
  other: Pick<Profile, "number" | "digest"> | undefined,
): boolean =>
  other === undefined || one.number > other.number || (one.number === other.number && one.digest < other.digest);

export type ProfileReason = Extract<Reason, `wire.${string}` | `profile.${string}` | `crypto.${string}`>;

/** [PROF1] [PROF2] `state`: the guild as it is. One that is known already changes nothing. */
export function receiveProfile(
  profiles: Profiles,
  state: GuildState,
  bytes: Uint8Array,
): Result<Profiles, ProfileReason> {
  const checked = check(profiles, state, bytes);
  if (!checked.ok) return checked;
  return ok(checked.value === null ? profiles : withRecords(profiles, withRecord(profiles.records, checked.value)));
}

export interface ReceivedProfiles {
  readonly profiles: Profiles;
  readonly changed: readonly UserId[];
  readonly refused: readonly ProfileReason[];
}

/** Many at once, in any order. */
export function receiveProfiles(before: Profiles, state: GuildState, many: readonly Uint8Array[]): ReceivedProfiles {
  const records = new Map(before.records);
  const changed = new Set<UserId>();
  const refused: ProfileReason[] = [];
  for (const bytes of many) {
    const checked = check({ ...before, records }, state, bytes);
    if (!checked.ok) refused.push(checked.reason);
    if (!checked.ok || checked.value === null) continue;
    records.set(checked.value.user, checked.value);
    changed.add(checked.value.user);
  }
  return { profiles: changed.size === 0 ? before : withRecords(before, records), changed: [...changed], refused };
}

/** `null` for what is here already. */
function check(
  { guild, records }: Profiles,
  state: GuildState,
  bytes: Uint8Array,
): Result<Profile | null, ProfileReason> {
  const outer = signedProfileCodec.decode(bytes);
  if (!outer.ok) return outer;
  const { profile: signed, signature } = outer.value;
  const inner = profileCodec.decode(signed);
  if (!inner.ok) return inner;
  const { v, user, device, number } = inner.value;
  if (v !== PROFILE_VERSION) return refuse("wire.unknown-version");
  if (inner.value.guild !== guild) return refuse("profile.wrong-guild");
  if (!state.members.get(user)?.devices.has(device)) return refuse("profile.not-a-member");
  const digest = toHex(sha256(signed).subarray(0, 16));
  const known = records.get(user);
  if (known?.digest === digest) return ok(null);
  if (!isNewer({ number, digest }, known)) return refuse("profile.stale");
  if (!verifyOften(fromHex(device), signature, LABELS.guildProfile, signed)) return refuse("crypto.bad-signature");
  return ok({ ...inner.value, digest, bytes });
}

export interface OwnProfile {
  readonly name: string;
  readonly status: string;
  readonly picture: Uint8Array | null;
}

/**
 * The profile of this device's person from now on: `records` has the bytes to keep. `leastNumber`: the time, so that a
 * store which was set back does not say less than it had.
 */
export function setProfile(
  profiles: Profiles,
  state: GuildState,
  { user, id, signing }: LocalDevice,
  { name, status, picture }: OwnProfile,
  leastNumber = 1,
): Result<Profiles, ProfileReason> {
  const number = Math.max(1 + (profiles.records.get(user)?.number ?? 0), leastNumber);
  if (number > PROFILE.maxNumber) return refuse("profile.stale");
  if (picture !== null && picture.length > PROFILE.maxPictureBytes) return refuse("wire.too-large");
  const profile = profileCodec.encode({
    v: PROFILE_VERSION,
    guild: profiles.guild,
    user,
    device: id,
    number,
    name,
    status,
    picture: picture === null ? null : { sha256: sha256(picture), sizeBytes: picture.length },
  });
  const bytes = signedProfileCodec.encode({ profile, signature: sign(signing, LABELS.guildProfile, profile) });
  const next = receiveProfile(profiles, state, bytes);
  return next.ok && picture !== null ? ok(takePicture(next.value, picture)) : next;
}

/** [PROF4] The same where no record names these bytes. */
export function takePicture(profiles: Profiles, bytes: Uint8Array): Profiles {
  const name = toHex(sha256(bytes));
  const isNamed = [...profiles.records.values()].some(({ picture }) =>
    picture !== null && picture.sizeBytes === bytes.length && toHex(picture.sha256) === name
  );
  if (!isNamed || profiles.pictures.has(name)) return profiles;
  return { ...profiles, pictures: new Map(profiles.pictures).set(name, bytes) };
}

/** [PROF3] Without what is by devices that no member has any more; the same where there is none. */
export function keepMembers(profiles: Profiles, { members }: GuildState): Profiles {
  const kept = [...profiles.records].filter(([user, { device }]) => members.get(user)?.devices.has(device));
  return kept.length === profiles.records.size ? profiles : withRecords(profiles, new Map(kept));
}

const withRecord = (records: Profiles["records"], one: Profile): Profiles["records"] =>
  new Map(records).set(one.user, one);

/** [PROF4] A picture that nothing names goes. */
function withRecords({ guild, pictures }: Profiles, records: Profiles["records"]): Profiles {
  if (pictures.size === 0) return { guild, records, pictures };
  const named = new Set(
    [...records.values()].flatMap(({ picture }) => picture === null ? [] : [toHex(picture.sha256)]),
  );
  const kept = [...pictures].filter(([name]) => named.has(name));
  return { guild, records, pictures: kept.length === pictures.size ? pictures : new Map(kept) };
}
