/** What the cases of the contract share. */
import assert from "node:assert/strict";
import type { SpaceLimits } from "../../rendezvous/store/limits.ts";
import type { SpaceStore } from "../../rendezvous/store/port.ts";
import { DAY_MS, depositor, envelope, grant, NOON_MS, space } from "./spaceStoreSamples.ts";

/** `open` gives the one store of this case; called again, it gives the same after a restart. */
export interface Harness {
  open(limits?: Partial<SpaceLimits>): Promise<SpaceStore>;
}

export interface SpaceStoreCase {
  readonly name: string;
  run(harness: Harness): Promise<void>;
}

export const [S, OTHER] = [space(1), space(2)];
export const [A, B] = [depositor(1), depositor(2)];
export const NOW = NOON_MS;

export const refused = (reason: string) => ({ t: "refused", reason });
export const DONE = { t: "done" };

/** With a space in which depositors 1 and 2 may do what their grants say. */
export async function opened({ open }: Harness, limits?: Partial<SpaceLimits>): Promise<SpaceStore> {
  const store = await open(limits);
  assert.deepEqual(await store.openSpace(S), DONE);
  assert.deepEqual(await store.setGrants(S, [grant(1), grant(2)]), DONE);
  return store;
}

export async function kept(store: SpaceStore, numbers: readonly number[], by = A): Promise<readonly number[]> {
  const answer = await store.deposit(S, by, numbers.map((number) => envelope(number)), NOW);
  assert.equal(answer.t, "done", JSON.stringify(answer));
  return answer.t === "done" ? answer.kept.map(({ serial }) => serial) : [];
}

export async function waiting(store: SpaceStore, after = 0, limit = 1_000, maxBytes = 1e9) {
  const answer = await store.fetch(S, after, limit, maxBytes);
  if (answer.t !== "mail") throw new assert.AssertionError({ message: answer.reason });
  return answer;
}

export const numberOf = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
export const numbers = async (store: SpaceStore, after?: number, limit?: number, maxBytes?: number) =>
  (await waiting(store, after, limit, maxBytes)).waiting.map(({ envelope }) => numberOf(envelope));

export async function days(store: SpaceStore, from: number, to: number): Promise<void> {
  for (let day = from; day <= to; day++) await store.expire(NOW + day * DAY_MS);
}

export async function usage(store: SpaceStore) {
  const answer = await store.usage();
  return answer.t === "done" ? [answer.spaces, answer.envelopes, answer.bytes, answer.grants, answer.bundles] : answer;
}
