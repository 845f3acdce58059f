/** Ops as bytes: who may have made them, and what of them nobody can bend. */
import assert from "node:assert/strict";
import { signingKey } from "../../../core/crypto/sign.ts";
import { guildOfOp, userId } from "../../../core/ids.ts";
import { createIdentity, type LocalDevice } from "../../../core/identity/identity.ts";
import { issueCertificate } from "../../../core/identity/certificate.ts";
import { LOG } from "../../../core/limits.ts";
import { missingParents, openLog, type OpLog, receiveOps } from "../../../core/log/log.ts";
import { decodeOp, opIdOf, signOp, signRedemption } from "../../../core/log/signedOp.ts";
import { opCodec, signedOpCodec } from "../../../core/wire/op.ts";
import { encodeOpBody, type OpBody } from "../../../core/wire/opBody.ts";
import { inviteBody } from "../../support/invite.ts";
import { envOf, flipBit, must, mustRefuse } from "../../support/world.ts";
import { sign } from "../../../core/crypto/sign.ts";
import { LABELS } from "../../../core/crypto/labels.ts";

const identities = [31, 32, 33].map((seed) => createIdentity(envOf(seed)));
const [ann, bob, eve] = identities.map(({ device }) => device) as [LocalDevice, LocalDevice, LocalDevice];

const genesisBody = { t: "genesis", name: "guild", certificate: ann.certificate, everyone: [] } as const;
const genesis = signOp(ann.signing, place(ann, null, null, [], 1), genesisBody);
const guild = guildOfOp(must(decodeOp(genesis)).id);
const log = must(openLog(genesis));

function place(
  device: LocalDevice,
  of: typeof guild | null,
  previous: ReturnType<typeof opIdOf> | null,
  parents: readonly ReturnType<typeof opIdOf>[],
  seq: number,
) {
  return { guild: of, device: device.id, previous, parents, seq };
}

const idOf = (bytes: Uint8Array) => must(decodeOp(bytes)).id;
const introduce = (device: LocalDevice, on: readonly Uint8Array[]): Uint8Array =>
  signOp(device.signing, place(device, guild, null, on.map(idOf), 1), { t: "device", certificate: device.certificate });
const settings = (name: string): OpBody => ({ t: "settings", name, icon: null });
const next = (device: LocalDevice, previous: Uint8Array, seq: number, body: OpBody, on: readonly Uint8Array[] = []) =>
  signOp(device.signing, place(device, guild, idOf(previous), on.map(idOf), seq), body);

const reasons = (given: OpLog, ...many: readonly Uint8Array[]) =>
  receiveOps(given, many).refused.map(({ reason }) => reason);

Deno.test("[LOG1] an op comes back as it was made, and any changed bit is refused", () => {
  const op = next(ann, genesis, 2, settings("x"));
  const { added } = receiveOps(log, [op]);
  assert.deepEqual(added.map(({ author, depth, body }) => ({ author, depth, body })), [
    { author: ann.user, depth: 1, body: settings("x") },
  ]);
  for (let bit = 0; bit < 8 * op.length; bit += 5) {
    const { added: none } = receiveOps(log, [flipBit(op, bit)]);
    assert.equal(none.length, 0, `bit ${bit}`);
  }
});

Deno.test("[LOG2] the id leaves the signature out, and covers all else", () => {
  const { op, signature } = must(signedOpCodec.decode(genesis));
  assert.equal(idOf(signedOpCodec.encode({ op, signature: signature.map((byte) => byte ^ 1) })), idOf(genesis));
  assert.notEqual(opIdOf(flipBit(op, 100)), opIdOf(op));
});

