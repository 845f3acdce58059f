/** Coming into a guild with a link: nobody there, somebody there, and keepers who are no friends. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { makeCheckpoint, sealCheckpoint } from "../../../../core/guild/join/checkpoint.ts";
import { doorsteps, sealDoor } from "../../../../core/guild/join/doorway.ts";
import {
  inviterOf,
  isJoiningBusy,
  type Joining,
  joinSlice,
  openJoining,
  readLog,
  takeDoor,
  takePage,
  withLog,
} from "../../../../core/guild/join/joining.ts";
import { leftOpFault, meetMember, redeem } from "../../../../core/guild/join/redeeming.ts";
import { openPage, sealPage, sealPages } from "../../../../core/guild/join/sealedLog.ts";
import type { VerifiedDeal } from "../../../../core/guild/join/deal.ts";
import type { OpLog } from "../../../../core/log/log.ts";
import type { GuildState } from "../../../../core/guild/state.ts";
import { deviceOf, hindsightOf, type Invited, JoinStage } from "../../../support/joinStage.ts";
import { SyncNet } from "../../../support/syncNet.ts";
import { envOf, must, mustRefuse, START_MS } from "../../../support/world.ts";

/** Keeps bytes, and knows nothing. */
interface Keeper {
  readonly doors: readonly Uint8Array[];
  readonly pages: readonly Uint8Array[];
}

interface Club {
  readonly stage: JoinStage;
  readonly invited: Invited;
  readonly deal: VerifiedDeal;
}

function club(limits = { maxUses: null, expiresAtMs: null } as { maxUses: number | null; expiresAtMs: number | null }) {
  const stage = new JoinStage();
  stage.admit("ann", "bob", "cyd");
  for (let i = 0; i < 60; i++) stage.say(i % 2 === 0 ? "ann" : "fay", { t: "settings", name: `${i}`, icon: null });
  const invited = stage.invite("ann", limits);
  return { stage, invited, deal: stage.deal("fay") };
}

/** What a member leaves with a keeper: doors, a checkpoint by Bob, and the log in pages of `count` ops. */
function left({ stage, deal }: Club, count = 60, lie?: (state: GuildState) => GuildState): Keeper {
  const { rulings, state } = hindsightOf(stage.log);
  const doors = doorsteps(rulings, state, START_MS).map((step) => must(sealDoor(step, deal, stage.env)));
  const said = lie === undefined ? state : lie(state);
  const checkpoint = must(makeCheckpoint(stage.guild, stage.heads, said, deviceOf("bob")));
  const ops = stage.ops.map(({ bytes }) => bytes);
  const parts = Array.from(
    { length: Math.ceil(ops.length / count) },
    (_, at) => ops.slice(at * count, (at + 1) * count),
  );
  const pages = parts.flatMap((part) => [...sealPages(deal, part, stage.env)]);
  return { doors, pages: [...sealCheckpoint(deal, checkpoint, stage.env), ...pages] };
}

/** As far as the keeper brings it. */
function read({ invited }: Club, { doors, pages }: Keeper): Joining {
  let joining = must(takeDoor(openJoining(invited.link), doors[0]!));
  for (const page of pages) joining = must(takePage(joining, page));
  return readLog(finished(joining));
}

function finished(joining: Joining): Joining {
  let now = joining;
  for (let i = 0; isJoiningBusy(now); i++) {
    assert.ok(i < 1_000, "it reads for ever");
    now = joinSlice(now);
  }
  return now;
}

const stageOf = ({ stage }: Joining): string => stage.t === "showing" ? `showing ${stage.shown.t}` : stage.t;
const logOf = ({ incoming }: Joining): OpLog => incoming.log!;
const eve = deviceOf("eve");

