import assert from "node:assert/strict";
import { enterGuild, foundGuild, type LiveGuild, liveStep } from "../../../../core/guild/live/index.ts";
import { withinRoom } from "../../../../core/guild/live/room.ts";
import { ruledBy } from "../../../../core/guild/live/ruled.ts";
import type { LocalDevice } from "../../../../core/identity/identity.ts";
import type { OpId } from "../../../../core/ids.ts";
import { LOG } from "../../../../core/limits.ts";
import { type LoggedOp, type OpLog, receiveInOrder, unpark } from "../../../../core/log/log.ts";
import { decodeOp, signOp } from "../../../../core/log/signedOp.ts";
import type { OpBody } from "../../../../core/wire/opBody.ts";
import { liveDevice } from "../../../support/liveStage.ts";
import { everywhere } from "../../../support/guild.ts";
import { envOf, must } from "../../../support/world.ts";

const ann = liveDevice("ann");
const pip = liveDevice("pip");
const env = envOf(5);

const act = (state: LiveGuild, body: OpBody): LiveGuild => liveStep(state, { type: "Act", body }, env).state;

/** Ann's guild, in which Pip is a member without a role. */
function town(): LiveGuild {
  const founded = act(foundGuild(ann, "guild", everywhere("view"), env).state, { t: "add", user: pip.user });
  const { log } = liveStep(enterGuild(pip, founded.log).state, { type: "Tick" }, env).state;
  return enterGuild(ann, log).state;
}

const lastOf = (log: OpLog, { id }: LocalDevice): LoggedOp =>
  [...log.ops.values()].filter(({ op }) => op.device === id).at(-1)!;

/** What Pip may not do, over and over, each on top of the one before. */
function flood(log: OpLog, count: number): readonly Uint8Array[] {
  let { id: previous, op: { seq } } = lastOf(log, pip);
  return Array.from({ length: count }, (_, at) => {
    const placed = { guild: log.guild, device: pip.id, previous, parents: [], seq: ++seq };
    const bytes = signOp(pip.signing, placed, { t: "settings", name: `mine ${at}`, icon: null });
    previous = must(decodeOp(bytes)).id;
    return bytes;
  });
}

const take = (before: OpLog, bytes: readonly Uint8Array[], named: ReadonlySet<OpId> = new Set()): OpLog =>
  withinRoom(ruledBy(null, before), before, receiveInOrder(before, bytes), () => named);

Deno.test("[LOG10] of what no rank stands behind a person's ops take some room, and no more", () => {
  const { log } = town();
  const bytes = flood(log, LOG.maxUnranked + 100);
  const first = take(log, bytes.slice(0, 400));
  assert.equal(first.ops.size, log.ops.size + 400);
  const after = take(first, bytes.slice(400));
  assert.ok(after.ops.size <= log.ops.size + LOG.maxUnranked);
  assert.equal(after.parked.size, LOG.maxParkedOfPerson);
  const again = take(after, flood(log, LOG.maxUnranked + 100).slice(400));
  assert.equal(again.ops.size, after.ops.size, "what is parked is not asked for, nor taken again");
});

Deno.test("[LOG10] of who is gone nothing void is taken, unless somebody builds upon it, or they come back", () => {
  const state = town();
  const removed = act(state, { t: "remove", user: pip.user, seen: [] });
  const late = flood(state.log, 3);
  const after = take(removed.log, late);
  assert.equal(after.ops.size, removed.log.ops.size);
  assert.deepEqual([...after.heads], [...removed.log.heads]);
  assert.equal(after.parked.size, 3);
  // Ann's other device has not heard of the removal, and does something after what Pip said.
  const { id, op: { seq } } = lastOf(state.log, ann);
  const parents = [must(decodeOp(late[1]!)).id];
  const placed = { guild: state.log.guild, device: ann.id, previous: id, parents, seq: seq + 1 };
  const built = take(after, [signOp(ann.signing, placed, { t: "settings", name: "name", icon: null })]);
  assert.equal(built.ops.size, after.ops.size + 3);
  assert.deepEqual([...built.parked.keys()], [must(decodeOp(late[2]!)).id]);
  assert.equal(unpark(built, [...built.parked.keys()]).ops.size, built.ops.size + 1);
});

Deno.test("[LOG10] what content names is taken, whoever made it, with all that it follows", () => {
  const state = town();
  const removed = act(state, { t: "remove", user: pip.user, seen: [] });
  const late = flood(state.log, 3);
  const named = must(decodeOp(late[1]!)).id;
  const after = take(removed.log, late, new Set([named]));
  assert.equal(after.ops.size, removed.log.ops.size + 2);
  assert.deepEqual([...after.parked.keys()], [must(decodeOp(late[2]!)).id]);
});

Deno.test("[LOG10] a redemption, and what a rank stands behind, always finds room", () => {
  const { log } = town();
  const after = take(log, flood(log, LOG.maxUnranked + 10));
  const { id, op: { seq } } = lastOf(after, ann);
  const placed = { guild: log.guild, device: ann.id, previous: id, parents: [...after.heads], seq: seq + 1 };
  const more = take(after, [signOp(ann.signing, placed, { t: "settings", name: "name", icon: null })]);
  assert.equal(more.ops.size, after.ops.size + 1);
});

Deno.test("[LOG10] who fills a person's room by a stolen device does not keep it from being revoked", () => {
  const thief = liveDevice("pip 2");
  const { log } = liveStep(enterGuild(thief, town().log).state, { type: "Tick" }, env).state;
  let { id: previous, op: { seq } } = lastOf(log, thief);
  const flooded = Array.from({ length: LOG.maxUnranked + 50 }, (_, at) => {
    const placed = { guild: log.guild, device: thief.id, previous, parents: [], seq: ++seq };
    const bytes = signOp(thief.signing, placed, { t: "settings", name: `mine ${at}`, icon: null });
    previous = must(decodeOp(bytes)).id;
    return bytes;
  });
  const full = take(log, flooded);
  const { id, op } = lastOf(full, pip);
  const placed = { guild: log.guild, device: pip.id, previous: id, parents: [lastOf(full, thief).id], seq: op.seq + 1 };
  const revoked = take(full, [signOp(pip.signing, placed, { t: "device.revoke", device: thief.id })]);
  assert.deepEqual([...revoked.heads].map((head) => revoked.ops.get(head)!.body.t), ["device.revoke"]);
  const again = { ...placed, previous: lastOf(revoked, pip).id, parents: [], seq: op.seq + 2 };
  const once = take(revoked, [signOp(pip.signing, again, { t: "device.revoke", device: thief.id })]);
  assert.equal(once.ops.size, revoked.ops.size, "nor is there room for the same again");
});
