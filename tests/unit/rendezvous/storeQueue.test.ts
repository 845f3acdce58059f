import assert from "node:assert/strict";
import { spaceId } from "../../../core/ids.ts";
import { STORE } from "../../../rendezvous/limits.ts";
import type { Answer, Operation } from "../../../rendezvous/store/sqlite/messages.ts";
import { Queue } from "../../../rendezvous/store/sqlite/queue.ts";
import { must } from "../../support/world.ts";

const space = must(spaceId(new Uint8Array(32)));
const MIB = 2 ** 20;
const BUSY = { t: "refused", reason: "busy" };
const FAILED = { t: "refused", reason: "failed" };

interface Batch {
  readonly operations: readonly Operation[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A thread that answers when it is told to. */
function withThread() {
  const sent: Batch[] = [];
  const queue = new Queue((operations, bytes) => sent.push({ operations, bytes }));
  const answer = () => {
    const { operations, bytes } = sent.shift()!;
    queue.answers(operations.map((): Answer => ({ t: "done" })), bytes);
  };
  const ask = () => queue.ask({ t: "openSpace", space });
  const put = (bytes: Uint8Array) =>
    queue.ask({ t: "putBundles", space, sizes: [bytes.length], hasLastResort: false, replace: false }, [bytes]);
  return { queue, sent, answer, ask, put };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("what is asked in one turn goes as one batch, and what comes meanwhile as the next", async () => {
  const { sent, answer, ask } = withThread();
  const first = [ask(), ask(), ask()];
  await turn();
  const second = [ask(), ask()];
  await turn();
  assert.deepEqual(sent.map(({ operations }) => operations.length), [3]);
  answer();
  await Promise.all(first);
  assert.deepEqual(sent.map(({ operations }) => operations.length), [2]);
  answer();
  assert.deepEqual(await Promise.all(second), [{ t: "done" }, { t: "done" }]);
});

Deno.test("under load a second batch follows the first, but no third", async () => {
  const { sent, ask } = withThread();
  void ask();
  await turn();
  for (let i = 0; i < 3 * STORE.maxBatchOperations; i++) void ask();
  await turn();
  void ask();
  await turn();
  assert.deepEqual(sent.map(({ operations }) => operations.length), [1, STORE.maxBatchOperations]);
});

Deno.test("a batch is bounded by its bytes, but has one operation at least", async () => {
  const { sent, answer, put } = withThread();
  void put(new Uint8Array(STORE.maxBatchBytes + 1));
  for (let i = 0; i < 9; i++) void put(new Uint8Array(MIB));
  await turn();
  assert.deepEqual(sent.map(({ operations }) => operations.length), [1]);
  answer();
  assert.deepEqual(sent.map(({ operations }) => operations.length), [8]);
});

Deno.test("[KEEP2] above the bound of operations or of bytes all are refused at once, until some are answered", async () => {
  const { answer, ask } = withThread();
  for (let i = 0; i < STORE.maxQueuedOperations; i++) void ask();
  assert.deepEqual(await ask(), BUSY);
  answer();
  let isAnswered = false;
  void ask().then(() => isAnswered = true);
  await turn();
  assert.ok(!isAnswered, "it waits");
  const other = withThread();
  const mib = new Uint8Array(MIB);
  for (let i = 0; i < STORE.maxQueuedBytes / MIB; i++) void other.put(mib);
  assert.deepEqual(await other.put(mib), BUSY);
});

Deno.test("bytes go in the order of their operations, out of views as well", async () => {
  const { sent, put } = withThread();
  const frame = Uint8Array.of(0, 1, 2, 3, 4, 5);
  void put(frame.subarray(1, 3));
  void put(frame.subarray(4));
  await turn();
  assert.deepEqual([...sent[0]!.bytes], [1, 2, 4, 5]);
});

Deno.test("a queue that is finished answers what has come, and refuses the rest", async () => {
  const { queue, answer, ask } = withThread();
  const asked = ask();
  await turn();
  let isFinished = false;
  const finished = queue.finish().then(() => isFinished = true);
  assert.deepEqual(await ask(), FAILED);
  assert.ok(!isFinished);
  answer();
  assert.deepEqual(await asked, { t: "done" });
  await finished;
});

Deno.test("when the thread has died, all that waits is refused", async () => {
  const { queue, ask } = withThread();
  const sent = ask();
  await turn();
  const later = ask();
  queue.fail();
  assert.deepEqual([await sent, await later, await ask()], [FAILED, FAILED, FAILED]);
});
