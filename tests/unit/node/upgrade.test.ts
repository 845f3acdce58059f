import assert from "node:assert/strict";
import { loadNode } from "../../../core/node/index.ts";
import { isCurrent } from "../../../core/session/session.ts";
import { SECURECOMM_SUITE } from "../../../core/session/suite.ts";
import fixture from "../../fixtures/devicesVersion1.json" with { type: "json" };
import { type Actor, Stage } from "./stage.ts";

/** Starts a device from the records that version 1 left. */
async function start(stage: Stage, name: string, records: Readonly<Record<string, string>>): Promise<Actor> {
  const actor = stage.actor(name);
  await actor.store.write([
    ...(await actor.store.read("")).map(({ key }) => ({ key, value: null })),
    ...Object.entries(records).map(([key, hex]) => ({ key, value: Uint8Array.fromHex(hex) })),
  ]);
  const loaded = await loadNode(actor.store);
  assert.ok(loaded.ok, JSON.stringify(loaded));
  actor.state = loaded.value;
  actor.do({ type: "TransportReady", peer: actor.peer });
  actor.do({ type: "RendezvousChanged", state: "online" });
  return actor;
}

Deno.test("[REN4] [WIRE5] devices of version 1 go on where they were, and talk in a session of today", async () => {
  const stage = new Stage();
  const alice = await start(stage, "Alice", fixture.alice);
  const bob = await start(stage, "Bob", fixture.bob);
  assert.deepEqual(alice.texts(bob), ["written long ago", "answered long ago", "still to be sent by Alice"]);
  stage.discover();
  for (let i = 0; i < 5; i++) stage.pass(1_000);
  const all = ["written long ago", "answered long ago", "still to be sent by Alice", "still to be sent by Bob"];
  for (const [one, other] of [[alice, bob], [bob, alice]] as const) {
    assert.deepEqual(new Set(one.texts(other)), new Set(all));
    assert.ok(one.deliveries(other).every((delivery) => delivery === null || delivery === "delivered"));
    const [session] = one.state.contacts.get(other.user)!.sessions;
    assert.ok(isCurrent(session!, SECURECOMM_SUITE));
    assert.equal(session!.opening, null, "the new session is confirmed");
  }
  assert.equal(alice.view().invites.filter(({ state }) => state === "open").length, 1);
  const again = await loadNode(alice.store);
  assert.ok(again.ok);
});
