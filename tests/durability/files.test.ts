import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { STORE } from "../../rendezvous/limits.ts";
import { openSpaceStore } from "../../rendezvous/store/open.ts";
import { backUp, restore } from "../../rendezvous/store/sqlite/backup.ts";
import { grant } from "../contract/spaceStoreSamples.ts";
import { A, filled, inFolder, MAIL, mail, noise, open, opened, S, waiting } from "./filledFolder.ts";

async function refusal(folder: string): Promise<string> {
  const store = await open(folder);
  if ("sentence" in store) return store.sentence;
  await store.close();
  return "it was opened";
}

function overwrite(file: string, at: number, bytes: Uint8Array): void {
  using open = Deno.openSync(file, { write: true });
  open.seekSync(at, Deno.SeekMode.Start);
  open.writeSync(bytes);
}

Deno.test("[KEEP5] two stores in one folder: the second is refused in a sentence, also from another process", () =>
  inFolder(async (folder) => {
    const store = await opened(folder);
    assert.match(await refusal(folder), /^Another rendezvous uses the folder .*\.$/);
    const program = new URL("./oneByOne.ts", import.meta.url).pathname;
    const { stderr, success } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--allow-all", program, folder],
    }).output();
    assert.ok(!success);
    assert.match(new TextDecoder().decode(stderr), /Another rendezvous uses the folder/);
    await store.close();
    assert.equal(await refusal(folder), "it was opened");
  }));

const DAMAGES: readonly (readonly [string, (file: string, sizeBytes: number) => void])[] = [
  ["whose header is garbage", (file) => overwrite(file, 0, noise(100))],
  ["that was cut in the middle", (file, sizeBytes) => Deno.truncateSync(file, sizeBytes >> 1)],
  ["that was cut to nothing", (file) => Deno.truncateSync(file, 0)],
  ["with a page of garbage", (file, sizeBytes) => overwrite(file, sizeBytes - 3 * 32_768, noise(32_768))],
  ["with a page of zeros", (file) => overwrite(file, 2 * 32_768, new Uint8Array(32_768))],
  ["that is something else", (file) => Deno.writeTextFileSync(file, "notes\n".repeat(1_000))],
];

for (const [name, damage] of DAMAGES) {
  Deno.test(`[KEEP7] a file ${name} is refused in a sentence, and a backup takes its place`, () =>
    inFolder(async (folder, file) => {
      const store = await filled(folder);
      assert.equal(backUp(folder, `${folder}/backup`), null);
      await store.close();
      damage(file, Deno.statSync(file).size);
      assert.match(await refusal(folder), /spaces\.sqlite is damaged\. .*deno task restore BACKUP/);
      const damaged = await Deno.readFile(file);
      assert.equal(await restore(folder, `${folder}/backup`), null);
      assert.deepEqual(await Deno.readFile(`${file}.replaced`), damaged, "it is kept");
      const again = await opened(folder);
      assert.deepEqual((await waiting(again)).map(([number]) => number), MAIL);
      await again.close();
    }));
}

Deno.test("[KEEP7] a database of a later version is refused in a sentence, and left as it is", () =>
  inFolder(async (folder, file) => {
    await (await filled(folder)).close();
    const db = new DatabaseSync(file);
    db.exec("PRAGMA user_version = 1000");
    db.close();
    assert.match(await refusal(folder), /later version of this program \(its format is 1000, this one knows \d+\)/);
    await Deno.copyFile(file, `${folder}/later`);
    assert.match(await restore(folder, `${folder}/later`) ?? "", /later version/);
  }));

Deno.test("[KEEP7] a log without its database, and a restore that was interrupted, are not taken for a new store", () =>
  inFolder(async (folder, file) => {
    await Deno.writeTextFile(`${file}-wal`, "log");
    assert.match(await refusal(folder), /spaces\.sqlite is damaged/);
    await Deno.rename(`${file}-wal`, `${file}.restoring`);
    assert.match(await refusal(folder), /is missing, but a restore of it was begun/);
  }));

Deno.test("[KEEP2] an operation that cannot be done does not spoil those that are committed with it", () =>
  inFolder(async (folder) => {
    const troubles: string[] = [];
    const clock = { nowMs: () => 0, after: () => () => {} };
    const store = await openSpaceStore({ folder, clock, trouble: (trouble) => troubles.push(trouble) });
    if ("sentence" in store) throw new Error(store.sentence);
    await store.openSpace(S);
    await store.setGrants(S, [grant(1)]);
    // The tables take whole numbers only.
    const broken = () => store.setGrants(S, [grant(2), grant(3, { maxWaiting: 1.5 })]);
    const answers = await Promise.all([
      store.deposit(S, A, [mail(1)], 0),
      broken(),
      store.deposit(S, A, [mail(2)], 0),
      broken(),
      store.usage(),
    ]);
    const failed = { t: "refused", reason: "failed" };
    assert.deepEqual(answers.map(({ t }) => t), ["done", "refused", "done", "refused", "done"]);
    assert.deepEqual([answers[1], answers[3]], [failed, failed]);
    assert.deepEqual(answers[4], { t: "done", spaces: 1, envelopes: 2, bytes: 2 * 6_193, grants: 1, bundles: 0 });
    assert.deepEqual(troubles, ["disk-failed"]);
    assert.deepEqual((await waiting(store)).map(([number]) => number), [1, 2]);
    await store.close();
  }));

Deno.test("while another program holds the database, what is asked fails soon and together, and works afterwards", () =>
  inFolder(async (folder, file) => {
    const store = await filled(folder);
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    const startMs = performance.now();
    const answers = await Promise.all([1_000, 1_001, 1_002].map((number) => store.deposit(S, A, [mail(number)], 0)));
    assert.ok(performance.now() - startMs < 2 * STORE.lockedTimeoutMs);
    for (const answer of answers) assert.deepEqual(answer, { t: "refused", reason: "failed" });
    other.exec("ROLLBACK");
    other.close();
    assert.equal((await store.deposit(S, A, [mail(1_000)], 0)).t, "done");
    assert.equal((await waiting(store)).length, MAIL.length + 1);
    await store.close();
  }));

Deno.test("a folder that cannot be made, or written, is refused in a sentence", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/plain`, "");
    assert.match(await refusal(`${folder}/plain/data`), /cannot be written/);
    assert.match(await refusal(`${folder}/plain`), /cannot be written/);
  }));

Deno.test("only its user can read what the store writes", () =>
  inFolder(async (folder) => {
    const data = `${folder}/data`;
    const store = await filled(data);
    assert.equal(backUp(data, `${data}/backup`), null);
    for (const { name } of Deno.readDirSync(data)) {
      assert.equal(Deno.statSync(`${data}/${name}`).mode! & 0o077, 0, name);
    }
    assert.equal(Deno.statSync(data).mode! & 0o077, 0);
    await store.close();
  }));
