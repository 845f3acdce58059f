/** A store in a folder of its own, with something in it. */
import assert from "node:assert/strict";
import { openSpaceStore } from "../../rendezvous/store/open.ts";
import type { SpaceStore } from "../../rendezvous/store/port.ts";
import { bundle, depositor, envelope, grant, space } from "../contract/spaceStoreSamples.ts";

export const S = space(1);
export const A = depositor(1);

export async function inFolder(test: (folder: string, file: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder, `${folder}/spaces.sqlite`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

export const open = (folder: string) =>
  openSpaceStore({ folder, clock: { nowMs: () => 0, after: () => () => {} }, disk: { reserveBytes: 4_096 } });

export async function opened(folder: string): Promise<SpaceStore> {
  const store = await open(folder);
  if ("sentence" in store) throw new Error(store.sentence);
  return store;
}

export const MAIL = Array.from({ length: 200 }, (_, i) => i);
export const mail = (number: number): Uint8Array => envelope(number, 6_193);

/** With 200 pieces of mail and ten bundles. */
export async function filled(folder: string): Promise<SpaceStore> {
  const store = await opened(folder);
  await store.openSpace(S);
  await store.setGrants(S, [grant(1, { maxWaiting: 5_000, maxWaitingBytes: 64 * 2 ** 20, maxBundles: 100 })]);
  await store.putBundles(S, { oneTime: MAIL.slice(0, 10).map(bundle), lastResort: bundle(99), replace: false });
  await Promise.all(MAIL.map((number) => store.deposit(S, A, [mail(number)], 0)));
  return store;
}

export async function waiting(store: SpaceStore) {
  const page = await store.fetch(S, 0, 10_000, 2 ** 30);
  assert.ok(page.t === "mail");
  return page.waiting.map(({ serial, envelope }) => [new DataView(envelope.buffer).getUint32(0), serial] as const);
}

export const noise = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
