/** Leaves mail, one deposit after another, and says of each when it was acknowledged. Arguments: folder, FULL or OFF. */
import { openSpaceStore } from "../../rendezvous/store/open.ts";
import { depositor, envelope, grant, space } from "../contract/spaceStoreSamples.ts";

const DEPOSITS = 30;

const store = await openSpaceStore({
  folder: Deno.args[0]!,
  clock: { nowMs: () => Date.now(), after: () => () => {} },
  disk: { reserveBytes: 4_096, synchronous: Deno.args[1] === "OFF" ? "OFF" : "FULL" },
});
if ("sentence" in store) throw new Error(store.sentence);
await store.openSpace(space(1));
await store.setGrants(space(1), [grant(1)]);
const encoder = new TextEncoder();
for (let at = 0; at < DEPOSITS; at++) {
  const answer = await store.deposit(space(1), depositor(1), [envelope(at, 6_193)], 0);
  if (answer.t === "refused") throw new Error(answer.reason);
  Deno.stdout.writeSync(encoder.encode(`acknowledged ${at}\n`));
}
await store.close();
