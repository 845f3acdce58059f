/** Beginning a guild, or coming to one. SPEC section 26. */
import type { LocalDevice } from "../../identity/identity.ts";
import { openLog, type OpLog } from "../../log/log.ts";
import { signOp } from "../../log/signedOp.ts";
import type { Env } from "../../ports.ts";
import type { Capability } from "../../wire/guildCapability.ts";
import { makeDeal } from "../join/deal.ts";
import { type Deals, encodeDeals, NO_DEALS, settleDeals, withDeal } from "../join/deals.ts";
import { guildKeys } from "./keys.ts";
import { ruledBy } from "./ruled.ts";
import { withLog } from "./state.ts";
import type { LiveStep } from "./step.ts";

/** A guild of our own. */
export function foundGuild(device: LocalDevice, name: string, everyone: readonly Capability[], env: Env): LiveStep {
  const placed = { guild: null, device: device.id, previous: null, parents: [], seq: 1 } as const;
  const genesis = signOp(device.signing, placed, { t: "genesis", name, certificate: device.certificate, everyone });
  const log = openLog(genesis);
  if (!log.ok) throw new Error("a genesis op that was just signed is refused");
  const deal = makeDeal(log.value.guild, [...log.value.heads], device, env);
  const { hindsight } = ruledBy(null, log.value);
  return enterGuild(device, log.value, settleDeals(withDeal(NO_DEALS, deal), hindsight, env.nowMs));
}

/** A guild of which we have a log, or at least the genesis op, and nothing of our own yet. */
export function enterGuild(device: LocalDevice, log: OpLog, deals: Deals = NO_DEALS): LiveStep {
  const keys = guildKeys(log.guild);
  const writes = [...log.ops.values()].map(({ depth, id, bytes }) => ({ key: keys.op(depth, id), value: bytes }));
  writes.push({ key: keys.deals, value: encodeDeals(deals) });
  return { state: withLog(device, log, deals, null), effects: [{ type: "Persist", writes }], refusal: null };
}