Deno.test("[JOIN16] [JOIN17] with nobody there: door, checkpoint on the screen, log, redemption; then a member comes", () => {
  const here = club();
  const keeper = left(here);
  let joining = must(takeDoor(openJoining(here.invited.link), keeper.doors[0]!));
  assert.equal(stageOf(joining), "opening");
  for (const page of keeper.pages.slice(0, 2)) joining = must(takePage(joining, page));
  assert.equal(stageOf(joining), "showing unverified");
  assert.equal(inviterOf(joining), deviceOf("ann").user);
  mustRefuse(redeem(joining, eve, envOf(1)), "join.too-early");
  for (const page of keeper.pages.slice(2)) joining = must(takePage(joining, page));
  joining = readLog(finished(joining));
  assert.ok(joining.stage.t === "showing" && joining.stage.shown.t === "read");
  assert.deepEqual(joining.stage.shown.checked, { verdict: "verified", signer: deviceOf("bob").user });
  assert.deepEqual(joining.stage.shown.state, hindsightOf(here.stage.log).state);
  const redeemed = must(redeem(joining, eve, envOf(1)));
  assert.equal(stageOf(redeemed.joining), "waiting");
  // Much later Cyd opens what was left there.
  const page = must(openPage([here.deal], redeemed.page));
  assert.ok(page.kind === "redemption");
  for (const op of page.ops) here.stage.take(op);
  here.stage.say("cyd", { t: "settings", name: "hello Eve", icon: null });
  assert.ok(hindsightOf(here.stage.log).state.members.has(eve.user));
  const met = must(meetMember(readLog(must(withLog(redeemed.joining, here.stage.log))), deviceOf("cyd").id, START_MS));
  assert.equal(stageOf(met), "member");
});

Deno.test("[JOIN16] pages in any order, and twice, give the same log; a checkpoint is shown when it is whole", () => {
  const here = club();
  const keeper = left(here, 20);
  const expected = new Set(here.stage.log.ops.keys());
  fc.assert(
    fc.property(fc.array(fc.nat(keeper.pages.length - 1), { maxLength: 30 }), fc.boolean(), (extra, backwards) => {
      const order = [...extra.map((at) => keeper.pages[at]!), ...keeper.pages];
      const joining = read(here, { ...keeper, pages: backwards ? order.toReversed() : order });
      assert.deepEqual(new Set(logOf(joining).ops.keys()), expected);
      assert.ok(joining.stage.t === "showing" && joining.stage.shown.t === "read");
      assert.equal(joining.stage.shown.checked?.verdict, "verified");
    }),
    { seed: 16, numRuns: 12 },
  );
});

Deno.test("[JOIN16] a keeper who holds pages back shows less, and nothing that is not so", () => {
  const here = club();
  const keeper = left(here, 20);
  const fewer = read(here, { ...keeper, pages: keeper.pages.slice(0, -2) });
  assert.ok(fewer.stage.t === "showing" && fewer.stage.shown.t === "read");
  assert.equal(fewer.stage.shown.checked?.verdict, "unknown-heads");
  // Without the op that made the invite there is nothing to redeem.
  mustRefuse(redeem(fewer, eve, envOf(1)), "join.too-early");
  const gap = read(here, { ...keeper, pages: keeper.pages.filter((_, at) => at !== 4) });
  assert.equal(logOf(gap).ops.size, 40);
  const headless = read(here, { ...keeper, pages: keeper.pages.filter((_, at) => at !== 2) });
  assert.equal(headless.incoming.log, null);
  assert.equal(stageOf(headless), "showing unverified");
});

Deno.test("[JOIN16] what whoever has the deal puts among the pages comes to nothing", () => {
  const here = club();
  const keeper = left(here);
  const other = new JoinStage();
  other.admit("ann");
  const foreign = other.ops.map(({ bytes }) => bytes);
  const forged = here.stage.ops.map(({ bytes }) => bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1));
  const junk = [foreign, forged, [Uint8Array.of(1)]]
    .map((ops) => sealPage(here.deal, { kind: "ops", ops }, here.stage.env));
  const joining = read(here, { ...keeper, pages: [...junk, ...keeper.pages] });
  assert.deepEqual([...logOf(joining).ops.keys()], [...here.stage.log.ops.keys()]);
  mustRefuse(
    takePage(joining, sealPage(other.deal("fay"), { kind: "ops", ops: [] }, here.stage.env)),
    "join.unknown-deal",
  );
});

