/** A guild of real keys: whatever order its ops come in, and however often, one state. */
import assert from "node:assert/strict";
import { signingKey } from "../../../core/crypto/sign.ts";
import { resolve } from "../../../core/guild/resolve.ts";
import { stateOf } from "../../../core/guild/state.ts";
import { guildOfOp, type OpId, roleOfOp } from "../../../core/ids.ts";
import { createIdentity, type LocalDevice } from "../../../core/identity/identity.ts";
import { openLog, type OpLog, receiveOps } from "../../../core/log/log.ts";
import { decodeOp, signOp, signRedemption } from "../../../core/log/signedOp.ts";
import type { OpBody } from "../../../core/wire/opBody.ts";
import { everywhere } from "../../support/guild.ts";
import { inviteBody } from "../../support/invite.ts";
import { envOf, must } from "../../support/world.ts";

const idOf = (bytes: Uint8Array): OpId => must(decodeOp(bytes)).id;

/** Makes an op of this device on what its log has. */
function say(log: OpLog, device: LocalDevice, body: OpBody): Uint8Array {
  const own =
    [...log.ops.values()].filter(({ op }) => op.device === device.id).toSorted((a, b) => b.op.seq - a.op.seq)[0];
  const previous = own?.id ?? null;
  const parents = [...log.heads].filter((id) => id !== previous);
  return signOp(
    device.signing,
    { guild: log.guild, device: device.id, previous, parents, seq: (own?.op.seq ?? 0) + 1 },
    body,
  );
}

const told = (log: OpLog, ...ops: readonly Uint8Array[]): OpLog => receiveOps(log, ops).log;

Deno.test("[GLD1] [LOG7] every order of delivery, with repeats, gives one state", () => {
  const [fay, max, new1] = [51, 52, 53].map((seed) => createIdentity(envOf(seed)).device) as [
    LocalDevice,
    LocalDevice,
    LocalDevice,
  ];
  const genesis = signOp(fay.signing, { guild: null, device: fay.id, previous: null, parents: [], seq: 1 }, {
    t: "genesis",
    name: "guild",
    certificate: fay.certificate,
    everyone: everywhere("view"),
  });
  const start = must(openLog(genesis));
  const key = signingKey(envOf(54).rng.bytes(32));
  const role = say(start, fay, { t: "role.create", name: "m", rank: 5, capabilities: everywhere("invite", "remove") });
  const granted = say(told(start, role), fay, { t: "role.grant", role: roleOfOp(idOf(role)), user: max.user });
  const base = told(start, role, granted);
  const arrived = say(base, max, { t: "device", certificate: max.certificate });
  const atMax = told(base, arrived);
  const link = say(atMax, max, inviteBody({ key: key.publicKey, maxUses: 1 }));
  const proof = signRedemption(key, guildOfOp(idOf(genesis)), idOf(link), new1.user, new1.id);
  const redeemed = say(told(atMax, link), new1, {
    t: "redeem",
    invite: idOf(link),
    key: key.publicKey,
    proof,
    certificate: new1.certificate,
  });
  const removed = say(told(atMax, link), fay, { t: "remove", user: max.user, seen: [] });
  const meanwhile = say(told(atMax, link, redeemed), max, { t: "remove", user: new1.user, seen: [] });
  const all = [role, granted, arrived, link, redeemed, removed, meanwhile];
  const expected = stateOf(resolve(told(start, ...all).ops.values()));
  assert.deepEqual([expected.members.has(max.user), expected.members.has(new1.user)], [false, false]);
  const rng = envOf(55).rng;
  for (let round = 0; round < 6; round++) {
    const order = [...all, ...all].map((bytes) => ({ bytes, at: rng.bytes(1)[0]! })).sort((a, b) => a.at - b.at);
    let log = start;
    for (const { bytes } of order) log = told(log, bytes);
    assert.deepEqual([log.ops.size, log.waiting.size], [all.length + 1, 0]);
    assert.deepEqual(stateOf(resolve(log.ops.values())), expected);
  }
});
