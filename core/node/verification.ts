/** Verifying a contact: the safety number to compare, and what the person found. SPEC section 3. */
import { compareSafety, safetyDigits, safetyNumber } from "../identity/safetyNumber.ts";
import type { UserId } from "../ids.ts";
import { parseSafetyCode, safetyCodeText } from "../wire/safetyNumber.ts";
import type { NodeState } from "./state.ts";
import type { Turn } from "./turn.ts";
import type { SafetyComparison, SafetyNumberView } from "./view.ts";

/** [SAFE5] The person has compared the number, or takes it back. */
export function markVerified(turn: Turn, user: UserId, verified: boolean): void {
  const contact = turn.contact(user);
  if (contact === undefined) return turn.refuse("node.unknown-contact");
  if ((contact.verified !== null) === verified) return;
  turn.setContact({ ...contact, verified: verified ? { atMs: turn.nowMs } : null });
}

/**
 * The number of this person and a contact; `null` where one of the two is missing. It costs tens of milliseconds, so no
 * view holds it: it is asked for, and yields between slices of a few.
 */
export function* safetyNumberOf(
  state: NodeState,
  user: UserId,
): Generator<void, SafetyNumberView | null, void> {
  if (state.self === null || !state.contacts.has(user)) return null;
  const code = yield* safetyNumber(state.self.identity.device.user, user);
  return { digits: safetyDigits(code), code: safetyCodeText(code) };
}

/** What a scanned code or a pasted number of the other device says; `null` where it is neither. */
export function compareSafetyNumber(ours: SafetyNumberView, text: string): SafetyComparison | null {
  const code = parseSafetyCode(ours.code);
  return code.ok ? compareSafety(code.value, text) : null;
}