Deno.test("[JOIN15] a checkpoint that lies gives way to what the ops say, and its signer is named", () => {
  const here = club();
  const keeper = left(here, 60, (state) => ({ ...state, name: "nice", founder: deviceOf("bob").user }));
  const joining = read(here, keeper);
  assert.ok(joining.stage.t === "showing" && joining.stage.shown.t === "read");
  assert.deepEqual(joining.stage.shown.checked, { verdict: "wrong", signer: deviceOf("bob").user });
  assert.equal(joining.stage.shown.state.founder, deviceOf("fay").user);
});

Deno.test("[JOIN14] without a checkpoint, or with one that is none, the log itself is shown", () => {
  const here = club();
  const keeper = left(here);
  const bare = read(here, { ...keeper, pages: keeper.pages.slice(2) });
  assert.ok(bare.stage.t === "showing" && bare.stage.shown.t === "read" && bare.stage.shown.checked === null);
  const broken = sealPage(here.deal, { kind: "checkpoint", checkpoint: Uint8Array.of(1), parts: 0 }, here.stage.env);
  mustRefuse(takePage(must(takeDoor(openJoining(here.invited.link), keeper.doors[0]!)), broken), "wire.wrong-shape");
});

Deno.test("[JOIN12] why a link lets nobody in: it has expired, was taken back, is used up; or the person is banned", () => {
  const refusal = (here: Club, reason: string, device = eve) => {
    const { rulings, state } = hindsightOf(here.stage.log);
    const { sealing, kem } = here.invited.keys;
    const step = {
      guild: here.stage.guild,
      invite: here.invited.op.id,
      sealing: sealing.publicKey,
      kem: kem.publicKey,
    };
    const doors = [must(sealDoor(step, here.deal, here.stage.env))];
    assert.ok(rulings.history.ops.length > 0 && state.members.size > 0);
    mustRefuse(redeem(read(here, { ...left(here), doors }), device, envOf(1)), reason);
  };
  refusal(club({ maxUses: null, expiresAtMs: START_MS }), "invite.expired");
  const used = club({ maxUses: 1, expiresAtMs: null });
  used.stage.redeem("dan", used.invited);
  refusal(used, "invite.used");
  refusal(used, "join.is-member", deviceOf("dan"));
  const revoked = club();
  revoked.stage.say("ann", { t: "invite.revoke", invite: revoked.invited.op.id });
  refusal(revoked, "invite.revoked");
  const gone = club();
  gone.stage.remove("fay", "ann");
  refusal(gone, "invite.revoked");
  const banned = club();
  banned.stage.say("fay", { t: "ban", user: eve.user, seen: [] });
  banned.stage.redeem("eve", banned.invited);
  refusal(banned, "join.banned");
});

Deno.test("[JOIN2] [JOIN9] behind a door that no member made there is nothing to redeem under", () => {
  const here = club();
  const { sealing, kem } = here.invited.keys;
  const step = { guild: here.stage.guild, invite: here.invited.op.id, sealing: sealing.publicKey, kem: kem.publicKey };
  const fake = here.stage.deal("mallory");
  const door = must(sealDoor(step, fake, here.stage.env));
  const keeper = { ...left({ ...here, deal: fake }), doors: [door] };
  mustRefuse(redeem(read(here, keeper), eve, envOf(1)), "join.unknown-deal");
  // An old door does no harm: members keep what has ended for a while.
  here.stage.remove("fay", "cyd");
  const late = must(redeem(read(here, left(here)), eve, envOf(1)));
  assert.ok(openPage([here.deal], late.page).ok);
});

