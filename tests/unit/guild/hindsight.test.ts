/** A guild as it was. */
import assert from "node:assert/strict";
import { restrict } from "../../../core/guild/restrict.ts";
import { VOID } from "../../../core/guild/rulings.ts";
import { stateOf } from "../../../core/guild/state.ts";
import type { OpId } from "../../../core/ids.ts";
import { GUILD } from "../../../core/limits.ts";
import { userNamed } from "../../support/guild.ts";
import { invite, removal, town } from "./town.ts";

Deno.test("[CNT6] a guild as it was at some heads is that of their past, by the verdicts of the whole", () => {
  const { stage, start } = town();
  const idsOf = (ops: readonly { readonly id: OpId }[]) => ops.map(({ id }) => id);
  const opened = stage.make("max", invite, { on: start });
  const joined = stage.redeem("eve", opened, { on: [opened] });
  stage.make("ann", removal("max"), { on: start });
  const whole = stage.hindsight();
  const before = whole.at(idsOf(start))!;
  assert.ok(before.state.members.has(userNamed("max")) && !before.rulings.history.placeOf.has(opened.id));
  assert.deepEqual(before.state, stateOf(restrict(whole.rulings, idsOf(start))!));
  const void_ = whole.at([joined.id])!;
  assert.ok(void_.rulings.levels.includes(VOID) && !void_.state.members.has(userNamed("eve")));
  assert.equal(whole.at([...idsOf(start), "0".repeat(64) as OpId]), null);
});

Deno.test("[CNT6] the whole is itself where its heads are named, and what is remembered is bounded", () => {
  const { stage, start } = town();
  for (let at = 0; at <= GUILD.maxHindsights; at++) stage.make("fay", { t: "settings", name: `${at}`, icon: null });
  const whole = stage.hindsight();
  const heads = stage.heads().map(({ id }) => id);
  const older = start.map(({ id }) => id);
  assert.equal(whole.at(heads), whole);
  assert.equal(whole.at([...heads, ...older]), whole);
  const first = whole.at(older);
  assert.equal(whole.at([...older, ...older]), first);
  assert.notEqual(first, whole);
  for (const { id } of stage.ops.slice(-GUILD.maxHindsights - 1, -1)) whole.at([id]);
  assert.notEqual(whole.at(older), first);
  assert.deepEqual(whole.at(older)!.state, first!.state);
});
