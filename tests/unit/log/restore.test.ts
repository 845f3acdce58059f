/** A log from one's own store. */
import assert from "node:assert/strict";
import { openLog, receiveInOrder } from "../../../core/log/log.ts";
import { restoreLog } from "../../../core/log/restore.ts";
import { fromOwnStore } from "../../../core/log/signedOp.ts";
import { must } from "../../support/world.ts";
import { joinTown } from "../../bench/joinTown.ts";

function story() {
  const { ops: [genesis, ...rest] } = joinTown(3, 42, 150);
  const { log } = receiveInOrder(must(openLog(genesis!)), rest);
  const stored = [...log.ops.values()].map(({ id, bytes }) => fromOwnStore(id, bytes));
  return { log, stored };
}

Deno.test("[LOG4] a log that is restored is the one that was received, though no signature is checked anew", () => {
  const { log, stored } = story();
  const restored = must(restoreLog(stored));
  assert.deepEqual([...restored.ops], [...log.ops]);
  assert.deepEqual([...restored.heads], [...log.heads]);
  assert.equal(restored.guild, log.guild);
});

Deno.test("[LOG3] what is broken or out of order is not restored, and is named", () => {
  const { stored } = story();
  const without = restoreLog(stored.toSpliced(5, 1));
  assert.deepEqual([without.ok ? "" : without.reason, without.at], ["log.missing-parent", 5]);
  const [third] = stored.slice(3);
  const broken = restoreLog(stored.with(3, fromOwnStore(third!.id, third!.bytes.slice(1))));
  assert.deepEqual([broken.ok ? "" : broken.reason, broken.at], ["wire.malformed", 3]);
  assert.equal(restoreLog([]).ok, false);
});
