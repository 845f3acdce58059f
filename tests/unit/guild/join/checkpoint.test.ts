/** Snapshots and checkpoints: one encoding for one state, and a signer who is held to it. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { makeCheckpoint, openCheckpoint, verifyCheckpoint } from "../../../../core/guild/join/checkpoint.ts";
import { encodeSnapshot, stateFromSnapshot } from "../../../../core/guild/join/snapshot.ts";
import { openResolver } from "../../../../core/guild/resolver.ts";
import { type GuildState, stateOf } from "../../../../core/guild/state.ts";
import { channelOfOp, type GuildId, roleOfOp } from "../../../../core/ids.ts";
import { JOIN } from "../../../../core/limits.ts";
import { sameBytes } from "../../../../core/wire/bytes.ts";
import { QuarrelWorld } from "../../../property/guildWorld.ts";
import { everywhere } from "../../../support/guild.ts";
import { deviceOf, hindsightOf, JoinStage } from "../../../support/joinStage.ts";
import { must, mustRefuse } from "../../../support/world.ts";

function town(): JoinStage {
  const stage = new JoinStage();
  stage.admit("ann", "bob", "cyd");
  const rank = { name: "keepers", rank: 3, capabilities: everywhere("ban", "view") };
  const role = roleOfOp(stage.say("fay", { t: "role.create", ...rank }).id);
  stage.say("fay", { t: "role.grant", role, user: deviceOf("ann").user });
  const channel = channelOfOp(stage.say("fay", { t: "channel.create", name: "square", kind: "text" }).id);
  const subject = { t: "role", role } as const;
  stage.say("fay", { t: "channel.override", channel, subject, allow: ["send", "attach"], deny: ["speak"] });
  stage.say("fay", { t: "channel.retention", channel, keepS: 3600 });
  stage.say("fay", { t: "rendezvous", servers: ["https://a.example"] });
  stage.say("ann", { t: "ban", user: deviceOf("cyd").user, seen: [] });
  stage.invite("bob", { maxUses: 3, expiresAtMs: 9 });
  return stage;
}

const withoutSeen = (state: GuildState): GuildState => ({ ...state, seen: new Map() });

Deno.test("[JOIN13] a snapshot gives back the state that it is of, less what only judges content", () => {
  const { state } = hindsightOf(town().log);
  assert.ok(state.channels.size + state.invites.size + state.roles.size === 4);
  assert.deepEqual(must(stateFromSnapshot(must(encodeSnapshot(state)))), withoutSeen(state));
});

Deno.test("[JOIN13] the same ops give the same bytes, in whatever order they came", () => {
  fc.assert(
    fc.property(fc.nat(100_000), (seed) => {
      const world = new QuarrelWorld(seed);
      world.run(25);
      const { ops } = world.stage;
      const bytes = must(encodeSnapshot(stateOf(openResolver(ops).rulings)));
      const backwards = must(encodeSnapshot(stateOf(openResolver(ops.toReversed()).rulings)));
      assert.ok(sameBytes(bytes, backwards));
      assert.ok(sameBytes(bytes, must(encodeSnapshot(must(stateFromSnapshot(bytes))))));
    }),
    { seed: 13, numRuns: 60 },
  );
});

Deno.test("[JOIN13] a guild that is too large for a snapshot has no checkpoint", () => {
  const stage = town();
  const { state } = hindsightOf(stage.log);
  const ids = Array.from({ length: JOIN.maxBanned + 1 }, (_, at) => at.toString(16).padStart(64, "0") as never);
  const large = { ...state, banned: new Set(ids) };
  mustRefuse(makeCheckpoint(stage.guild, stage.heads, large, deviceOf("ann")), "join.too-large");
  const [id, role] = [...state.roles][0]!;
  const wordy = { ...role, capabilities: Array(65).fill({ action: "view", channel: null }) };
  const broken = { ...state, roles: new Map([...state.roles, [id, wordy]]) };
  mustRefuse(makeCheckpoint(stage.guild, stage.heads, broken, deviceOf("ann")), "join.too-large");
});

Deno.test("[JOIN14] a checkpoint opens for its guild and snapshot only, and by a device that is a member's there", () => {
  const stage = town();
  const { state } = hindsightOf(stage.log);
  const by = (name: string) => must(makeCheckpoint(stage.guild, stage.heads, state, deviceOf(name)));
  const given = by("ann");
  assert.equal(must(openCheckpoint(stage.guild, given)).signer, deviceOf("ann").user);
  mustRefuse(openCheckpoint("00".repeat(32) as GuildId, given), "join.wrong-guild");
  const other = must(encodeSnapshot({ ...state, name: "another" }));
  mustRefuse(openCheckpoint(stage.guild, { ...given, snapshot: other }), "join.wrong-snapshot");
  mustRefuse(openCheckpoint(stage.guild, by("cyd")), "join.not-a-member");
  mustRefuse(openCheckpoint(stage.guild, by("eve")), "join.not-a-member");
  const last = given.checkpoint.length - 1;
  const altered = given.checkpoint.with(last, given.checkpoint[last]! ^ 1);
  assert.ok(!openCheckpoint(stage.guild, { ...given, checkpoint: altered }).ok);
});

Deno.test("[JOIN15] a checkpoint is held against the ops at its heads, whatever came since", () => {
  const stage = town();
  const { state } = hindsightOf(stage.log);
  const opened = must(
    openCheckpoint(stage.guild, must(makeCheckpoint(stage.guild, stage.heads, state, deviceOf("ann")))),
  );
  const before = stage.part([...stage.log.ops.keys()].slice(-3, -2));
  assert.equal(verifyCheckpoint(opened, before).verdict, "unknown-heads");
  assert.equal(verifyCheckpoint(opened, stage.log).verdict, "verified");
  // Ann is removed by who had not heard of her ban: it is void now, and was not when she signed.
  stage.remove("fay", "ann", [...stage.log.ops.keys()].slice(6, 7));
  stage.say("fay", { t: "settings", name: "later", icon: null });
  assert.equal(verifyCheckpoint(opened, stage.log).verdict, "verified");
});

Deno.test("[JOIN15] a checkpoint that says what the ops do not is wrong, however well it is signed", () => {
  const stage = town();
  const { state } = hindsightOf(stage.log);
  const lies: readonly GuildState[] = [
    { ...state, name: "mine" },
    { ...state, founder: deviceOf("ann").user },
    { ...state, banned: new Set() },
    {
      ...state,
      members: new Map([...state.members, [deviceOf("eve").user, { roles: new Set(), devices: new Set() }]]),
    },
    { ...state, channels: new Map() },
  ];
  for (const lie of lies) {
    const given = must(makeCheckpoint(stage.guild, stage.heads, lie, deviceOf("ann")));
    assert.equal(verifyCheckpoint(must(openCheckpoint(stage.guild, given)), stage.log).verdict, "wrong");
  }
});
