import assert from "node:assert/strict";
import { openSpaceStore } from "../../rendezvous/store/open.ts";
import { Ledger } from "./ledger.ts";
import { TextLineStream } from "./lines.ts";

const ROUNDS = 20;
/** Kills come anywhere from opening and recovery to full load. */
const MAX_LIFE_MS = 700;
const NUMBERS_PER_ROUND = 1_000_000;

async function opened(folder: string) {
  const clock = { nowMs: () => Date.now(), after: () => () => {} };
  const store = await openSpaceStore({ folder, clock, disk: { reserveBytes: 4_096 } });
  if ("sentence" in store) throw new Error(store.sentence);
  return store;
}

async function writeAndKill(folder: string, round: number, ledger: Ledger): Promise<void> {
  const writer = new URL("./writer.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-all", writer, folder, String(round * NUMBERS_PER_ROUND)],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let isDying = false;
  const lifeMs = Math.random() * MAX_LIFE_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  for await (const line of child.stdout.pipeThrough(new TextLineStream())) {
    if (line === "ready") {
      timer = setTimeout(() => {
        isDying = true;
        child.kill("SIGKILL");
      }, lifeMs);
    } else ledger.hear(line);
  }
  clearTimeout(timer);
  const { signal } = await child.status;
  assert.ok(isDying && signal === "SIGKILL", "the writer ended by itself");
  ledger.writerDied();
}

Deno.test(`[KEEP2] nothing that was acknowledged is lost or undone by ${ROUNDS} kills under load`, async () => {
  const folder = await Deno.makeTempDir();
  try {
    const ledger = new Ledger();
    for (let round = 0; round < ROUNDS; round++) {
      await writeAndKill(folder, round, ledger);
      // Every other time the next writer is the first to find what the kill has left.
      if (round % 2 === 0 && round !== ROUNDS - 1) continue;
      const store = await opened(folder);
      await ledger.checkMail(store);
      if (round === ROUNDS - 1) await ledger.checkBundles(store);
      await store.close();
    }
    const { deposited, deleted, taken } = ledger;
    console.log(`${deposited.size} deposits, ${deleted.size} acknowledgements, ${taken.size} bundles, ${ROUNDS} kills`);
    assert.ok(deposited.size > 1_000 && deleted.size > 100 && taken.size > 100, "there was no load to speak of");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
