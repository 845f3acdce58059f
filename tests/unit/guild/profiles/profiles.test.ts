/** Whose word counts for a member's name and picture, and which of several. */
import assert from "node:assert/strict";
import { LABELS } from "../../../../core/crypto/labels.ts";
import { sign } from "../../../../core/crypto/sign.ts";
import { sha256 } from "../../../../core/crypto/kdf.ts";
import {
  keepMembers,
  openProfiles,
  type Profiles,
  receiveProfile,
  setProfile,
  takePicture,
} from "../../../../core/guild/profiles/profiles.ts";
import { type GuildId, toHex } from "../../../../core/ids.ts";
import { GUILD, PROFILE } from "../../../../core/limits.ts";
import { signedProfileCodec } from "../../../../core/wire/guildProfile.ts";
import { deviceAt, GUILD_ID, guildOf, signedProfile } from "../../../support/profiles.ts";
import { must, mustRefuse } from "../../../support/world.ts";

const [ann, bob, eve] = [deviceAt(0), deviceAt(1), deviceAt(2)];
const guild = guildOf(ann, bob);
const none = openProfiles(GUILD_ID);
const receive = (profiles: Profiles, bytes: Uint8Array) => receiveProfile(profiles, guild, bytes);
const nameOf = (profiles: Profiles, { user } = ann) => profiles.records.get(user)?.name;

Deno.test("[PROF1] a profile is its own person's, by a device of theirs that the guild knows", () => {
  assert.equal(nameOf(must(receive(none, signedProfile(ann, { name: "Ann" })))), "Ann");
  mustRefuse(receive(none, signedProfile(eve)), "profile.not-a-member");
  mustRefuse(receive(none, signedProfile(eve, { user: ann.user })), "profile.not-a-member");
  mustRefuse(receive(none, signedProfile(bob, { user: ann.user })), "profile.not-a-member");
  const elsewhere = "0".repeat(64) as GuildId;
  mustRefuse(receive(none, signedProfile(ann, { guild: elsewhere })), "profile.wrong-guild");
  mustRefuse(receive(none, signedProfile(ann, { v: 2 })), "wire.unknown-version");
});

Deno.test("[PROF1] a profile that somebody else signed, or that was signed as something else, is refused", () => {
  const { profile, signature } = must(signedProfileCodec.decode(signedProfile(ann)));
  const forged = [
    sign(bob.signing, LABELS.guildProfile, profile),
    sign(ann.signing, LABELS.opSignature, profile),
    signature.with(0, signature[0]! ^ 1),
  ];
  for (const signature of forged) {
    mustRefuse(receive(none, signedProfileCodec.encode({ profile, signature })), "crypto.bad-signature");
  }
  mustRefuse(receive(none, signedProfile(ann, { device: bob.id })), "profile.not-a-member");
});

Deno.test("[PROF2] of several the greatest number holds, then the smaller digest; an old one does not come back", () => {
  const second = must(receive(none, signedProfile(ann, { number: 2, name: "new" })));
  mustRefuse(receive(second, signedProfile(ann, { number: 1, name: "old" })), "profile.stale");
  assert.equal(must(receive(second, signedProfile(ann, { number: 2, name: "new" }))), second);
  const two = ["a", "b"].map((name) => signedProfile(ann, { number: 3, name }));
  const orders = [two, two.toReversed()].map((some) =>
    some.reduce((profiles, bytes) => {
      const next = receive(profiles, bytes);
      return next.ok ? next.value : profiles;
    }, second)
  );
  assert.deepEqual(orders[0], orders[1]);
});

Deno.test("[PROF2] a profile that is set follows the last one, and is bounded", () => {
  const said = { name: "Ann", status: "here", picture: null };
  const once = must(setProfile(none, guild, ann, said));
  const twice = must(setProfile(once, guild, ann, { ...said, name: "Anna" }));
  assert.deepEqual([nameOf(once), nameOf(twice), twice.records.get(ann.user)?.number], ["Ann", "Anna", 2]);
  assert.equal(none.records.size, 0);
  mustRefuse(setProfile(none, guild, ann, { ...said, name: "a".repeat(GUILD.maxNameBytes + 1) }), "wire.wrong-shape");
  mustRefuse(setProfile(none, guild, ann, { ...said, status: "s".repeat(129) }), "wire.wrong-shape");
  mustRefuse(setProfile(none, guild, ann, { ...said, picture: new Uint8Array(8_193) }), "wire.too-large");
  mustRefuse(setProfile(none, guild, eve, said), "profile.not-a-member");
  const last = must(receive(none, signedProfile(ann, { number: PROFILE.maxNumber })));
  mustRefuse(setProfile(last, guild, ann, said), "profile.stale");
  const longest = {
    name: "n".repeat(GUILD.maxNameBytes),
    status: "s".repeat(PROFILE.maxStatusBytes),
    picture: { sha256: new Uint8Array(32), sizeBytes: PROFILE.maxPictureBytes },
  };
  must(receive(none, signedProfile(ann, { ...longest, number: PROFILE.maxNumber })));
});

Deno.test("[PROF3] with a device its profile goes, so that a stolen one cannot have the last word", () => {
  const stolen = must(receive(none, signedProfile(ann, { number: PROFILE.maxNumber, name: "mine" })));
  const both = must(receive(stolen, signedProfile(bob)));
  assert.equal(keepMembers(both, guild), both);
  const revoked = {
    ...guild,
    members: new Map(guild.members).set(ann.user, { roles: new Set<never>(), devices: new Set<never>() }),
  };
  assert.deepEqual([...keepMembers(both, revoked).records.keys()], [bob.user]);
  assert.deepEqual([...keepMembers(both, guildOf(ann)).records.keys()], [ann.user]);
});

Deno.test("[PROF4] pictures are known by what they are, and stay while somebody names them", () => {
  const picture = Uint8Array.from({ length: 5_000 }, (_, at) => at & 255);
  const name = toHex(sha256(picture));
  const named = { sha256: sha256(picture), sizeBytes: picture.length };
  const profiles = must(receive(none, signedProfile(ann, { picture: named })));
  assert.equal(takePicture(profiles, picture.subarray(1)), profiles);
  assert.equal(takePicture(none, picture), none);
  const wrongSize = must(receive(none, signedProfile(ann, { picture: { ...named, sizeBytes: 4_999 } })));
  assert.equal(takePicture(wrongSize, picture), wrongSize);
  const liar = must(receive(profiles, signedProfile(bob, { picture: { ...named, sizeBytes: 1 } })));
  assert.ok(takePicture(liar, picture).pictures.has(name));
  const held = takePicture(profiles, picture);
  assert.deepEqual(held.pictures.get(name), picture);
  assert.equal(takePicture(held, picture), held);
  const own = must(setProfile(held, guild, bob, { name: "Bob", status: "", picture }));
  const changed = must(receive(own, signedProfile(ann, { number: 2 })));
  assert.ok(changed.pictures.has(name), "Bob has it as well");
  assert.equal(must(setProfile(changed, guild, bob, { name: "Bob", status: "", picture: null })).pictures.size, 0);
});
