import assert from "node:assert/strict";
import { openSpaceStore } from "../../rendezvous/store/open.ts";
import type { SpaceStore } from "../../rendezvous/store/port.ts";
import { bundle, depositor, envelope, grant, idOf, space } from "../contract/spaceStoreSamples.ts";

const MIB = 2 ** 20;
const SIZE_BYTES = 19_505;
const RETRY_MS = 200;
const AT_ONCE = 64;
const S = space(1);
const A = depositor(1);

async function run(command: string, ...args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

/** A disk of its own, in memory, so small that it is soon full. */
async function onSmallDisk(sizeMib: number, test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  await run("mount", "-t", "tmpfs", "-o", `size=${sizeMib}m`, "tmpfs", folder);
  try {
    await test(folder);
  } finally {
    await run("umount", "--lazy", folder);
    await Deno.remove(folder);
  }
}

async function opened(folder: string, troubles: string[]): Promise<SpaceStore> {
  const store = await openSpaceStore({
    folder: `${folder}/data`,
    clock: { nowMs: () => 0, after: () => () => {} },
    trouble: (trouble) => troubles.push(trouble),
    disk: { retryFullMs: RETRY_MS },
  });
  if ("sentence" in store) throw new Error(store.sentence);
  await store.openSpace(S);
  await store.setGrants(S, [grant(1, { maxWaiting: 9_000, maxWaitingBytes: 1_000 * MIB })]);
  return store;
}

const mail = (number: number): Uint8Array => envelope(number, SIZE_BYTES);

/** Leaves mail until the store takes no more; resolves to the numbers of what it kept. */
async function fill(store: SpaceStore, from: number): Promise<number[]> {
  const kept: number[] = [];
  for (let number = from;; number += AT_ONCE) {
    const numbers = Array.from({ length: AT_ONCE }, (_, i) => number + i);
    const answers = await Promise.all(numbers.map((one) => store.deposit(S, A, [mail(one)], 0)));
    kept.push(...numbers.filter((_, i) => answers[i]!.t === "done"));
    for (const answer of answers) assert.ok(answer.t === "done" || answer.reason === "full", JSON.stringify(answer));
    if (answers.every(({ t }) => t === "refused")) return kept;
    assert.ok(kept.length < 20_000, "the disk is never full");
  }
}

async function waiting(store: SpaceStore): Promise<Set<number>> {
  const numbers = new Set<number>();
  for (let after = 0, more = true; more;) {
    const page = await store.fetch(S, after, 50, MIB);
    if (page.t !== "mail") throw new Error(page.reason);
    for (const { serial, envelope } of page.waiting) {
      numbers.add(new DataView(envelope.buffer, envelope.byteOffset).getUint32(0));
      after = serial;
    }
    more = page.more;
  }
  return numbers;
}

async function acknowledge(store: SpaceStore, numbers: readonly number[]): Promise<void> {
  for (let at = 0; at < numbers.length; at += 20) {
    const some = numbers.slice(at, at + 20);
    assert.deepEqual(await store.ack(S, some.map((one) => idOf(mail(one)))), { t: "done", deleted: some.length });
  }
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 2 * RETRY_MS));
}

const options = { ignore: Deno.uid() !== 0 };

Deno.test({
  name: "[KEEP6] a full disk refuses deposits, reads and acknowledgements go on, and it recovers",
  ...options,
  fn: () =>
    onSmallDisk(130, async (folder) => {
      const troubles: string[] = [];
      let store = await opened(folder, troubles);
      const kept = await fill(store, 1);
      assert.equal(troubles.at(-1), "disk-full");
      assert.deepEqual(await store.openSpace(space(2)), { t: "refused", reason: "full" });
      const upload = { oneTime: [bundle(1)], lastResort: null, replace: false };
      assert.deepEqual(await store.putBundles(S, upload), { t: "refused", reason: "full" });
      assert.deepEqual(await waiting(store), new Set(kept));
      // More of it than the log takes: it must go round.
      const half = kept.slice(0, kept.length >> 1);
      await acknowledge(store, half);
      assert.deepEqual(await waiting(store), new Set(kept.slice(half.length)));
      await run("mount", "-o", "remount,size=260m", folder);
      await settled();
      const [number] = kept;
      assert.equal((await store.deposit(S, A, [mail(number!)], 0)).t, "done");
      assert.equal(troubles.at(-1), "disk-has-room");
      assert.equal((await store.openSpace(space(2))).t, "done");
      await store.close();
      store = await opened(folder, troubles);
      assert.deepEqual(await waiting(store), new Set([...kept.slice(half.length), number!]), "after a restart");
      await store.close();
    }),
});

Deno.test({
  name: "[KEEP6] mail can be acknowledged on a disk that something else has filled, and room that comes back is used",
  ...options,
  fn: () =>
    onSmallDisk(200, async (folder) => {
      const troubles: string[] = [];
      const store = await opened(folder, troubles);
      const numbers = Array.from({ length: 800 }, (_, i) => i + 1);
      for (const number of numbers) void store.deposit(S, A, [mail(number)], 0);
      assert.equal((await waiting(store)).size, numbers.length);
      await assert.rejects(Deno.writeFile(`${folder}/other`, new Uint8Array(400 * MIB)), /space/);
      await fill(store, 10_000);
      assert.equal(troubles.at(-1), "disk-full");
      await acknowledge(store, numbers);
      await Deno.remove(`${folder}/other`);
      await settled();
      assert.equal((await store.deposit(S, A, [mail(1)], 0)).t, "done");
      assert.equal(troubles.at(-1), "disk-has-room");
      await store.close();
    }),
});
