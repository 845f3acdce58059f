/** Beginning a guild, or coming to one. SPEC section 26. */
import type { LocalDevice } from "../../identity/identity.ts";
import { openLog, type OpLog } from "../../log/log.ts";
import { signOp } from "../../log/signedOp.ts";
import type { Capability } from "../../wire/guildCapability.ts";
import { guildKeys } from "./keys.ts";
import { withLog } from "./state.ts";
import type { LiveStep } from "./step.ts";

/** A guild of our own. */
export function foundGuild(device: LocalDevice, name: string, everyone: readonly Capability[]): LiveStep {
  const placed = { guild: null, device: device.id, previous: null, parents: [], seq: 1 } as const;
  const genesis = signOp(device.signing, placed, { t: "genesis", name, certificate: device.certificate, everyone });
  const log = openLog(genesis);
  if (!log.ok) throw new Error("a genesis op that was just signed is refused");
  return enterGuild(device, log.value);
}

/** A guild of which we have a log, or at least the genesis op, and nothing of our own yet. */
export function enterGuild(device: LocalDevice, log: OpLog): LiveStep {
  const keys = guildKeys(log.guild);
  const writes = [...log.ops.values()].map(({ depth, id, bytes }) => ({ key: keys.op(depth, id), value: bytes }));
  return { state: withLog(device, log, null), effects: [{ type: "Persist", writes }], refusal: null };
}
