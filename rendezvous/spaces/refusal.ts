/** Refusals: what a store or a limit said, in the words of the protocol, with the time after which to ask again. */
import type { SpaceAnswer, SpaceRefusal } from "../../core/wire/spaceAnswer.ts";
import type { Counters } from "../counters.ts";
import { SPACES } from "../limits.ts";
import type { Trouble } from "../store/port.ts";

const RETRY_AFTER_S: { readonly [reason in SpaceRefusal]: number } = {
  "unknown-space": 0,
  "unknown-depositor": 0,
  "quota": SPACES.retryQuotaS,
  "full": SPACES.retryFullS,
  "busy": SPACES.retryBusyS,
  "too-many": SPACES.retryBusyS,
  "join-code": 0,
  "no-bundle": SPACES.retryQuotaS,
  "malformed": 0,
};

/** `retryAfterS` where it is not the usual time of the reason. */
export function refused(
  counters: Counters,
  number: number,
  reason: SpaceRefusal,
  retryAfterS: number = RETRY_AFTER_S[reason],
): SpaceAnswer {
  counters.count(`refused.${reason}`);
  return { t: "refused", number, reason, retryAfterS };
}

/** What the store refused. A disk that failed is the server's affair: the client comes back later, as after `busy`. */
export function refusedByStore(counters: Counters, number: number, reason: SpaceRefusal | Trouble): SpaceAnswer {
  if (reason !== "failed") return refused(counters, number, reason);
  counters.count("spaces.failed");
  return refused(counters, number, "busy", SPACES.retryFullS);
}
