/** Who holds a chain, against who may. SPEC section 6a. */
import type { DeviceId } from "../ids.ts";

/** Devices; nobody changes a set that was given away, so equal references are equal sets. */
export type Devices = ReadonlySet<DeviceId>;

export interface Comparison {
  /** Somebody holds the chain and may not: it must not be used again. */
  readonly hasSurplus: boolean;
  /** Who may and does not. */
  readonly missing: readonly DeviceId[];
}

const NOTHING: Comparison = { hasSurplus: false, missing: [] };

/** Costs nothing while `entitled` is the very set that it was when `holders` was last made equal to it. */
export function compareHolders(holders: Devices, entitled: Devices): Comparison {
  if (holders === entitled) return NOTHING;
  const missing: DeviceId[] = [];
  for (const device of entitled) if (!holders.has(device)) missing.push(device);
  return { hasSurplus: holders.size + missing.length > entitled.size, missing };
}
