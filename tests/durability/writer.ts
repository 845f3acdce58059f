/**
 * Works on a store until it is killed, and says what it begins and what was acknowledged, a line for each: `d 17` for a
 * deposit begun, `D 17 3` for one that was acknowledged with serial 3, `a`/`A` for acknowledging mail, `P` for a bundle
 * that was put, `t`/`T` for one that was taken. Lines are written at once, so a kill takes none of them.
 * Arguments: folder, first number, and "OFF" for a disk without syncs.
 */
import { openSpaceStore } from "../../rendezvous/store/open.ts";
import { bundle, depositor, envelope, grant, idOf, space } from "../contract/spaceStoreSamples.ts";
import { SIZES_BYTES, SPACES } from "./ledger.ts";

const [folder, first] = [Deno.args[0]!, Number(Deno.args[1])];
const WRITERS = 64;

const encoder = new TextEncoder();
const say = (...words: readonly (string | number)[]): void => {
  Deno.stdout.writeSync(encoder.encode(`${words.join(" ")}\n`));
};

const opened = await openSpaceStore({
  folder,
  clock: { nowMs: () => Date.now(), after: () => () => {} },
  disk: { reserveBytes: 4_096 },
});
if ("sentence" in opened) throw new Error(opened.sentence);
const store = opened;

function must(answer: { readonly t: string; readonly reason?: string }): void {
  if (answer.t === "refused" && answer.reason !== "quota") throw new Error(answer.reason);
}

let next = first;
const random = (below: number): number => Math.floor(Math.random() * below);
const kept: number[] = [];

async function deposit(): Promise<void> {
  const numbers = Array.from({ length: 1 + random(4) }, () => next++);
  const at = random(SPACES);
  say("d", ...numbers);
  const answer = await store.deposit(space(at), depositor(1), numbers.map((n) => envelope(n, SIZES_BYTES[n % 3])), 0);
  must(answer);
  if (answer.t !== "done") return;
  answer.kept.forEach(({ serial }, i) => say("D", numbers[i]!, at, serial));
  kept.push(...numbers);
}

async function acknowledge(): Promise<void> {
  const numbers = kept.splice(random(kept.length), 3);
  if (numbers.length === 0) return;
  say("a", ...numbers);
  const ids = numbers.map((n) => idOf(envelope(n, SIZES_BYTES[n % 3])));
  for (let at = 0; at < SPACES; at++) must(await store.ack(space(at), ids));
  say("A", ...numbers);
}

async function put(): Promise<void> {
  const numbers = Array.from({ length: 5 }, () => next++);
  const answer = await store.putBundles(space(0), { oneTime: numbers.map(bundle), lastResort: null, replace: false });
  must(answer);
  if (answer.t === "done") say("P", ...numbers);
}

async function take(): Promise<void> {
  say("t");
  const answer = await store.takeBundle(space(0), depositor(1), 0);
  if (answer.t === "bundle") say("T", new DataView(answer.sealed.buffer).getUint32(0));
  else say("T");
}

for (let at = 0; at < SPACES; at++) {
  must(await store.openSpace(space(at)));
  must(
    await store.setGrants(space(at), [
      grant(1, { maxWaiting: 5_000, maxWaitingBytes: 64 * 2 ** 20, maxBundles: 1_000_000 }),
    ]),
  );
}
say("ready");
const ACTS = [deposit, deposit, deposit, acknowledge, acknowledge, put, take, take] as const;
await Promise.all(Array.from({ length: WRITERS }, async () => {
  for (;;) await ACTS[random(ACTS.length)]!();
}));
