import assert from "node:assert/strict";
import fc from "fast-check";
import { compareHolders } from "../../../core/group/holders.ts";
import {
  type HandoverPlan,
  nextStep,
  planHandover,
  type SessionStanding,
  withdraw,
} from "../../../core/group/handover.ts";
import { type DeviceId, deviceId } from "../../../core/ids.ts";
import { GROUP } from "../../../core/limits.ts";
import { uintBytes } from "../../../core/wire/bytes.ts";
import { must } from "../../support/world.ts";

const device = (number: number): DeviceId => must(deviceId(uintBytes(number, 32)));
const devices = (count: number) => Array.from({ length: count }, (_, i) => device(i));
const message = Uint8Array.of(1, 2, 3);

function walk(plan: HandoverPlan): string[] {
  const seen: string[] = [];
  for (let next = nextStep(plan); next !== null; next = nextStep(next.rest)) {
    const { step } = next;
    seen.push(step.t === "seal" ? `seal ${step.devices.length}` : `${step.t} ${Number.parseInt(step.device, 16)}`);
  }
  return seen;
}

Deno.test("[SK3] holders and entitled are compared as sets", () => {
  const ids = fc.uniqueArray(fc.nat(12).map(device));
  fc.assert(
    fc.property(ids, ids, (holding, entitled) => {
      const { hasSurplus, missing } = compareHolders(new Set(holding), new Set(entitled));
      assert.equal(hasSurplus, holding.some((each) => !entitled.includes(each)));
      assert.deepEqual(missing, entitled.filter((each) => !holding.includes(each)));
    }),
    { seed: 20261124, numRuns: 300 },
  );
});

Deno.test("[SK13] devices with a session come first, a bounded number in a step; the others take two steps each", () => {
  const all = devices(GROUP.handoverStepCount + 8);
  const standings = new Map<DeviceId, SessionStanding>([[device(1), "cold"], [device(3), "cold"]]);
  for (const number of [0, 5, 6, 7]) standings.set(device(number), "turning");
  const plan = planHandover({ devices: all, message }, (each) => standings.get(each) ?? "warm");
  assert.deepEqual(walk(plan), [
    "seal 32",
    "seal 2",
    "seal 3",
    "seal 1",
    "check 1",
    "initiate 1",
    "check 3",
    "initiate 3",
  ]);
});

Deno.test("[SK13] a plan reaches every device once, from wherever it is taken up again", () => {
  const standing = ["cold", "turning", "warm"] as const;
  const plan = planHandover({ devices: devices(200), message }, (each) => standing[Number.parseInt(each, 16) % 3]!);
  const reached: DeviceId[] = [];
  for (let next = nextStep(plan); next !== null; next = nextStep(structuredClone(next.rest))) {
    const { step } = next;
    if (step.t === "seal") reached.push(...step.devices);
    if (step.t === "initiate") reached.push(step.device);
  }
  assert.deepEqual(reached.toSorted(), devices(200).toSorted());
});

Deno.test("[SK13] who was withdrawn is not reached, even between its two steps", () => {
  const plan = planHandover({ devices: devices(3), message }, () => "cold");
  const checked = nextStep(plan)!.rest;
  assert.deepEqual(walk(withdraw(checked, device(0))), ["check 1", "initiate 1", "check 2", "initiate 2"]);
  assert.deepEqual(walk(withdraw(checked, device(1))), ["initiate 0", "check 2", "initiate 2"]);
  assert.deepEqual(walk(withdraw(planHandover({ devices: devices(2), message }, () => "turning"), device(0))), [
    "seal 1",
  ]);
});
