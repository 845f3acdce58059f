import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openSpaceStore } from "../../rendezvous/store/open.ts";
import { MIGRATION_1 } from "../../rendezvous/store/sqlite/migrations/0001.ts";
import { bundle, depositor, envelope, NOON_MS, space } from "../contract/spaceStoreSamples.ts";

const VERSION_1 = Deno.readTextFileSync(new URL("../fixtures/spacesVersion1.sql", import.meta.url));

const oneSpaced = (sql: string): string => sql.replace(/\s+/g, " ");

function schemaOf(sql: string): readonly string[] {
  const db = new DatabaseSync(":memory:");
  db.exec(sql);
  const rows = db.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").all();
  db.close();
  return rows.map((row) => oneSpaced(String(row["sql"])));
}

Deno.test("version 1 is what it was when the first servers wrote it", () => {
  assert.deepEqual(schemaOf(MIGRATION_1), schemaOf(VERSION_1));
});

Deno.test("a store that version 1 wrote is opened, with all that was in it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const db = new DatabaseSync(`${folder}/spaces.sqlite`);
    db.exec(VERSION_1);
    db.close();
    const clock = { nowMs: () => NOON_MS, after: () => () => {} };
    const store = await openSpaceStore({ folder, clock, disk: { reserveBytes: 4_096 } });
    if ("sentence" in store) throw new Error(store.sentence);
    const [S, A] = [space(1), depositor(1)];
    assert.deepEqual(await store.usage(), { t: "done", spaces: 2, envelopes: 3, bytes: 160, grants: 2, bundles: 1 });
    assert.deepEqual(await store.fetch(S, 0, 10, 1_000), {
      t: "mail",
      waiting: [[1, 1], [2, 1], [3, 3]].map(([number, by]) => ({
        serial: number,
        depositor: depositor(by!),
        envelope: envelope(number!, 20),
      })),
      more: false,
    });
    assert.deepEqual(await store.takeBundle(S, A, NOON_MS), { t: "bundle", sealed: bundle(2), left: 0 });
    assert.deepEqual(await store.takeBundle(S, A, NOON_MS), { t: "bundle", sealed: bundle(9), left: 0 });
    assert.deepEqual(await store.takeBundle(S, A, NOON_MS), { t: "refused", reason: "quota" });
    const kept = await store.deposit(S, depositor(2), [envelope(4, 20)], NOON_MS);
    assert.ok(kept.t === "done" && kept.kept[0]!.serial === 4);
    assert.equal((await store.deposit(S, depositor(3), [envelope(5)], NOON_MS)).t, "refused");
    await store.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
