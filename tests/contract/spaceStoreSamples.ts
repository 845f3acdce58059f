/** Ids, grants and envelopes for tests of stores. */
import { envelopeIdOf } from "../../core/crypto/spaceEntry.ts";
import { type DepositorId, depositorId, type EnvelopeId, type SpaceId, spaceId } from "../../core/ids.ts";
import type { Grant } from "../../core/wire/spaceRequest.ts";
import { must } from "../support/world.ts";

const numbered = (length: number, number: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
};

export const space = (number: number): SpaceId => must(spaceId(numbered(32, number)));
export const depositor = (number: number): DepositorId => must(depositorId(numbered(32, number)));

/** Different for each number. */
export const envelope = (number: number, sizeBytes = 100): Uint8Array => numbered(sizeBytes, number);
export const idOf = (envelope: Uint8Array): EnvelopeId => envelopeIdOf(envelope);
export const bundle = (number: number): Uint8Array => numbered(50, number);

export const grant = (number: number, changes: Partial<Grant> = {}): Grant => ({
  depositor: depositor(number),
  maxWaiting: 100,
  maxWaitingBytes: 1_000_000,
  maxBundles: 3,
  expiresAtMs: null,
  ...changes,
});

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** Noon, so that an hour more or less is the same day. */
export const NOON_MS = 20_000 * DAY_MS + 12 * HOUR_MS;