Deno.test("[JOIN18] what is left with a keeper is taken where it is a redemption that is good by all that is known", () => {
  const here = club({ maxUses: 2, expiresAtMs: START_MS + 10 });
  const { op } = must(redeem(read(here, left(here)), eve, envOf(1)));
  const faultOf = (bytes: Uint8Array, nowMs = START_MS) => leftOpFault(hindsightOf(here.stage.log), bytes, nowMs);
  assert.equal(faultOf(op), null);
  assert.equal(faultOf(op, START_MS + 10), "invite.expired");
  assert.equal(faultOf(here.stage.ops.at(-1)!.bytes), "invite.broken");
  assert.equal(faultOf(new JoinStage().ops[0]!.bytes), "join.wrong-guild");
  assert.equal(faultOf(Uint8Array.of(1)), "wire.wrong-shape");
  const open = here.stage.log;
  here.stage.say("fay", { t: "ban", user: eve.user, seen: [] });
  assert.equal(faultOf(op), "join.banned");
  here.stage.log = open;
  for (const name of ["dan", "dora"]) here.stage.redeem(name, here.invited);
  assert.equal(faultOf(op), "invite.used");
  here.stage.say("ann", { t: "invite.revoke", invite: here.invited.op.id });
  assert.equal(faultOf(op), "invite.revoked");
});

Deno.test("[JOIN17] what members did meanwhile may undo a redemption, and the person is told", () => {
  const cases = [
    ["invite.used", (here: Club, on: readonly never[]) => here.stage.redeem("dan", here.invited, on), 1],
    [
      "invite.revoked",
      ({ stage, invited }: Club, on: readonly never[]) =>
        stage.say("fay", { t: "invite.revoke", invite: invited.op.id }, on),
      null,
    ],
    [
      "join.banned",
      ({ stage }: Club, on: readonly never[]) => stage.say("fay", { t: "ban", user: eve.user, seen: [] }, on),
      null,
    ],
  ] as const;
  for (const [reason, meanwhile, maxUses] of cases) {
    const here = club({ maxUses, expiresAtMs: null });
    const { joining, op } = must(redeem(read(here, left(here)), eve, envOf(1)));
    const before = here.stage.heads as readonly never[];
    meanwhile(here, before);
    here.stage.take(op);
    const synced = readLog(must(withLog(joining, here.stage.log)));
    // A surplus by who did not know of each other stands.
    if (reason === "invite.used") {
      assert.equal(stageOf(must(meetMember(synced, deviceOf("cyd").id, START_MS))), "member");
    } else mustRefuse(meetMember(synced, deviceOf("cyd").id, START_MS), reason);
    mustRefuse(meetMember(synced, eve.id, START_MS), "join.not-a-member");
  }
});

Deno.test("[JOIN17] with a member there the log comes by sync, and the redemption goes back the same way", () => {
  const here = club();
  const keeper = left(here, 5);
  let joining = read(here, { ...keeper, pages: keeper.pages.slice(2, 3) });
  assert.equal(logOf(joining).ops.size, 5);
  const net = new SyncNet([here.stage.log, logOf(joining)]);
  net.open();
  assert.ok(net.settle(200));
  joining = readLog(must(withLog(joining, net.logs[1]!)));
  const redeemed = must(redeem(joining, eve, envOf(1)));
  net.logs[1] = logOf(redeemed.joining);
  net.open();
  assert.ok(net.settle(200));
  assert.ok(hindsightOf(net.logs[0]!).state.members.has(eve.user));
  const met = meetMember(readLog(must(withLog(redeemed.joining, net.logs[1]!))), deviceOf("ann").id, START_MS);
  assert.equal(stageOf(must(met)), "member");
  mustRefuse(
    withLog(joining, new JoinStage(["view"].map((action) => ({ action, channel: null }))).log),
    "join.wrong-guild",
  );
});
