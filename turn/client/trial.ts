/** Tries a relay as two browsers would that can only meet there: two allocations send each other data. */
import { STUN } from "../limits.ts";
import { type Answer, type Login, TurnSession } from "./session.ts";
import type { Endpoint } from "./values.ts";
import { openWire, type Transport } from "./wire.ts";

export interface TrialInit {
  readonly transport: Transport;
  readonly host: string;
  readonly port: number;
  readonly login: Login;
  /** PEM, in place of the certificates that are trusted otherwise. */
  readonly trusted?: string;
}

export type Trial =
  | {
    readonly t: "works";
    /** Where others send what is meant for us. */
    readonly relayed: Endpoint;
    /** Of the data that was sent through both allocations and back: how many came, and how long the median took. */
    readonly received: number;
    readonly roundTripMs: number;
  }
  | { readonly t: "failed"; readonly step: TrialStep; readonly code: number | null };

/** What did not work. */
export type TrialStep = "connect" | "answer" | "login" | "allocate" | "permit" | "data";

export type StunTrial = { readonly t: "works"; readonly mapped: Endpoint } | { readonly t: "failed" };

/** Asks a STUN server what our address is. */
export async function tryStun(host: string, port: number): Promise<StunTrial> {
  const wire = await openWire("udp", host, port);
  if (wire === null) return { t: "failed" };
  try {
    const answer = await new TurnSession(wire, { username: "", credential: "" }).bind();
    return "host" in answer ? { t: "works", mapped: answer } : { t: "failed" };
  } finally {
    wire.close();
  }
}

export async function tryRelay(init: TrialInit): Promise<Trial> {
  const wires = await Promise.all([0, 1].map(() => openWire(init.transport, init.host, init.port, init.trusted)));
  const [near, far] = wires;
  try {
    if (!near || !far) return { t: "failed", step: "connect", code: null };
    return await relayBetween(new TurnSession(near, init.login), new TurnSession(far, init.login));
  } finally {
    for (const wire of wires) wire?.close();
  }
}

async function relayBetween(near: TurnSession, far: TurnSession): Promise<Trial> {
  const here = await near.allocate();
  if (!("host" in here)) return failure("allocate", here);
  const there = await far.allocate();
  if (!("host" in there)) return failure("allocate", there);
  for (const permit of [await near.permit(there), await far.permit(here)]) {
    if (permit.t !== "success") return failure("permit", permit);
  }
  const timesMs = await roundTrips(near, there, far);
  await Promise.all([near.refresh(0), far.refresh(0)]);
  if (timesMs.length < STUN.datagramsNeeded) return { t: "failed", step: "data", code: null };
  const roundTripMs = timesMs.toSorted((a, b) => a - b)[timesMs.length >> 1]!;
  return { t: "works", relayed: here, received: timesMs.length, roundTripMs };
}

function failure(step: TrialStep, answer: Answer): Trial {
  if (answer.t !== "refused") return { t: "failed", step: step === "allocate" ? "answer" : step, code: null };
  return { t: "failed", step: answer.code === 401 ? "login" : step, code: answer.code };
}

/** `far` sends back whatever comes; the milliseconds that each round took which came back. */
async function roundTrips(near: TurnSession, there: Endpoint, far: TurnSession): Promise<readonly number[]> {
  const timesMs: number[] = [];
  const deadlineMs = performance.now() + STUN.dataTimeoutMs;
  for (let number = 0; number < STUN.datagrams && performance.now() < deadlineMs; number++) {
    const sentMs = performance.now();
    const waitMs = STUN.dataTimeoutMs / STUN.datagrams;
    near.send(there, Uint8Array.of(number, 1));
    const arrival = await far.receive(waitMs);
    if (arrival === null) continue;
    far.send(arrival.from, arrival.data);
    const back = await near.receive(waitMs);
    if (back?.data[0] === number) timesMs.push(performance.now() - sentMs);
  }
  return timesMs;
}
