/** What a text message costs: sealed and opened, in a burst and turn by turn, with the AEAD that could have been. */
import process from "node:process";
import { aesGcm, chachaPoly } from "../../core/crypto/aead.ts";
import { PADDING } from "../../core/limits.ts";
import type { Env } from "../../core/ports.ts";
import { decodeSession, encodeSession, open, seal, type Session } from "../../core/session/session.ts";
import { SECURECOMM_SUITE } from "../../core/session/suite.ts";
import { must, pair } from "../support/world.ts";
import { median, printFigure, spreadOf } from "./figure.ts";

const RUNS = 7;
const TEXT = new Uint8Array(200).fill(120);
const env: Env = { nowMs: 0, rng: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) } };

/** CPU time per call in microseconds, one value for each run; the first run warms up and is not counted. */
function timed(count: number, work: () => void): readonly number[] {
  const runs: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const start = process.cpuUsage();
    for (let i = 0; i < count; i++) work();
    const { user, system } = process.cpuUsage(start);
    runs.push((user + system) / count);
  }
  return runs.slice(1);
}

function report(
  figure: string,
  runs: readonly number[],
  theirs?: { readonly peer: string; readonly us: number },
): void {
  console.log(`${figure.padEnd(58)} ${median(runs).toFixed(1).padStart(8)} us CPU`);
  const peer = theirs === undefined ? {} : { peer: theirs.peer, theirs: theirs.us };
  printFigure({ figure, ours: median(runs), unit: "us CPU", spread: spreadOf(runs), ...peer });
}

function talk(): { alice: Session; bob: Session } {
  const { alice, bob } = pair(1);
  const reply = seal(bob, TEXT, env);
  return { alice: must(open(alice, reply.envelope)).session, bob: reply.session };
}

function burst(): void {
  const sides = talk();
  const runs = timed(2_000, () => {
    const sealed = seal(sides.alice, TEXT, env);
    sides.alice = sealed.session;
    sides.bob = must(open(sides.bob, sealed.envelope)).session;
  });
  report("seal and open 200 B, burst", runs);
}

function pingPong(): void {
  const sides = talk();
  const runs = timed(100, () => {
    const sealed = seal(sides.alice, TEXT, env);
    const opened = must(open(sides.bob, sealed.envelope));
    [sides.alice, sides.bob] = [opened.session, sealed.session];
  });
  report("seal and open 200 B, a turn each", runs);
}

/** All that a first message needs on both sides: a bundle handed out and checked, a handshake begun and accepted. */
function firstMessage(): void {
  report("first message, bundle to acceptance", timed(20, () => pair(1)));
}

function stored(): void {
  const { alice } = talk();
  report("session to its record", timed(2_000, () => encodeSession(alice)));
  const record = encodeSession(alice);
  report("session from its record", timed(2_000, () => decodeSession(SECURECOMM_SUITE, record)));
}

/** A fresh key for each message, as the ratchet has it. */
function aeads(): void {
  const keys = Array.from({ length: 64 }, () => env.rng.bytes(32));
  const [nonce, ad] = [new Uint8Array(12), env.rng.bytes(90)];
  for (const sizeBytes of PADDING.textBucketsBytes) {
    const plaintext = env.rng.bytes(sizeBytes);
    const [gcm, chacha] = [aesGcm, chachaPoly].map((aead) => {
      let turn = 0;
      return timed(400, () => {
        const key = keys[turn++ % keys.length]!;
        aead.open(key, nonce, aead.seal(key, nonce, plaintext, ad), ad);
      });
    }) as [readonly number[], readonly number[]];
    report(`ChaCha20-Poly1305 seal and open, ${sizeBytes} B`, chacha, { peer: "AES-256-GCM", us: median(gcm) });
  }
}

burst();
pingPong();
firstMessage();
stored();
aeads();
