/** Names and pictures of members, as part of the machine: SPEC sections 25 and 26. */
import type { DeviceId } from "../../ids.ts";
import { type ProfileFrame, profileSyncCodec } from "../../wire/profileSync.ts";
import { keepMembers, type OwnProfile, type Profiles, setProfile } from "../profiles/profiles.ts";
import {
  besides,
  openProfileSync,
  profileSyncDueAtMs,
  profileSyncStep,
  profileSyncTick,
  tellProfiles,
  wantPictures,
} from "../profiles/sync.ts";
import type { ProfileStep, ProfileSync } from "../profiles/syncState.ts";
import { lookAt, withLacking, withoutHere } from "./looking.ts";
import { isMembers } from "./ruled.ts";
import type { LiveGuild } from "./state.ts";
import type { GuildTurn } from "./turn.ts";

/** Before anything else is said on a link: only a member is shown who the others are. */
export function openProfilesWith(turn: GuildTurn, device: DeviceId): ProfileSync {
  const { sync, send } = openProfileSync(turn.state.profiles, turn.nowMs, turn.env.rng.bytes(1)[0]!);
  if (isMembers(turn.state.ruled, device)) sendAll(turn, device, send);
  return sync;
}

function sendAll(turn: GuildTurn, device: DeviceId, frames: readonly ProfileFrame[]): void {
  for (const frame of frames) turn.send(device, { t: "profile", body: profileSyncCodec.encode(frame) });
}

export function profileFrame(turn: GuildTurn, device: DeviceId, bytes: Uint8Array): void {
  if (!isMembers(turn.state.ruled, device)) return turn.refuse("guild.not-a-member");
  const frame = profileSyncCodec.decode(bytes);
  if (!frame.ok) return turn.refuse(frame.reason);
  const { profiles, ruled } = turn.state;
  done(turn, device, profileSyncStep(profiles, ruled.guild, syncWith(turn, device), frame.value, turn.nowMs));
}

/** Who we are in this guild from now on. */
export function introduceSelf(turn: GuildTurn, own: OwnProfile): void {
  const { profiles, ruled, device } = turn.state;
  const next = setProfile(profiles, ruled.guild, device, own, turn.nowMs);
  if (!next.ok) return turn.refuse(next.reason);
  setProfiles(turn, next.value);
  tellAll(turn);
}

/** [PROF3] */
export function dropProfiles(turn: GuildTurn): void {
  const kept = keepMembers(turn.state.profiles, turn.state.ruled.guild);
  if (kept === turn.state.profiles) return;
  setProfiles(turn, kept);
  tellAll(turn);
}

export function tickProfiles(turn: GuildTurn): void {
  for (const [device, peer] of turn.state.peers) {
    const dueAtMs = profileSyncDueAtMs(turn.state.profiles, peer.profiles);
    if (dueAtMs === null || dueAtMs > turn.nowMs || !isMembers(turn.state.ruled, device)) continue;
    const { profiles, ruled } = turn.state;
    done(turn, device, profileSyncTick(profiles, ruled.guild, syncWith(turn, device), turn.nowMs));
  }
}

/** [PROF7] Nobody's profile is asked of two peers at once. */
function syncWith({ state: { peers } }: GuildTurn, device: DeviceId): ProfileSync {
  const others = [...peers].filter(([other]) => other !== device);
  return besides(peers.get(device)!.profiles, others.map(([, { profiles }]) => profiles));
}

export function profilesDueAtMs({ peers, profiles, ruled }: LiveGuild): number | null {
  const due = [...peers].flatMap(([device, peer]) =>
    isMembers(ruled, device) ? profileSyncDueAtMs(profiles, peer.profiles) ?? [] : []
  );
  return due.length === 0 ? null : Math.min(...due);
}

/** [PROF8] */
export function look(turn: GuildTurn, names: readonly string[]): void {
  turn.set({ looking: lookAt(turn.state.looking, names) });
  askForPictures(turn);
}

/** Each of one member that may have it; of nobody where nobody is there who might. */
export function askForPictures(turn: GuildTurn): void {
  turn.set({ looking: withoutHere(turn.state.looking, turn.state.profiles.pictures) });
  for (const [name, lacking] of turn.state.looking) {
    const members = [...turn.state.peers].filter(([device]) => isMembers(turn.state.ruled, device));
    if (members.some(([, { profiles }]) => profiles.pictures.includes(name))) continue;
    const [free] = members.find(([device]) => !lacking.has(device)) ?? [];
    if (free === undefined) continue;
    const { profiles, ruled } = turn.state;
    take(turn, free, wantPictures(profiles, ruled.guild, syncWith(turn, free), [name], turn.nowMs));
  }
}

function done(turn: GuildTurn, device: DeviceId, step: ProfileStep): void {
  take(turn, device, step);
  turn.set({ looking: withLacking(turn.state.looking, device, step.lacking) });
  if (turn.state.looking.size > 0) askForPictures(turn);
}

function take(turn: GuildTurn, device: DeviceId, { profiles, sync, changed, send, refused }: ProfileStep): void {
  turn.refuse(refused);
  setProfiles(turn, profiles);
  turn.setPeer(device, { ...turn.state.peers.get(device)!, profiles: sync });
  sendAll(turn, device, send);
  if (changed.length > 0) tellAll(turn);
}

function tellAll(turn: GuildTurn): void {
  for (const [device, peer] of turn.state.peers) {
    if (!isMembers(turn.state.ruled, device)) continue;
    const { sync, send } = tellProfiles(turn.state.profiles, peer.profiles, turn.nowMs);
    turn.setPeer(device, { ...peer, profiles: sync });
    sendAll(turn, device, send);
  }
}

function setProfiles(turn: GuildTurn, profiles: Profiles): void {
  const before = turn.state.profiles;
  if (profiles === before) return;
  turn.set({ profiles });
  for (const [user, { bytes }] of profiles.records) {
    if (before.records.get(user)?.bytes !== bytes) turn.write(turn.keys.profile(user), bytes);
  }
  for (const user of before.records.keys()) if (!profiles.records.has(user)) turn.write(turn.keys.profile(user), null);
  for (const [name, bytes] of profiles.pictures) {
    if (!before.pictures.has(name)) turn.write(turn.keys.picture(name), bytes);
  }
  for (const name of before.pictures.keys()) {
    if (!profiles.pictures.has(name)) turn.write(turn.keys.picture(name), null);
  }
}
