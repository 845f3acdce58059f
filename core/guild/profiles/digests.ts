/** What two members compare of their profiles, so that equal ones cost a frame each way. SPEC section 25, [PROF5]. */
import { sha256 } from "../../crypto/kdf.ts";
import { fromHex, type UserId } from "../../ids.ts";
import { PROFILE } from "../../limits.ts";
import { concat, sameBytes } from "../../wire/bytes.ts";
import type { ProfileEntry, ProfileFrame } from "../../wire/profileSync.ts";
import type { Profile, Profiles } from "./profiles.ts";

type Records = Profiles["records"];

const entryOf = ({ user, number, digest }: Profile): ProfileEntry => ({ user, number, digest: fromHex(digest) });

/** By people: their ids are keys, so their first bytes are spread. */
const bucketOf = (user: UserId): number => fromHex(user.slice(0, 2))[0]! % PROFILE.buckets;

/** Records are never changed, so their digests are worked out once for all peers. */
const known = new WeakMap<Records, Uint8Array>();

export function digestsOf(records: Records): Uint8Array {
  const before = known.get(records);
  if (before !== undefined) return before;
  const digests = computed(records);
  known.set(records, digests);
  return digests;
}

function computed(records: Records): Uint8Array {
  const buckets = Array.from({ length: PROFILE.buckets }, (): string[] => []);
  for (const { user, digest } of records.values()) buckets[bucketOf(user)]!.push(user + digest);
  return concat(
    ...buckets.map((some) => sha256(fromHex(some.sort().join(""))).subarray(0, PROFILE.bucketBytes)),
  );
}

/** What is here of the parts that another one has otherwise. */
export function differing(records: Records, theirs: Uint8Array): readonly Profile[] {
  const ours = digestsOf(records);
  const part = (digests: Uint8Array, bucket: number) =>
    digests.subarray(bucket * PROFILE.bucketBytes, (bucket + 1) * PROFILE.bucketBytes);
  const isEqual = Array.from({ length: PROFILE.buckets }, (_, at) => sameBytes(part(ours, at), part(theirs, at)));
  return [...records.values()].filter(({ user }) => !isEqual[bucketOf(user)]);
}

export function entryFrames(some: readonly Profile[]): readonly ProfileFrame[] {
  const frames: ProfileFrame[] = [];
  for (let at = 0; at < some.length; at += PROFILE.maxEntries) {
    frames.push({ t: "entries", entries: some.slice(at, at + PROFILE.maxEntries).map(entryOf) });
  }
  return frames;
}
