import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { DatabaseSync } from "node:sqlite";
import { backUp, restore } from "../../rendezvous/store/sqlite/backup.ts";
import { bundle, idOf } from "../contract/spaceStoreSamples.ts";
import { A, filled, inFolder, MAIL, mail, noise, opened, S, waiting } from "./filledFolder.ts";

Deno.test("[KEEP8] a backup made under load holds all that was acknowledged before it began", () =>
  inFolder(async (folder) => {
    const store = await filled(folder);
    let [next, isDone] = [1_000, false];
    const kept = new Set(MAIL);
    const writers = Array.from({ length: 16 }, async () => {
      while (!isDone) {
        const number = next++;
        const answer = await store.deposit(S, A, [mail(number)], 0);
        if (answer.t === "done") kept.add(number);
      }
    });
    for (let round = 0; round < 3; round++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const before = new Set(kept);
      // In a process of its own, as an operator does it.
      const { success, stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["task", "--quiet", "backup", `${folder}/backup${round}`, "--data", folder],
      }).output();
      assert.ok(success, new TextDecoder().decode(stdout));
      const restored = `${folder}/restored${round}`;
      assert.equal(await restore(restored, `${folder}/backup${round}`), null);
      const copy = await opened(restored);
      const found = new Set((await waiting(copy)).map(([number]) => number));
      await copy.close();
      assert.ok(before.size > MAIL.length && [...before].every((number) => found.has(number)));
    }
    isDone = true;
    await Promise.all(writers);
    await store.close();
  }));

Deno.test("[KEEP8] a restored copy gives no serial and no one-time bundle a second time", () =>
  inFolder(async (folder) => {
    const store = await filled(folder);
    assert.equal(backUp(folder, `${folder}/backup`), null);
    const later = await store.deposit(S, A, [mail(1_000)], 0);
    const bundleLater = await store.takeBundle(S, A, 0);
    assert.ok(later.t === "done" && bundleLater.t === "bundle" && bundleLater.left === 9);
    assert.match(await restore(folder, `${folder}/backup`) ?? "", /Stop it first/);
    await store.close();
    assert.equal(await restore(folder, `${folder}/backup`), null);
    const again = await opened(folder);
    const anew = await again.deposit(S, A, [mail(1_001)], 0);
    assert.ok(anew.t === "done" && anew.kept[0]!.serial > later.kept[0]!.serial);
    assert.deepEqual(await again.takeBundle(S, A, 0), { t: "bundle", sealed: bundle(99), left: 0 });
    const usage = await again.usage();
    assert.ok(usage.t === "done");
    assert.deepEqual([usage.bytes, usage.bundles], [201 * 6_193 + 50, 0]);
    await again.close();
  }));

Deno.test("what is no backup is not restored, and no backup takes the place of a file", () =>
  inFolder(async (folder, file) => {
    await (await filled(folder)).close();
    const before = await Deno.readFile(file);
    await Deno.writeTextFile(`${folder}/notes`, "notes\n".repeat(1_000));
    await Deno.writeTextFile(`${folder}/empty`, "");
    const other = new DatabaseSync(`${folder}/other`);
    other.exec("CREATE TABLE notes (note TEXT)");
    other.close();
    for (const name of ["notes", "empty", "other"]) {
      assert.match(await restore(folder, `${folder}/${name}`) ?? "", /no sound backup\. Nothing was changed/);
    }
    assert.match(await restore(folder, `${folder}/missing`) ?? "", /does not exist/);
    assert.match(backUp(folder, `${folder}/notes`)!, /exists already/);
    assert.match(backUp(`${folder}/missing`, `${folder}/backup`)!, /nothing to back up/);
    assert.deepEqual(await Deno.readFile(file), before);
  }));

Deno.test("[KEEP8] deleted mail is not in a backup", () =>
  inFolder(async (folder) => {
    const store = await filled(folder);
    const secret = noise(6_193);
    await store.deposit(S, A, [secret], 0);
    await store.ack(S, [idOf(secret)]);
    assert.equal(backUp(folder, `${folder}/backup`), null);
    await store.close();
    const bytes = await Deno.readFile(`${folder}/backup`);
    assert.equal(Buffer.from(bytes).indexOf(secret.subarray(0, 64)), -1);
  }));

Deno.test({
  name: "[KEEP8] what root restores belongs to whom the folder belongs to",
  ignore: Deno.uid() !== 0,
  fn: () =>
    inFolder(async (folder) => {
      await (await filled(`${folder}/data`)).close();
      assert.equal(backUp(`${folder}/data`, `${folder}/backup`), null);
      await Deno.mkdir(`${folder}/other`);
      await Deno.chown(`${folder}/other`, 1, 1);
      assert.equal(await restore(`${folder}/other`, `${folder}/backup`), null);
      for (const { name } of Deno.readDirSync(`${folder}/other`)) {
        assert.equal(Deno.statSync(`${folder}/other/${name}`).uid, 1, name);
      }
    }),
});