Deno.test("[LOG3] parents are ascending, and few; only a first op has none before, only the genesis none at all", () => {
  const bob1 = introduce(bob, [genesis]);
  const raw = (over: Partial<Parameters<typeof opCodec.encode>[0]>, device = ann) => {
    const body = encodeOpBody(settings("x"));
    const base = {
      v: 1,
      type: "settings",
      body,
      guild,
      device: device.id,
      previous: idOf(genesis),
      parents: [],
      seq: 2,
    };
    const op = opCodec.encode({ ...base, ...over });
    return signedOpCodec.encode({ op, signature: sign(device.signing, LABELS.opSignature, op) });
  };
  const [low, high] = [idOf(bob1), idOf(introduce(eve, [genesis]))].sort();
  mustRefuse(decodeOp(raw({ parents: [high!, low!] })), "log.bad-link");
  mustRefuse(decodeOp(raw({ parents: [low!, low!] })), "log.bad-link");
  mustRefuse(decodeOp(raw({ parents: [idOf(genesis)] })), "log.bad-link");
  mustRefuse(decodeOp(raw({ previous: null })), "log.bad-link");
  mustRefuse(decodeOp(raw({ previous: null, seq: 1 })), "log.bad-link");
  mustRefuse(decodeOp(raw({ guild: null })), "log.bad-link");
  const many = Array.from({ length: LOG.maxParents + 1 }, (_, i) => opIdOf(Uint8Array.of(i))).sort();
  mustRefuse(decodeOp(raw({ parents: many })), "wire.wrong-shape");
  mustRefuse(decodeOp(new Uint8Array(LOG.maxSignedBytes + 1)), "wire.too-large");
  assert.deepEqual(reasons(log, raw({ seq: 3 })), ["log.bad-link"]);
});

Deno.test("[LOG4] a device's first op carries its certificate, and every other one follows its own", () => {
  assert.deepEqual(reasons(log, signOp(bob.signing, place(bob, guild, null, [idOf(genesis)], 1), settings("x"))), [
    "log.no-certificate",
  ]);
  assert.deepEqual(reasons(log, next(bob, genesis, 2, settings("x"))), ["log.wrong-author"]);
  const foreign = { t: "device", certificate: ann.certificate } as const;
  assert.deepEqual(reasons(log, signOp(bob.signing, place(bob, guild, null, [idOf(genesis)], 1), foreign)), [
    "log.wrong-author",
  ]);
  const forged = { ...bob.certificate, user: ann.certificate.user };
  const posing = { t: "device", certificate: forged } as const;
  assert.deepEqual(reasons(log, signOp(bob.signing, place(bob, guild, null, [idOf(genesis)], 1), posing)), [
    "crypto.bad-signature",
  ]);
  const second = issueCertificate(identities[0]!.identity, bob.signing.publicKey, bob.dh.publicKey, 1);
  const own = signOp(bob.signing, place(bob, guild, null, [idOf(genesis)], 1), { t: "device", certificate: second });
  assert.equal(receiveOps(log, [own]).added[0]!.author, ann.user);
});

Deno.test("[LOG5] a signature by another key, or for another guild, is refused", () => {
  const op = next(ann, genesis, 2, settings("x"));
  const { op: signed } = must(signedOpCodec.decode(op));
  const forged = signedOpCodec.encode({ op: signed, signature: sign(bob.signing, LABELS.opSignature, signed) });
  assert.deepEqual(reasons(log, forged), ["crypto.bad-signature"]);
  const mislabelled = signedOpCodec.encode({ op: signed, signature: sign(ann.signing, LABELS.opId, signed) });
  assert.deepEqual(reasons(log, mislabelled), ["crypto.bad-signature"]);
  const otherGenesis = signOp(ann.signing, place(ann, null, null, [], 1), { ...genesisBody, name: "other" });
  const other = must(openLog(otherGenesis));
  assert.deepEqual(reasons(other, op), ["log.wrong-guild"]);
  assert.deepEqual(reasons(log, otherGenesis), ["log.wrong-guild"]);
});

Deno.test("[LOG6] a redemption is signed by the key of the invite, for one newcomer, guild and invite", () => {
  const key = signingKey(envOf(40).rng.bytes(32));
  const link = next(ann, genesis, 2, inviteBody({ key: key.publicKey, maxUses: 1 }));
  const { log: invited } = receiveOps(log, [link]);
  const redeem = (proof: Uint8Array) =>
    signOp(bob.signing, place(bob, guild, null, [idOf(link)], 1), {
      t: "redeem",
      invite: idOf(link),
      key: key.publicKey,
      proof,
      certificate: bob.certificate,
    });
  const right = signRedemption(key, guild, idOf(link), bob.user, bob.id);
  assert.equal(receiveOps(invited, [redeem(right)]).added.length, 1);
  for (
    const proof of [
      signRedemption(key, guild, idOf(link), eve.user, bob.id),
      signRedemption(key, guild, idOf(genesis), bob.user, bob.id),
      signRedemption(bob.signing, guild, idOf(link), bob.user, bob.id),
    ]
  ) assert.deepEqual(reasons(invited, redeem(proof)), ["crypto.bad-signature"]);
  assert.ok(userId(bob.certificate.user).ok);
});

