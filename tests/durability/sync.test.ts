import assert from "node:assert/strict";
import { syncOrder } from "./syncOrder.ts";

const DEPOSITS = 30;

/** What a process asks of the system while it leaves mail, one deposit after another. */
async function traced(synchronous: "FULL" | "OFF"): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const program = new URL("./oneByOne.ts", import.meta.url).pathname;
    const { success, stderr } = await new Deno.Command("strace", {
      args: [
        ...["-f", "-y", "-e", "trace=fsync,fdatasync,write,pwrite64", "-o", `${folder}/trace`],
        ...[Deno.execPath(), "run", "--no-check", "--allow-all", program, `${folder}/data`, synchronous],
      ],
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    return await Deno.readTextFile(`${folder}/trace`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("[KEEP2] each acknowledgement goes out after the sync of what it acknowledges, as the system saw it", async () => {
  assert.deepEqual(syncOrder(await traced("FULL")), { synced: DEPOSITS, tooEarly: [] });
});

Deno.test("without syncs the same proof fails", async () => {
  const { synced, tooEarly } = syncOrder(await traced("OFF"));
  assert.equal(synced, 0);
  assert.equal(tooEarly.length, DEPOSITS);
});

Deno.test("a sync that comes late, fails, or is of another file counts for nothing", () => {
  const write = "7 pwrite64(9</d/spaces.sqlite-wal>, ..., 24, 0) = 24";
  const acknowledged = '5 write(1<pipe:[1]>, "acknowledged 0\\n", 15) = 15';
  const late = (...lines: readonly string[]) =>
    syncOrder([write, ...lines, acknowledged].join("\n")).tooEarly.length === 1;
  const begun = "7 fsync(9</d/spaces.sqlite-wal> <unfinished ...>";
  assert.ok(late());
  assert.ok(late(begun));
  assert.ok(late(begun, "6 <... fsync resumed>) = 0"));
  assert.ok(late(begun, "7 <... fsync resumed>) = -1 EIO (Input/output error)"));
  assert.ok(late("7 fsync(9</d/spaces.sqlite>) = 0"));
  assert.ok(late("7 fsync(9</d/spaces.sqlite-wal>) = 0", write));
  assert.ok(!late(begun, "7 <... fsync resumed>) = 0"));
  assert.ok(!late("7 fdatasync(9</d/spaces.sqlite-wal>) = 0"));
});
