/**
 * Handing a chain to many devices in small steps, so that none holds a thread for long: a plan is plain data, and each
 * step says what to do next and what is left. SPEC section 6a.
 */
import type { DeviceId } from "../ids.ts";
import { GROUP } from "../limits.ts";
import type { Handover } from "./sender.ts";

export interface HandoverPlan {
  /** The encoded distribution. */
  readonly message: Uint8Array;
  /** Devices with a session: a pairwise message each. */
  readonly warm: readonly DeviceId[];
  /** Devices without: each takes a bundle to check and a handshake. */
  readonly cold: readonly DeviceId[];
  /** Whether the bundle of the first cold device has been checked. */
  readonly isChecked: boolean;
}

export type HandoverStep =
  /** Seal the message in the session with each of them. */
  | { readonly t: "seal"; readonly devices: readonly DeviceId[] }
  /** Verify the bundle of this device, and keep the verified one for the next step. */
  | { readonly t: "check"; readonly device: DeviceId }
  /** Begin a session with it by the message. */
  | { readonly t: "initiate"; readonly device: DeviceId };

export function planHandover({ devices, message }: Handover, hasSession: (device: DeviceId) => boolean): HandoverPlan {
  const { warm = [], cold = [] } = Object.groupBy(devices, (device) => (hasSession(device) ? "warm" : "cold"));
  return { message, warm, cold, isChecked: false };
}

/** [SK13] The next step and the plan behind it; `null` when there is none left. Those with a session come first. */
export function nextStep(plan: HandoverPlan): { readonly step: HandoverStep; readonly rest: HandoverPlan } | null {
  const { warm, cold, isChecked } = plan;
  if (warm.length > 0) {
    const devices = warm.slice(0, GROUP.handoverStepCount);
    return { step: { t: "seal", devices }, rest: { ...plan, warm: warm.slice(GROUP.handoverStepCount) } };
  }
  const [device] = cold;
  if (device === undefined) return null;
  if (!isChecked) return { step: { t: "check", device }, rest: { ...plan, isChecked: true } };
  return { step: { t: "initiate", device }, rest: { ...plan, cold: cold.slice(1), isChecked: false } };
}

/** The plan without a device: because it is no longer entitled, or because its bundle was refused. */
export const withdraw = (plan: HandoverPlan, device: DeviceId): HandoverPlan => ({
  ...plan,
  warm: plan.warm.filter((each) => each !== device),
  cold: plan.cold.filter((each) => each !== device),
  isChecked: plan.isChecked && plan.cold[0] !== device,
});