Deno.test("[LOG7] an op whose parents are not here waits for them, in any order, and is checked when they come", () => {
  const bob1 = introduce(bob, [genesis]);
  const bob2 = next(bob, bob1, 2, settings("b2"));
  const ann2 = next(ann, genesis, 2, settings("a2"), [bob2]);
  const eve1 = introduce(eve, [bob1]);
  const all = [bob1, bob2, ann2, eve1];
  const expected = receiveOps(log, all).log;
  assert.equal(expected.ops.size, 5);
  for (const order of [[3, 2, 1, 0], [2, 3, 0, 1], [1, 0, 3, 2]]) {
    let step = log;
    for (const at of order) step = receiveOps(step, [all[at]!, all[at]!]).log;
    assert.deepEqual([...step.ops.keys()].sort(), [...expected.ops.keys()].sort());
    assert.deepEqual([step.heads, step.waiting.size], [expected.heads, 0]);
  }
  const waiting = receiveOps(log, [bob2, ann2]).log;
  assert.deepEqual([...missingParents(waiting)], [idOf(bob1)]);
  assert.equal(waiting.ops.size, 1);
});

Deno.test("[LOG7] ops that wait for ever are bounded: the earliest go", () => {
  const orphans = Array.from({ length: LOG.maxWaiting + 5 }, (_, i) => {
    const id = opIdOf(Uint8Array.of(i >> 8, i & 255));
    const op = opCodec.encode({
      v: 1,
      type: "leave",
      body: encodeOpBody({ t: "leave" }),
      guild,
      device: bob.id,
      previous: id,
      parents: [],
      seq: 2,
    });
    return signedOpCodec.encode({ op, signature: new Uint8Array(64) });
  });
  const { log: full, refused } = receiveOps(log, orphans);
  assert.equal(full.waiting.size, LOG.maxWaiting);
  assert.equal(refused.filter(({ reason }) => reason === "log.too-many-waiting").length, 5);
});

Deno.test("[LOG7] ops that would follow each other wait for ever: no set of bytes makes a circle", () => {
  const bob1 = introduce(bob, [genesis]);
  const bob2 = next(bob, bob1, 2, settings("b2"));
  const { op: signed } = must(signedOpCodec.decode(bob1));
  const bent = opCodec.encode({ ...must(opCodec.decode(signed)), parents: [idOf(bob2)] });
  const circular = signedOpCodec.encode({ op: bent, signature: sign(bob.signing, LABELS.opSignature, bent) });
  const bob2Again = next(bob, circular, 2, settings("b2"));
  const { log: after } = receiveOps(log, [circular, bob2Again, bob2]);
  assert.deepEqual([after.ops.size, after.waiting.size], [1, 3]);
});

Deno.test("[LOG8] an op of an unknown type or version is kept, linked and passed on; a known one of wrong shape is not", () => {
  const raw = (v: number, type: string, body: Uint8Array) => {
    const op = opCodec.encode({ v, type, body, guild, device: ann.id, previous: idOf(genesis), parents: [], seq: 2 });
    return signedOpCodec.encode({ op, signature: sign(ann.signing, LABELS.opSignature, op) });
  };
  for (const newer of [raw(1, "poll", Uint8Array.of(1, 2, 3)), raw(2, "ban", Uint8Array.of(255))]) {
    const follow = next(ann, newer, 3, settings("after"));
    const { added } = receiveOps(log, [newer, follow]);
    assert.deepEqual(added.map(({ body }) => body.t), ["unknown", "settings"]);
    assert.deepEqual(added[0]!.bytes, newer);
  }
  mustRefuse(decodeOp(raw(1, "ban", Uint8Array.of(255))), "wire.malformed");
});
