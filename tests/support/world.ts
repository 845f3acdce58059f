/** A small world for tests: seeded randomness, a clock that is told the time, and people with devices. */
import assert from "node:assert/strict";
import type { Result } from "../../core/errors.ts";
import { verifyBundle } from "../../core/identity/bundle.ts";
import { createIdentity, type LocalDevice } from "../../core/identity/identity.ts";
import { createPrekeys, type Prekeys, takeBundle } from "../../core/identity/prekeys.ts";
import type { Env, Rng } from "../../core/ports.ts";
import { accept, initiate, type Session } from "../../core/session/session.ts";
import { SECURECOMM_SUITE } from "../../core/session/suite.ts";
import { utf8 } from "../../core/wire/text.ts";

export const START_MS = Date.UTC(2026, 10, 24, 12);

/** xorshift32: the same bytes for the same seed. Not for secrets that matter. */
export function seededRng(seed: number): Rng {
  let state = (2 * seed) ^ 0x9e3779b9;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0xff;
  };
  return { bytes: (length) => Uint8Array.from({ length }, next) };
}

export const envOf = (seed: number, nowMs = START_MS): Env => ({ nowMs, rng: seededRng(seed) });

export function must<T>(result: Result<T>): T {
  assert.ok(result.ok, result.ok ? "" : `refused: ${result.reason}`);
  return result.value;
}

export function mustRefuse(result: Result<unknown>, reason: string): void {
  assert.equal(result.ok ? "accepted" : result.reason, reason);
}

/** What a computation in slices comes to. */
export function runThrough<T>(slices: Generator<void, T>): T {
  for (;;) {
    const next = slices.next();
    if (next.done === true) return next.value;
  }
}

export const flipBit = (bytes: Uint8Array, bit: number): Uint8Array =>
  bytes.with(bit >> 3, bytes[bit >> 3]! ^ (1 << (bit & 7)));

export interface Party {
  readonly device: LocalDevice;
  readonly prekeys: Prekeys;
}

/** Deriving 40 prekeys takes milliseconds: tests that only read a party share it. */
const parties = new Map<number, Party>();

export function party(seed: number): Party {
  const known = parties.get(seed);
  if (known !== undefined) return known;
  const env = envOf(seed);
  const made = { device: createIdentity(env).device, prekeys: createPrekeys(env) };
  parties.set(seed, made);
  return made;
}

export const ALICE_SEED = 1;
export const BOB_SEED = 2;

export interface Pair {
  readonly alice: Session;
  readonly bob: Session;
  readonly env: Env;
}

/** Alice has written first and Bob has accepted; Alice has not heard from him yet. */
export function pair(seed: number): Pair {
  const env = envOf(seed);
  const [alice, bob] = [party(ALICE_SEED), party(BOB_SEED)];
  const { prekeys, bundle } = takeBundle(bob.prekeys, bob.device, env);
  const verified = must(verifyBundle(bundle, bob.device.user, env.nowMs));
  const initiated = must(initiate(SECURECOMM_SUITE, alice.device, verified, utf8("hello"), env));
  const accepted = must(accept(SECURECOMM_SUITE, bob.device, prekeys, initiated.envelope, env));
  return { alice: initiated.session, bob: accepted.session, env };
}
