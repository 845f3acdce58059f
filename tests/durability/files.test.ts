import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { DatabaseSync } from "node:sqlite";
import { openSpaceStore } from "../../rendezvous/store/open.ts";
import type { SpaceStore } from "../../rendezvous/store/port.ts";
import { backUp, restore } from "../../rendezvous/store/sqlite/backup.ts";
import { bundle, depositor, envelope, grant, idOf, space } from "../contract/spaceStoreSamples.ts";

const S = space(1);
const A = depositor(1);

async function inFolder(test: (folder: string, file: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder, `${folder}/spaces.sqlite`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const open = (folder: string) =>
  openSpaceStore({ folder, clock: { nowMs: () => 0, after: () => () => {} }, disk: { reserveBytes: 4_096 } });

async function opened(folder: string): Promise<SpaceStore> {
  const store = await open(folder);
  if ("sentence" in store) throw new Error(store.sentence);
  return store;
}

async function refusal(folder: string): Promise<string> {
  const store = await open(folder);
  if ("sentence" in store) return store.sentence;
  await store.close();
  return "it was opened";
}

const MAIL = Array.from({ length: 200 }, (_, i) => i);
const mail = (number: number): Uint8Array => envelope(number, 6_193);

/** With 200 pieces of mail and ten bundles. */
async function filled(folder: string): Promise<SpaceStore> {
  const store = await opened(folder);
  await store.openSpace(S);
  await store.setGrants(S, [grant(1, { maxWaiting: 5_000, maxWaitingBytes: 64 * 2 ** 20, maxBundles: 100 })]);
  await store.putBundles(S, { oneTime: MAIL.slice(0, 10).map(bundle), lastResort: bundle(99), replace: false });
  await Promise.all(MAIL.map((number) => store.deposit(S, A, [mail(number)], 0)));
  return store;
}

async function waiting(store: SpaceStore) {
  const page = await store.fetch(S, 0, 10_000, 2 ** 30);
  assert.ok(page.t === "mail");
  return page.waiting.map(({ serial, envelope }) => [new DataView(envelope.buffer).getUint32(0), serial] as const);
}

function overwrite(file: string, at: number, bytes: Uint8Array): void {
  using open = Deno.openSync(file, { write: true });
  open.seekSync(at, Deno.SeekMode.Start);
  open.writeSync(bytes);
}

const noise = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

Deno.test("two stores in one folder: the second is refused in a sentence, also from another process", () =>
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
  Deno.test(`a file ${name} is refused in a sentence, and a backup takes its place`, () =>
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

Deno.test("a database of a later version is refused in a sentence, and left as it is", () =>
  inFolder(async (folder, file) => {
    await (await filled(folder)).close();
    const db = new DatabaseSync(file);
    db.exec("PRAGMA user_version = 1000");
    db.close();
    assert.match(await refusal(folder), /later version of this program \(its format is 1000, this one knows \d+\)/);
    await Deno.copyFile(file, `${folder}/later`);
    assert.match(await restore(folder, `${folder}/later`) ?? "", /later version/);
  }));

Deno.test("a log without its database, and a restore that was interrupted, are not taken for a new store", () =>
  inFolder(async (folder, file) => {
    await Deno.writeTextFile(`${file}-wal`, "log");
    assert.match(await refusal(folder), /spaces\.sqlite is damaged/);
    await Deno.rename(`${file}-wal`, `${file}.restoring`);
    assert.match(await refusal(folder), /is missing, but a restore of it was begun/);
  }));

Deno.test("an operation that cannot be done does not spoil those that are committed with it", () =>
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

Deno.test("a backup made under load holds all that was acknowledged before it began", () =>
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

Deno.test("a restored copy gives no serial and no one-time bundle a second time", () =>
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

Deno.test("deleted mail is not in a backup", () =>
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
