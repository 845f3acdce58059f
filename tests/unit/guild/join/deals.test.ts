/** Which deals count, who is told of them, and who deals anew. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { discoverySecretOf, logKeyOf, verifyDeal } from "../../../../core/guild/join/deal.ts";
import { dealingOf, dealsToTell } from "../../../../core/guild/join/dealing.ts";
import {
  currentDeals,
  decodeDeals,
  encodeDeals,
  endedDeals,
  knownDeals,
  NO_DEALS,
  withDeal,
} from "../../../../core/guild/join/deals.ts";
import type { GuildId } from "../../../../core/ids.ts";
import { DEAL } from "../../../../core/limits.ts";
import { sameBytes } from "../../../../core/wire/bytes.ts";
import { encodeGuildDeal } from "../../../../core/wire/guildDeal.ts";
import { everywhere } from "../../../support/guild.ts";
import { dealsOf, deviceOf, hindsightOf, JoinStage } from "../../../support/joinStage.ts";
import { must, mustRefuse, START_MS } from "../../../support/world.ts";

const idsOf = (dealt: readonly { readonly id: string }[]) => dealt.map(({ id }) => id);

function club(): JoinStage {
  const stage = new JoinStage();
  stage.admit("ann", "bob", "cyd");
  return stage;
}

Deno.test("[JOIN1] a deal gives one secret to find each other by and another for the log, of this guild only", () => {
  const stage = club();
  const deal = stage.deal("ann");
  assert.ok(!sameBytes(discoverySecretOf(deal), logKeyOf(deal)));
  const elsewhere = { ...deal, deal: { ...deal.deal, guild: "00".repeat(32) as GuildId } };
  assert.ok(!sameBytes(discoverySecretOf(deal), discoverySecretOf(elsewhere)));
  assert.notEqual(deal.id, stage.deal("ann").id);
});

Deno.test("[JOIN2] a deal that is altered, forged, or of another guild is refused", () => {
  const stage = club();
  const { bytes, deal } = stage.deal("ann");
  assert.ok(verifyDeal(bytes, stage.guild).ok);
  mustRefuse(verifyDeal(bytes, "00".repeat(32) as GuildId), "deal.wrong-guild");
  const forged = encodeGuildDeal({ ...deal, device: deviceOf("bob").id });
  mustRefuse(verifyDeal(forged, stage.guild), "crypto.bad-signature");
  mustRefuse(verifyDeal(encodeGuildDeal({ ...deal, secret: new Uint8Array(32) }), stage.guild), "crypto.bad-signature");
  mustRefuse(verifyDeal(encodeGuildDeal({ ...deal, heads: [] }), stage.guild), "wire.wrong-shape");
});

Deno.test("[JOIN2] a deal of which the heads are not here waits, and counts when they come; few wait of a device", () => {
  const stage = club();
  const before = stage.part(stage.heads);
  stage.say("ann", { t: "settings", name: "later", icon: null });
  const many = Array.from({ length: 4 }, () => stage.deal("ann"));
  const early = stage.settled(dealsOf(...many), before);
  assert.equal(currentDeals(early).length, 0);
  assert.deepEqual([...early.waiting.keys()], idsOf(many.slice(-DEAL.maxOfDevice)));
  const late = stage.settled(early);
  assert.deepEqual(currentDeals(late).length, DEAL.maxOfDevice);
  assert.equal(late.waiting.size, 0);
});

Deno.test("[JOIN2] a deal by who is no member, or was removed, is not taken", () => {
  const stage = club();
  const { ops } = stage;
  stage.say("eve", { t: "settings", name: "mine", icon: null });
  assert.equal(stage.settled(dealsOf(stage.deal("eve"))).kept.size, 0);
  stage.remove("fay", "cyd");
  const by = stage.settled(dealsOf(stage.deal("cyd"), stage.deal("nobody")));
  assert.deepEqual([by.kept.size, by.waiting.size], [0, 0]);
  assert.ok(ops.length > 0);
});

Deno.test("[JOIN4] a deal ends with the removal of who was a member at its heads", () => {
  const stage = club();
  const deal = stage.deal("ann");
  const before = stage.settled(dealsOf(deal));
  assert.deepEqual(idsOf(currentDeals(before)), [deal.id]);
  const removal = stage.remove("fay", "cyd");
  const after = stage.settled(before);
  assert.deepEqual(currentDeals(after), []);
  assert.equal(after.kept.get(deal.id)!.endedBy!.id, removal.id);
  const again = stage.deal("fay");
  assert.deepEqual(idsOf(currentDeals(stage.settled(withDeal(after, again)))), [again.id]);
});

Deno.test("[JOIN4] who came after a deal was told it too: their removal ends it as well", () => {
  const stage = club();
  const deal = stage.deal("ann");
  stage.admit("dan");
  const before = stage.settled(dealsOf(deal));
  assert.deepEqual(idsOf(currentDeals(before)), [deal.id]);
  assert.deepEqual(idsOf(dealsToTell(before, hindsightOf(stage.log).state, deviceOf("dan").id, [])), [deal.id]);
  stage.remove("fay", "dan");
  assert.deepEqual(currentDeals(stage.settled(before)), []);
});

Deno.test("[JOIN4] who pretends not to know of the removal makes no current deal", () => {
  const stage = club();
  const old = stage.heads;
  stage.remove("fay", "cyd");
  const [byCyd, byBob] = [stage.deal("cyd", old), stage.deal("bob", old)];
  assert.deepEqual(currentDeals(stage.settled(dealsOf(byCyd, byBob))), []);
});

Deno.test("[JOIN4] a revoked device ends a deal, and so does somebody whose admission came to nothing", () => {
  const stage = club();
  const deal = stage.deal("ann");
  stage.say("cyd", { t: "device.revoke", device: deviceOf("cyd").id });
  assert.deepEqual(currentDeals(stage.settled(dealsOf(deal))), []);

  const other = club();
  const invited = other.invite("bob");
  const invitedAt = other.heads;
  const joined = other.redeem("eve", invited);
  const dealt = other.deal("ann");
  assert.deepEqual(idsOf(currentDeals(other.settled(dealsOf(dealt)))), [dealt.id]);
  // Fay takes the invite back without having heard of Eve: she never was a member, and knows the secret.
  other.say("fay", { t: "invite.revoke", invite: invited.op.id }, invitedAt);
  assert.ok(!hindsightOf(other.log).state.members.has(deviceOf("eve").user));
  const ended = other.settled(dealsOf(dealt));
  assert.equal(currentDeals(ended).length, 0);
  assert.equal([...ended.kept.values()][0]!.endedBy!.id, joined.id);
  // A deal by who knows of it all holds, whatever others do with the link.
  const again = other.deal("fay");
  other.redeem("mallory", invited, invitedAt);
  assert.deepEqual(idsOf(currentDeals(other.settled(dealsOf(again)))), [again.id]);
});

Deno.test("[JOIN4] what strangers say does not end a deal", () => {
  const stage = club();
  const invited = stage.invite("bob", { maxUses: 1, expiresAtMs: null });
  stage.redeem("dan", invited);
  const deal = stage.deal("ann");
  stage.redeem("eve", invited);
  stage.say("eve 3", { t: "add", user: deviceOf("eve 3").user });
  assert.deepEqual(idsOf(currentDeals(stage.settled(dealsOf(deal)))), [deal.id]);
});

Deno.test("[JOIN4] of admissions that came to nothing few are looked at; who deals knowing them is rid of them", () => {
  const stage = club();
  const deal = stage.deal("ann");
  const invited = stage.invite("mallory");
  for (let i = 0; i < DEAL.maxDoubts; i++) stage.redeem(`stranger ${i}`, invited);
  const deals = stage.settled(dealsOf(deal));
  assert.equal(currentDeals(deals).length, 1);
  assert.equal(deals.kept.get(deal.id)!.looked.resolved, DEAL.maxDoubts);
  stage.redeem("one more", invited);
  assert.equal(currentDeals(stage.settled(deals)).length, 0);
  const again = stage.settled(dealsOf(stage.deal("ann")));
  assert.equal([...again.kept.values()][0]!.looked.resolved, 0);
  assert.equal(currentDeals(again).length, 1);
});

Deno.test("[JOIN5] several current deals all count; the one to seal with is of the latest heads, then of the smallest id", () => {
  const stage = club();
  const [one, two] = [stage.deal("ann"), stage.deal("bob")];
  stage.say("ann", { t: "settings", name: "later", icon: null });
  const later = stage.deal("cyd");
  const order = idsOf(currentDeals(stage.settled(dealsOf(one, two, later))));
  assert.deepEqual(order, [later.id, ...[one.id, two.id].sort()]);
});

Deno.test("[JOIN5] deals in any order, settled at any times, give one set", () => {
  const stage = club();
  const logs = [stage.log];
  const dealt = [stage.deal("ann"), stage.deal("bob"), stage.deal("bob"), stage.deal("bob")];
  stage.remove("fay", "cyd");
  logs.push(stage.log);
  dealt.push(stage.deal("ann"), stage.deal("fay"));
  stage.say("bob", { t: "settings", name: "later", icon: null });
  dealt.push(stage.deal("bob"));
  const everything = idsOf(currentDeals(stage.settled(dealsOf(...dealt))));
  assert.equal(everything.length, 3);
  fc.assert(
    fc.property(fc.shuffledSubarray(dealt, { minLength: dealt.length }), fc.nat(dealt.length), (order, at) => {
      const first = stage.settled(dealsOf(...order.slice(0, at)), logs[at % 2]!);
      const all = stage.settled(order.slice(at).reduce(withDeal, first));
      // Of one device more waits than is kept: what was driven out is told again.
      const told = stage.settled(dealt.reduce(withDeal, all));
      assert.deepEqual(idsOf(currentDeals(told)), everything);
    }),
    { seed: 23, numRuns: 30 },
  );
});

Deno.test("[JOIN6] what is not current is answered for 30 days, told to nobody, and then goes", () => {
  const stage = club();
  const deal = stage.deal("ann");
  const good = stage.settled(dealsOf(deal));
  stage.remove("fay", "cyd");
  const ended = stage.settled(good);
  const { state } = hindsightOf(stage.log);
  assert.deepEqual(idsOf(endedDeals(ended)), [deal.id]);
  assert.deepEqual(dealsToTell(ended, state, deviceOf("bob").id, []), []);
  const almost = stage.settled(ended, stage.log, START_MS + DEAL.graceMs - 1);
  assert.deepEqual(idsOf(endedDeals(almost)), [deal.id]);
  assert.equal(stage.settled(almost, stage.log, START_MS + DEAL.graceMs).kept.size, 0);
  const late = stage.settled(dealsOf(deal));
  assert.deepEqual(idsOf(endedDeals(late)), [deal.id]);
  assert.equal(stage.settled(late, stage.log, START_MS + DEAL.lateGraceMs).kept.size, 0);
});

Deno.test("[JOIN3] a deal is told to devices of members only, and to who lacks it", () => {
  const stage = club();
  const deal = stage.deal("ann");
  stage.remove("fay", "cyd");
  const again = stage.deal("fay");
  const deals = stage.settled(dealsOf(deal, again));
  const { state } = hindsightOf(stage.log);
  const told = (name: string, theirs = knownDeals(NO_DEALS)) =>
    idsOf(dealsToTell(deals, state, deviceOf(name).id, theirs));
  assert.deepEqual([told("bob"), told("cyd"), told("eve")], [[again.id], [], []]);
  assert.deepEqual(told("bob", [again.id]), []);
});

Deno.test("[JOIN7] who made the removal deals at once, the others one after the other", () => {
  const stage = club();
  const before = stage.settled(dealsOf(stage.deal("ann")));
  const removal = stage.remove("fay", "cyd");
  const deals = stage.settled(before);
  const { state } = hindsightOf(stage.log);
  const linked = ["fay", "ann", "bob"].map((name) => deviceOf(name).id);
  const dueMs = (name: string) => dealingOf(deals, state, deviceOf(name).id, linked)?.dueAtMs;
  assert.equal(dealingOf(deals, state, deviceOf("ann").id, linked)!.cause.id, removal.id);
  assert.equal(dueMs("fay"), START_MS);
  const waits = [dueMs("ann")! - START_MS, dueMs("bob")! - START_MS].sort((a, b) => a - b);
  assert.ok(waits[0]! >= DEAL.politeMs && waits[1]! - waits[0]! >= DEAL.politeMs && waits[1]! <= DEAL.maxPoliteMs);
  assert.equal(dueMs("cyd"), undefined, "the removed deal nothing");
  assert.equal(dealingOf(before, state, deviceOf("ann").id, linked), null, "nothing is due while one is current");
  assert.equal(dealingOf(NO_DEALS, state, deviceOf("ann").id, linked), null, "who has none asks for one");
});

Deno.test("[JOIN7] removals that did not know of each other end both redeals, and the next one holds", () => {
  const stage = new JoinStage(everywhere("view", "send"));
  stage.admit("ann", "bob", "cyd", "dan");
  const old = stage.heads;
  const first = stage.remove("fay", "cyd", old);
  const firstDeal = stage.deal("ann", [first.id]);
  const second = stage.say("bob", { t: "leave" }, old);
  const secondDeal = stage.deal("dan", [second.id]);
  const both = stage.settled(dealsOf(firstDeal, secondDeal));
  assert.deepEqual(currentDeals(both), []);
  const merged = stage.deal("ann");
  assert.deepEqual(idsOf(currentDeals(stage.settled(withDeal(both, merged)))), [merged.id]);
});

Deno.test("[JOIN6] deals are stored and come back as they were", () => {
  const stage = club();
  const deal = stage.deal("ann");
  stage.remove("fay", "cyd");
  const waiting = { ...stage.deal("bob", [..."0123456789abcdef"].slice(0, 1).map((d) => d.repeat(64) as never)) };
  const deals = stage.settled(dealsOf(deal, stage.deal("fay"), waiting));
  const back = must(decodeDeals(encodeDeals(deals), stage.guild));
  assert.deepEqual(knownDeals(back), knownDeals(deals));
  const [a, b] = [stage.settled(back), stage.settled(deals)];
  assert.deepEqual([idsOf(currentDeals(a)), idsOf(endedDeals(a))], [idsOf(currentDeals(b)), idsOf(endedDeals(b))]);
  mustRefuse(decodeDeals(encodeDeals(deals), "00".repeat(32) as GuildId), "deal.wrong-guild");
});
