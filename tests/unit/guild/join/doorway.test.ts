/** Links, doors and sealed pages: who can open what. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { doorAddress, doorsteps, openDoor, sealDoor } from "../../../../core/guild/join/doorway.ts";
import { inviteKeys } from "../../../../core/guild/join/inviteKeys.ts";
import { openPage, type Page, sealPage, sealPages } from "../../../../core/guild/join/sealedLog.ts";
import type { GuildId, OpId } from "../../../../core/ids.ts";
import { JOIN } from "../../../../core/limits.ts";
import { sameBytes } from "../../../../core/wire/bytes.ts";
import { DOOR_BYTES } from "../../../../core/wire/guildDoor.ts";
import { decodeGuildLink, encodeGuildLink, type GuildLink } from "../../../../core/wire/guildLink.ts";
import { PAGE_LENGTHS } from "../../../../core/wire/guildLogPage.ts";
import { hindsightOf, type Invited, JoinStage } from "../../../support/joinStage.ts";
import { flipBit, must, mustRefuse, START_MS } from "../../../support/world.ts";

const stage = new JoinStage();
stage.admit("ann", "bob");
const invited = stage.invite("ann");
const deal = stage.deal("fay");
const stepOf = ({ link, keys }: Invited) => ({
  guild: link.guild,
  invite: link.invite,
  sealing: keys.sealing.publicKey,
  kem: keys.kem.publicKey,
});
const door = must(sealDoor(stepOf(invited), deal, stage.env));

Deno.test("[JOIN8] a link comes back as it was; a cut one, a changed one and one that lies about servers is broken", () => {
  const link: GuildLink = { ...invited.link, servers: ["https://a.example", "https://b.example"] };
  const token = encodeGuildLink(link);
  assert.deepEqual(must(decodeGuildLink(token)), link);
  for (const bad of ["", "!", token.slice(0, -1), `${token}A`, token.replace("A", "*"), "A".repeat(5_000)]) {
    mustRefuse(decodeGuildLink(bad), "invite.broken");
  }
  mustRefuse(decodeGuildLink(encodeGuildLink({ ...link, servers: ["https://a\u202eelpmaxe"] })), "invite.broken");
});

Deno.test("[JOIN8] however many and long a guild's servers, a link fits a code that is read from a screen", () => {
  const servers = fc.array(fc.string({ minLength: 1, maxLength: 250, unit: "grapheme-ascii" }), { maxLength: 16 });
  fc.assert(
    fc.property(servers, (all) => {
      const token = encodeGuildLink({ ...invited.link, servers: all });
      assert.ok(token.length <= Math.ceil(JOIN.maxTokenBytes * 4 / 3));
      const back = decodeGuildLink(token);
      if (back.ok) assert.deepEqual(back.value.servers, all.slice(0, back.value.servers.length));
    }),
    { seed: 8, numRuns: 100 },
  );
});

Deno.test("[JOIN9] who holds the link opens its door; another link, guild or a changed byte do not", () => {
  const { link, keys } = invited;
  assert.equal(must(openDoor(link, keys, door)).id, deal.id);
  assert.equal(door.length, DOOR_BYTES);
  mustRefuse(openDoor(link, inviteKeys(new Uint8Array(32)), door), "crypto.not-authentic");
  mustRefuse(openDoor({ ...link, guild: "00".repeat(32) as GuildId }, keys, door), "crypto.not-authentic");
  mustRefuse(openDoor({ ...link, invite: "00".repeat(32) as OpId }, keys, door), "crypto.not-authentic");
  mustRefuse(openDoor(link, keys, door.slice(1)), "wire.unknown-version");
  mustRefuse(openDoor(link, keys, door.slice(0, -1)), "wire.malformed");
  for (const bit of [9, 200, 8 * 33, 8 * 1200, 8 * door.length - 1]) {
    mustRefuse(openDoor(link, keys, flipBit(door, bit)), "crypto.not-authentic");
  }
});

Deno.test("[JOIN9] half of what a link is made of opens no door: both exchanges count", () => {
  const other = inviteKeys(new Uint8Array(32).fill(3));
  const { link, keys } = invited;
  const kem = { ...keys.kem, seed: other.kem.seed };
  const sealing = { ...keys.sealing, secret: other.sealing.secret };
  mustRefuse(openDoor(link, { ...keys, kem }, door), "crypto.not-authentic");
  mustRefuse(openDoor(link, { ...keys, sealing }, door), "crypto.not-authentic");
});

Deno.test("[JOIN9] an invite whose keys are none gets no door", () => {
  const step = stepOf(invited);
  mustRefuse(sealDoor({ ...step, sealing: new Uint8Array(32) }, deal, stage.env), "crypto.bad-key");
  mustRefuse(sealDoor({ ...step, kem: new Uint8Array(1184).fill(255) }, deal, stage.env), "crypto.bad-key");
});

Deno.test("[JOIN10] doors are for invites that are good now, and links outlive a removal", () => {
  const town = new JoinStage();
  town.admit("ann", "bob", "cyd");
  const once = town.invite("ann", { maxUses: 1, expiresAtMs: null });
  town.invite("ann", { maxUses: null, expiresAtMs: START_MS });
  const revoked = town.invite("ann");
  town.say("ann", { t: "invite.revoke", invite: revoked.op.id });
  const ofBob = town.invite("bob");
  const lasting = town.invite("ann");
  const stepsNow = () => {
    const { rulings, state } = hindsightOf(town.log);
    return doorsteps(rulings, state, START_MS);
  };
  assert.deepEqual(stepsNow().map(({ invite }) => invite), [once, ofBob, lasting].map(({ op }) => op.id));
  town.redeem("dan", once);
  town.remove("fay", "bob");
  const [step, ...others] = stepsNow();
  assert.deepEqual([step!.invite, others], [lasting.op.id, []]);
  const again = town.deal("fay");
  assert.equal(must(openDoor(lasting.link, lasting.keys, must(sealDoor(step!, again, town.env)))).id, again.id);
  const addresses = [lasting, once].map(({ link }) => doorAddress(link.guild, link.invite).join());
  assert.equal(new Set(addresses).size, 2);
});

const bytesOf = stage.ops.map(({ bytes }) => bytes);
const page = sealPage(deal, { kind: "ops", ops: bytesOf }, stage.env);
const opsOf = (opened: Page) => opened.kind === "ops" || opened.kind === "redemption" ? opened.ops : [];

Deno.test("[JOIN11] who has the deal reads a page; it says which deal, and nothing but a length besides", () => {
  assert.deepEqual(opsOf(must(openPage([stage.deal("ann"), deal], page))), bytesOf);
  mustRefuse(openPage([stage.deal("ann")], page), "join.unknown-deal");
  assert.ok(PAGE_LENGTHS.includes(page.length));
  assert.ok(!sameBytes(page, sealPage(deal, { kind: "ops", ops: bytesOf }, stage.env)));
});

Deno.test("[JOIN11] a page that is cut, changed, of another guild, or said to be of another kind or deal does not open", () => {
  mustRefuse(openPage([deal], page.slice(0, -1)), "wire.malformed");
  mustRefuse(openPage([deal], page.slice(0, PAGE_LENGTHS[0]! - 1)), "wire.malformed");
  mustRefuse(openPage([deal], page.with(0, 9)), "wire.unknown-version");
  mustRefuse(openPage([deal], page.with(1, 9)), "wire.malformed");
  mustRefuse(openPage([deal], page.with(1, 3)), "crypto.not-authentic");
  mustRefuse(openPage([deal], flipBit(page, 8 * 20)), "crypto.not-authentic");
  mustRefuse(openPage([deal], flipBit(page, 8 * 60)), "crypto.not-authentic");
  const another = stage.deal("ann");
  mustRefuse(openPage([{ ...another, id: deal.id }], page), "crypto.not-authentic");
  const elsewhere = { ...deal, deal: { ...deal.deal, guild: "00".repeat(32) as GuildId } };
  mustRefuse(openPage([elsewhere], page), "crypto.not-authentic");
});

Deno.test("[JOIN11] ops of any sizes come back from their pages in their order", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 8_000 }), { maxLength: 60 }), (ops) => {
      const pages = [...sealPages(deal, ops, stage.env)];
      const back = pages.flatMap((one) => opsOf(must(openPage([deal], one))));
      assert.equal(back.length, ops.length);
      assert.ok(back.every((op, at) => sameBytes(op, ops[at]!)));
    }),
    { seed: 11, numRuns: 25 },
  );
  const largest = Array.from({ length: 40 }, () => new Uint8Array(8_320).fill(1));
  assert.ok([...sealPages(deal, largest, stage.env)].every(({ length }) => PAGE_LENGTHS.includes(length)));
  const smallest = Array.from({ length: 2_500 }, () => Uint8Array.of(1));
  assert.equal([...sealPages(deal, smallest, stage.env)].length, 3);
});
