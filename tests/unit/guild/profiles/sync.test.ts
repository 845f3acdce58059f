/** Profiles of two members brought together, and what a peer who means ill can do to it. */
import assert from "node:assert/strict";
import { sha256 } from "../../../../core/crypto/kdf.ts";
import {
  keepMembers,
  openProfiles,
  type Profiles,
  receiveProfiles,
  setProfile,
  takePicture,
} from "../../../../core/guild/profiles/profiles.ts";
import {
  besides,
  openProfileSync,
  profileSyncDueAtMs,
  profileSyncStep,
  profileSyncTick,
  wantPictures,
} from "../../../../core/guild/profiles/sync.ts";
import type { ProfileStep } from "../../../../core/guild/profiles/syncState.ts";
import { toHex } from "../../../../core/ids.ts";
import { PROFILE } from "../../../../core/limits.ts";
import type { ProfileFrame } from "../../../../core/wire/profileSync.ts";
import { deviceAt, GUILD_ID, guildOf, ProfileNet, signedProfile } from "../../../support/profiles.ts";
import { must } from "../../../support/world.ts";

const NOW_MS = 5_000;
const COUNT = 12;
const devices = Array.from({ length: COUNT }, (_, at) => deviceAt(at));
const guild = guildOf(...devices);
const none = openProfiles(GUILD_ID);
const withAll = (...records: readonly Uint8Array[]): Profiles => receiveProfiles(none, guild, records).profiles;
const firsts = devices.map((device) => signedProfile(device, { name: "one" }));
const seconds = devices.map((device) => signedProfile(device, { number: 2, name: "two" }));
const entry = (profiles: Profiles, at: number) => {
  const { user, number, digest } = profiles.records.get(devices[at]!.user)!;
  return { user, number, digest: Uint8Array.from(digest.match(/../g)!, (byte) => parseInt(byte, 16)) };
};
const opened = openProfileSync(none, NOW_MS).sync;
const said = (before: ProfileStep["sync"], frame: ProfileFrame, nowMs = NOW_MS, profiles = none, state = guild) =>
  profileSyncStep(profiles, state, before, frame, nowMs);
const full = withAll(...firsts);
const told = (...ats: readonly number[]) => said(opened, { t: "entries", entries: ats.map((at) => entry(full, at)) });

Deno.test("[PROF5] equal profiles cost a frame each way; what differs crosses both ways", () => {
  const equal = new ProfileNet([full, full], guild);
  equal.open();
  assert.ok(equal.settle(2));
  assert.equal(equal.frames, 2);
  const net = new ProfileNet([
    withAll(...firsts.slice(0, 8), ...seconds.slice(8)),
    withAll(...seconds.slice(0, 4), ...firsts.slice(2)),
  ], guild);
  net.open();
  assert.ok(net.settle(14));
  assert.deepEqual(net.members[0]!.records, net.members[1]!.records);
  assert.equal(net.members[0]!.records.size, COUNT);
  assert.deepEqual(net.refused, []);
});

Deno.test("[PROF6] what is new is told once, to those who do not have it, and not too often", () => {
  const net = new ProfileNet([full, full, full], guild);
  net.open();
  assert.ok(net.settle(6));
  const before = net.frames;
  let own = full;
  for (let at = 0; at < 20; at++) {
    own = must(setProfile(own, guild, devices[0]!, { name: `${at}`, status: "", picture: null }));
    net.set(0, own);
  }
  assert.ok(net.settle(40));
  for (const { records } of net.members) assert.equal(records.get(devices[0]!.user)?.name, "19");
  // The first and the last of the twenty: an entry, a request and an answer to each of the two, and two among them.
  assert.ok(net.frames - before <= 2 * (2 * 3 + 2), `${net.frames - before} frames`);
});

Deno.test("[PROF7] only what is asked for is taken, and what brings nothing pauses", () => {
  const { send, sync } = told(0, 1);
  assert.deepEqual(send.map(({ t }) => t), ["want"]);
  const answer = { t: "records", number: 1, records: [firsts[0]!] } as const;
  assert.equal(said(opened, answer).refused, "sync.unasked");
  assert.equal(said(sync, { ...answer, number: 2 }).refused, "sync.unasked");
  assert.equal(said(sync, { t: "picture", number: 1, bytes: null }).refused, "sync.unasked");
  const took = said(sync, answer);
  assert.deepEqual([took.changed, took.refused, took.sync.wanted.size], [[devices[0]!.user], null, 0]);
  const nothing = said(sync, { ...answer, records: [] });
  assert.deepEqual([nothing.refused, nothing.sync.wanted.size], ["sync.fruitless", 0]);
  assert.equal(said(sync, answer, NOW_MS, full).refused, null, "another peer was quicker");
  const again = said(nothing.sync, { t: "entries", entries: [entry(full, 2)] });
  assert.deepEqual(again.send, []);
  const due = profileSyncDueAtMs(none, again.sync)!;
  assert.equal(due, NOW_MS + PROFILE.fruitlessPauseMs);
  assert.equal(profileSyncTick(none, guild, again.sync, due).send[0]?.t, "want");
});

