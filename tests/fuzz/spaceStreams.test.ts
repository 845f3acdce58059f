import assert from "node:assert/strict";
import type { CounterName } from "../../rendezvous/counters.ts";
import { play } from "./spaceStreams.ts";

const SEEDS = 20;
const FIRST_SEED = 20261124;

/** What must have happened somewhere, or the strangers have lost their subject. */
const KINDS: readonly CounterName[] = [
  "spaces.entered",
  "spaces.bad-entry",
  "spaces.malformed",
  "spaces.too-large",
  "spaces.out-of-order",
  "mailbox.deposited",
  "mailbox.fetched",
  "prekeys.taken",
];

Deno.test("[MBX13] whatever strangers send on their streams, others are served, and nothing is left behind", async () => {
  const seen = new Map<CounterName, number>();
  let [asked, answered] = [0, 0];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const played = await play(seed).catch((error) => assert.fail(`seed ${seed}: ${error.message}`));
    asked += played.asked;
    answered += played.answered;
    for (const kind of KINDS) seen.set(kind, (seen.get(kind) ?? 0) + played.counters.get(kind));
  }
  console.log(`${SEEDS} seeds, ${asked} requests by the rules, ${answered} answers`, Object.fromEntries(seen));
  for (const kind of KINDS) assert.ok(seen.get(kind)! > 0, `${kind} never happened`);
});
