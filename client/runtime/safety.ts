/** Safety numbers for the screen: computed once for each contact, in slices between which the page can draw. */
import type { UserId } from "../../core/ids.ts";
import { compareSafetyNumber, type NodeState, safetyNumberOf, type SafetyNumberView } from "../../core/node/index.ts";
import type { SafetyPort } from "../ui/port.ts";

export function createSafety(read: () => NodeState): SafetyPort {
  const known = new Map<UserId, SafetyNumberView>();
  return {
    async numberOf(contact) {
      const number = known.get(contact) ?? await inSlices(safetyNumberOf(read(), contact));
      if (number !== null) known.set(contact, number);
      return number;
    },
    compare: compareSafetyNumber,
  };
}

async function inSlices<T>(slices: Generator<void, T>): Promise<T> {
  for (let next = slices.next();; next = slices.next()) {
    if (next.done === true) return next.value;
    await new Promise((resolve) => setTimeout(resolve));
  }
}