Deno.test("[PROF7] a record that answers is asked for anew only where another one was told of since", () => {
  const newer = withAll(...seconds);
  const meanwhile = said(told(0).sync, { t: "entries", entries: [entry(newer, 0)] });
  const took = said(meanwhile.sync, { t: "records", number: 1, records: [firsts[0]!] });
  assert.deepEqual(took.send, [{ t: "want", number: 2, users: [devices[0]!.user] }]);
  const last = said(took.sync, { t: "records", number: 2, records: [seconds[0]!] }, NOW_MS, took.profiles);
  assert.deepEqual([last.send, last.refused], [[], null]);
});

Deno.test("[PROF7] who is silent is not asked for ever, and one who wastes is not asked for long", () => {
  let { sync } = told(0, 1);
  const [sent, refused]: [ProfileFrame[], (string | null)[]] = [[], []];
  for (let round = 0; round < 20 && sync.phase.t !== "idle"; round++) {
    const step = profileSyncTick(none, guild, sync, profileSyncDueAtMs(none, sync)!);
    refused.push(step.refused);
    sent.push(...step.send);
    sync = step.sync;
  }
  assert.equal(sync.phase.t, "idle");
  assert.equal(sent.length, PROFILE.maxUnanswered - 1);
  assert.deepEqual(refused, ["sync.silent", null, "sync.silent", null, "sync.silent", null]);
  const poor = { ...told(0).sync, waste: { bytes: 100, atMs: NOW_MS } };
  const wasted = said(poor, { t: "records", number: 1, records: [signedProfile(deviceAt(COUNT))] });
  assert.equal(wasted.refused, "sync.wasteful");
  assert.ok(wasted.sync.phase.t === "paused");
});

Deno.test("[PROF7] profiles of people, and by devices, that are not known yet are asked for when the guild has changed", () => {
  const few = guildOf(...devices.slice(1));
  const early = said(opened, { t: "entries", entries: [entry(full, 0)] }, NOW_MS, none, few);
  assert.deepEqual(early.send, []);
  const known = profileSyncTick(none, guild, early.sync, NOW_MS);
  assert.equal(known.send[0]?.t, "want");
  const { user } = devices[0]!;
  const without = {
    ...guild,
    members: new Map(guild.members).set(user, { roles: new Set<never>(), devices: new Set<never>() }),
  };
  const unready = said(known.sync, { t: "records", number: 1, records: [firsts[0]!] }, NOW_MS, none, without);
  const later = NOW_MS + PROFILE.fruitlessPauseMs;
  const same = profileSyncTick(none, without, unready.sync, later);
  assert.deepEqual(same.send, []);
  assert.equal(profileSyncTick(none, guild, same.sync, later).send[0]?.t, "want");
});

Deno.test("[PROF6] a profile that goes with its device makes room for an older one", () => {
  const { user, id } = devices[0]!;
  const other = deviceAt(COUNT);
  const twoDevices = (...some: readonly typeof id[]) => ({
    ...guild,
    members: new Map(guild.members).set(user, { roles: new Set<never>(), devices: new Set(some) }),
  });
  const stolen = signedProfile(other, { user, number: 9, name: "stolen" });
  const before = receiveProfiles(none, twoDevices(id, other.id), [stolen]).profiles;
  const net = new ProfileNet([before, full], twoDevices(id, other.id));
  net.open();
  assert.ok(net.settle(12));
  assert.equal(net.members[1]!.records.get(user)?.name, "stolen");
  net.state = twoDevices(id);
  const healed = must(setProfile(keepMembers(net.members[1]!, net.state), net.state, devices[0]!, {
    name: "own",
    status: "",
    picture: null,
  }));
  net.set(1, healed);
  assert.ok(net.settle(20));
  net.set(0, keepMembers(net.members[0]!, net.state));
  assert.ok(net.settle(20));
  assert.equal(net.members[0]!.records.get(user)?.name, "own");
});

