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
  /** Devices in whose session our chain goes on: a pairwise message each. */
  readonly warm: readonly DeviceId[];
  /** Devices that wrote last: the message to each begins with a Diffie-Hellman step. */
  readonly turning: readonly DeviceId[];
  /** Devices without a session: each takes a bundle to check and a handshake. */
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

export type SessionStanding = "warm" | "turning" | "cold";

export function planHandover(
  { devices, message }: Handover,
  standingOf: (device: DeviceId) => SessionStanding,
): HandoverPlan {
  const { warm = [], turning = [], cold = [] } = Object.groupBy(devices, standingOf);
  return { message, warm, turning, cold, isChecked: false };
}

/** [SK13] The next step and the plan behind it; `null` when there is none left. Those with a session come first. */
export function nextStep(plan: HandoverPlan): { readonly step: HandoverStep; readonly rest: HandoverPlan } | null {
  const { warm, turning, cold, isChecked } = plan;
  if (warm.length > 0) {
    const [devices, rest] = split(warm, GROUP.handoverStepCount);
    return { step: { t: "seal", devices }, rest: { ...plan, warm: rest } };
  }
  if (turning.length > 0) {
    const [devices, rest] = split(turning, GROUP.handoverTurnCount);
    return { step: { t: "seal", devices }, rest: { ...plan, turning: rest } };
  }
  const [device] = cold;
  if (device === undefined) return null;
  if (!isChecked) return { step: { t: "check", device }, rest: { ...plan, isChecked: true } };
  return { step: { t: "initiate", device }, rest: { ...plan, cold: cold.slice(1), isChecked: false } };
}

const split = <T>(items: readonly T[], at: number) => [items.slice(0, at), items.slice(at)] as const;

/** The plan without a device: because it is no longer entitled, or because its bundle was refused. */
export const withdraw = (plan: HandoverPlan, device: DeviceId): HandoverPlan => ({
  ...plan,
  warm: plan.warm.filter((each) => each !== device),
  turning: plan.turning.filter((each) => each !== device),
  cold: plan.cold.filter((each) => each !== device),
  isChecked: plan.isChecked && plan.cold[0] !== device,
});
