/** Profiles come together, whatever order they come in, whatever happens to the frames and whoever else is there. */
import assert from "node:assert/strict";
import {
  isNewer,
  openProfiles,
  type Profile,
  type Profiles,
  receiveProfile,
  receiveProfiles,
} from "../../core/guild/profiles/profiles.ts";
import { type UserId, userId } from "../../core/ids.ts";
import { sha256 } from "../../core/crypto/kdf.ts";
import type { ProfileFrame } from "../../core/wire/profileSync.ts";
import { Random } from "../sim/random.ts";
import { deviceAt, GUILD_ID, guildOf, ProfileNet, signedProfile } from "../support/profiles.ts";
import { must } from "../support/world.ts";

const SEEDS = 100;
const SETS = 30;
const PEOPLE = 10;
const devices = Array.from({ length: PEOPLE }, (_, at) => deviceAt(at));
const guild = guildOf(...devices);
const none = openProfiles(GUILD_ID);

/** Good ones, several under one number, and some that nobody may believe. */
const good = devices.flatMap((device, at) =>
  [1, 2, 2, 3, 3].map((number, twin) => signedProfile(device, { number, name: `${at} ${twin}` }))
);
const stranger = deviceAt(PEOPLE);
const bad = [
  signedProfile(stranger, { number: 9 }),
  signedProfile(stranger, { number: 9, user: devices[0]!.user }),
  signedProfile(devices[1]!, { number: 9, user: devices[0]!.user }),
  good[0]!.with(-1, good[0]!.at(-1)! ^ 1),
];

const taken = (some: readonly Uint8Array[]): Profiles => receiveProfiles(none, guild, some).profiles;

/** Plainly: of each person what holds among these. */
function best(some: readonly Uint8Array[]): ReadonlyMap<UserId, Profile> {
  const records = new Map<UserId, Profile>();
  for (const bytes of some) {
    const one = receiveProfile(none, guild, bytes);
    if (!one.ok) continue;
    for (const [user, profile] of one.value.records) {
      if (isNewer(profile, records.get(user))) records.set(user, profile);
    }
  }
  return records;
}

const byUser = (records: ReadonlyMap<UserId, Profile>) => [...records].sort(([a], [b]) => a < b ? -1 : 1);

Deno.test("[PROF2] any order of delivery, with repeats and what nobody believes, gives one map", () => {
  for (let seed = 1; seed <= SETS; seed++) {
    const random = new Random(seed);
    const some = [...good.filter(() => random.chance(0.6)), ...bad];
    const expected = byUser(best(some));
    for (let order = 0; order < 3; order++) {
      const shuffled = [...some, ...some.slice(0, 9)].map((bytes) => [random.below(1_000), bytes] as const)
        .sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
      assert.deepEqual(byUser(taken(shuffled).records), expected, `seed ${seed}`);
      let oneByOne = none;
      for (const bytes of shuffled) {
        const next = receiveProfile(oneByOne, guild, bytes);
        if (next.ok) oneByOne = next.value;
      }
      assert.deepEqual(byUser(oneByOne.records), expected, `seed ${seed}`);
    }
  }
});

/** A member who says anything that has a form, and gives the number that is due more often than not. */
function liar(random: Random): (frame: ProfileFrame) => readonly ProfileFrame[] {
  let left = 150;
  return (frame) => {
    if (left-- <= 0) return [];
    const number = "number" in frame && random.below(4) > 0 ? frame.number : 1 + random.below(5);
    const bogus = must(userId(sha256(Uint8Array.of(random.below(250)))));
    const users = [bogus, ...devices.filter(() => random.chance(0.3)).map(({ user }) => user)];
    const bytes = Uint8Array.from({ length: 16 }, () => random.below(256));
    return [
      random.pick<ProfileFrame>([
        { t: "digests", buckets: Uint8Array.from({ length: 512 }, () => random.below(256)) },
        { t: "entries", entries: users.map((user) => ({ user, number: 2 + random.below(2 ** 40), digest: bytes })) },
        { t: "want", number, users },
        { t: "records", number, records: [...bad, ...good].filter(() => random.chance(0.2)) },
        { t: "records", number, records: [] },
        { t: "wantPicture", number, sha256: sha256(bytes) },
        { t: "picture", number, bytes },
        { t: "busy", number, retryAfterMs: random.below(60_000) },
      ])!,
    ];
  };
}

function converge(seed: number): number {
  const random = new Random(seed);
  const honest = 2 + random.below(3);
  const parts = Array.from({ length: honest }, () => good.filter(() => random.chance(0.3)));
  const isWatched = random.below(2) === 0;
  const hostile = isWatched ? { at: honest, answer: liar(random) } : null;
  const members = parts.map(taken);
  const net = new ProfileNet(isWatched ? [...members, none] : members, guild, hostile);
  for (let cuts = random.below(4); cuts > 0; cuts--) {
    net.open();
    for (let steps = random.below(40); steps > 0 && net.queue.length > 0; steps--) {
      net.deliver((count) => random.below(count), () => random.pick([0, 1, 1, 1, 1, 2])!);
    }
    net.nowMs += random.below(20_000);
    net.tick();
  }
  net.open();
  assert.ok(net.settle(1_500), "it does not end");
  const all = byUser(net.members[0]!.records);
  for (const { records } of net.members.slice(1, honest)) assert.deepEqual(byUser(records), all);
  for (const [user, one] of best(parts.flat())) {
    const here = net.members[0]!.records.get(user);
    assert.ok(here !== undefined && !isNewer(one, here), "a newer one did not arrive");
  }
  if (!isWatched) assert.deepEqual(all, byUser(best(parts.flat())));
  return net.frames;
}

Deno.test("[PROF5] [PROF6] [PROF7] profiles come together through cuts, loss, repeats, and next to a liar", () => {
  const frames: number[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      frames.push(converge(seed));
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
  console.log(`${SEEDS} sets of profiles, at most ${Math.max(...frames)} frames`);
});