Deno.test("[PROF7] several peers at once are asked for nothing twice, and are not told what they have", () => {
  const net = new ProfileNet([none, full, full, full, full], guild);
  net.open();
  assert.ok(net.settle(60));
  assert.equal(net.members[0]!.records.size, COUNT);
  assert.deepEqual(net.refused, []);
  const recordBytes = firsts.reduce((sum, { length }) => sum + length, 0);
  const entryBytes = 80 * COUNT;
  // Digests between all, entries from each of the four, each record once, and the frames around them.
  assert.ok(net.sizeBytes < 20 * 534 + 4 * entryBytes + recordBytes + 500, `${net.sizeBytes} bytes`);
  const asking = told(0, 1).sync;
  const beside = besides(opened, [asking]);
  const waits = said(beside, { t: "entries", entries: [entry(full, 0)] });
  assert.deepEqual([waits.send, waits.sync.phase.t], [[], "paused"]);
  const due = profileSyncDueAtMs(none, waits.sync)!;
  assert.equal(profileSyncTick(none, guild, besides(waits.sync, []), due).send[0]?.t, "want");
});

Deno.test("[PROF7] who promises all and answers nothing keeps nobody from getting what others have", () => {
  const entries = devices.map((_, at) => ({ ...entry(full, at), number: 2 ** 40 }));
  const silent = (frame: ProfileFrame): readonly ProfileFrame[] =>
    frame.t === "want" || frame.t === "digests" ? [{ t: "entries", entries }] : [];
  const net = new ProfileNet([none, none, full], guild, { at: 1, answer: silent });
  net.open();
  for (let round = 0; round < 40 && net.members[0]!.records.size < COUNT; round++) {
    while (net.queue.length > 0) net.deliver();
    net.nowMs += 500;
    net.tick();
  }
  assert.equal(net.members[0]!.records.size, COUNT);
  assert.ok(net.nowMs < 1_000 + PROFILE.answerTimeoutMs + 2_000, `${net.nowMs} ms`);
});

Deno.test("[PROF8] pictures are fetched by what they are, from who has them", () => {
  const picture = Uint8Array.from({ length: 3_000 }, (_, at) => at & 255);
  const hash = sha256(picture);
  const name = toHex(hash);
  const bare = withAll(signedProfile(devices[0]!, { picture: { sha256: hash, sizeBytes: 3_000 } }));
  const net = new ProfileNet([bare, takePicture(bare, picture), bare], guild);
  net.open();
  assert.ok(net.settle(6));
  const ask = (other: number) => {
    net.done(0, other, wantPictures(net.members[0]!, guild, net.sync(0, other), [name, name], net.nowMs));
    assert.ok(net.settle(8));
  };
  ask(2);
  assert.deepEqual(net.lacking, [name]);
  assert.deepEqual(net.refused, []);
  ask(1);
  assert.deepEqual(net.members[0]!.pictures.get(name), picture);
  const asking = wantPictures(bare, guild, opened, [name], NOW_MS);
  const wrong = said(asking.sync, { t: "picture", number: 1, bytes: picture.subarray(1) }, NOW_MS, bare);
  assert.deepEqual([wrong.lacking, wrong.refused, wrong.profiles], [[name], "sync.fruitless", bare]);
});

Deno.test("[PROF9] what is served and what is kept of a peer is bounded", () => {
  let sync = openProfileSync(full, NOW_MS).sync;
  let count = 0;
  const users = devices.map(({ user }) => user);
  for (; count < 10_000; count++) {
    const step = said(sync, { t: "want", number: 1, users }, NOW_MS, full);
    sync = step.sync;
    if (step.send[0]?.t === "busy") break;
  }
  assert.ok(count < PROFILE.servedBurstBytes / PROFILE.minServedBytes);
  assert.equal(said(sync, { t: "want", number: 1, users }, NOW_MS + 1_000, full).send[0]?.t, "records");
  const made = (at: number) => toHex(sha256(Uint8Array.of(at >> 8, at & 255))) as typeof users[0];
  let flooded = opened;
  for (let page = 0; page < 10; page++) {
    const entries = Array.from(
      { length: PROFILE.maxEntries },
      (_, at) => ({ user: made(page * 1_000 + at)!, number: 1, digest: new Uint8Array(16) }),
    );
    flooded = said(flooded, { t: "entries", entries }).sync;
  }
  assert.equal(flooded.wanted.size, PROFILE.maxKept);
  const names = Array.from({ length: 500 }, (_, at) => made(at) as string);
  assert.equal(wantPictures(none, guild, opened, names, NOW_MS).sync.pictures.length, PROFILE.maxPictures);
  let asked = openProfileSync(full, NOW_MS).sync;
  const answers: ProfileFrame[] = [];
  for (let at = 0; at < 100; at++) {
    const step = said(asked, { t: "digests", buckets: new Uint8Array(512) }, NOW_MS + at, full);
    answers.push(...step.send);
    asked = step.sync;
  }
  assert.equal(answers.length, 1, "one answer to a hundred");
});
