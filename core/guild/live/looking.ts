/** Pictures that somebody looks at and that are not here: asked of one peer after another. SPEC section 25, [PROF8]. */
import type { DeviceId } from "../../ids.ts";
import { PROFILE } from "../../limits.ts";

/** By the hex of their SHA-256: peers that do not have them. What was looked at longest ago first. */
export type Looking = ReadonlyMap<string, ReadonlySet<DeviceId>>;

export const NOTHING_LOOKED_AT: Looking = new Map();

const NOBODY: ReadonlySet<DeviceId> = new Set();

/** Whoever looks again asks everybody again. */
export function lookAt(looking: Looking, names: readonly string[]): Looking {
  const next = new Map(looking);
  for (const name of names) {
    next.delete(name);
    next.set(name, NOBODY);
  }
  return new Map([...next].slice(-PROFILE.maxPictures));
}

export function withLacking(looking: Looking, device: DeviceId, names: readonly string[]): Looking {
  const known = names.filter((name) => looking.has(name));
  if (known.length === 0) return looking;
  const next = new Map(looking);
  for (const name of known) next.set(name, new Set(next.get(name)).add(device));
  return next;
}

/** Without those that are here. */
export function withoutHere(looking: Looking, pictures: ReadonlyMap<string, Uint8Array>): Looking {
  const left = [...looking].filter(([name]) => !pictures.has(name));
  return left.length === looking.size ? looking : new Map(left);
}
