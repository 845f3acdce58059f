/** Profiles, and what two members say to each other about them. */
import { openProfiles, receiveProfile } from "../../core/guild/profiles/profiles.ts";
import { profileCodec, signedProfileCodec } from "../../core/wire/guildProfile.ts";
import { type ProfileFrame, profileSyncCodec } from "../../core/wire/profileSync.ts";
import { deviceAt, GUILD_ID, guildOf, signedProfile } from "../support/profiles.ts";
import { envOf, must } from "../support/world.ts";
import { cbor, MAX_DECODE_MS, outcome } from "./coding.ts";
import { mutateCbor } from "./mutate.ts";
import type { Target } from "./target.ts";

const { rng } = envOf(98);
const [ann, bob] = [deviceAt(0), deviceAt(1)];
const picture = { sha256: rng.bytes(32), sizeBytes: 8_000 };
const signed = [signedProfile(ann), signedProfile(bob, { number: 2 ** 40, name: "Bob", status: "away", picture })];
const entries = [ann, bob].map(({ user }, at) => ({ user, number: at, digest: rng.bytes(16) }));
const frames: readonly ProfileFrame[] = [
  { t: "digests", buckets: rng.bytes(512) },
  { t: "entries", entries },
  { t: "want", number: 1, users: [ann.user, bob.user] },
  { t: "records", number: 1, records: signed },
  { t: "wantPicture", number: 2, sha256: picture.sha256 },
  { t: "picture", number: 2, bytes: rng.bytes(200) },
  { t: "picture", number: 2, bytes: null },
  { t: "busy", number: 3, retryAfterMs: 500 },
];
const guild = guildOf(ann, bob);

export const PROFILES: readonly Target[] = [
  cbor("profile", signed.map((bytes) => must(signedProfileCodec.decode(bytes)).profile), profileCodec),
  cbor("signed profile", signed, signedProfileCodec),
  cbor("frame of profile sync", frames.map(profileSyncCodec.encode), profileSyncCodec),
  {
    name: "profile at a guild",
    cost: "costly",
    maxInputMs: MAX_DECODE_MS,
    seeds: signed,
    mutate: mutateCbor,
    run: (input) => outcome(receiveProfile(openProfiles(GUILD_ID), guild, input), 2),
  },
];
