import assert from "node:assert/strict";
import { verifyBundle } from "../../../core/identity/bundle.ts";
import {
  consumePrekeys,
  createPrekeys,
  decodePrekeys,
  encodePrekeys,
  findPrekeys,
  type Prekeys,
  rotatePrekeys,
  takeBundle,
} from "../../../core/identity/prekeys.ts";
import { sign } from "../../../core/crypto/sign.ts";
import { LABELS } from "../../../core/crypto/labels.ts";
import { PREKEYS } from "../../../core/limits.ts";
import { type Bundle, bundleToSign } from "../../../core/wire/bundle.ts";
import { prekeysRecord } from "../../../core/wire/prekeysRecord.ts";
import { envOf, must, mustRefuse, party, START_MS } from "../../support/world.ts";

const { device, prekeys } = party(1);
const DAY_MS = 86_400_000;
const later = (days: number) => envOf(days + 50, START_MS + days * DAY_MS);

function take(from: Prekeys, count: number): { readonly prekeys: Prekeys; readonly bundles: readonly Bundle[] } {
  const env = envOf(9);
  const bundles: Bundle[] = [];
  let left = from;
  for (let i = 0; i < count; i++) {
    const taken = takeBundle(left, device, env);
    left = taken.prekeys;
    bundles.push(taken.bundle);
  }
  return { prekeys: left, bundles };
}

const fresh = ({ oneTime }: Prekeys) => oneTime.filter(({ issuedAtMs }) => issuedAtMs === null).length;

Deno.test("[ID3] a first set has one signed and twenty one-time prekeys, each with an id of its own", () => {
  assert.equal(prekeys.signed.length, 1);
  assert.equal(prekeys.oneTime.length, PREKEYS.oneTimeCount);
  const ids = [...prekeys.signed, ...prekeys.oneTime].map(({ id }) => id);
  assert.deepEqual(ids, Array.from({ length: 21 }, (_, i) => i + 1));
  assert.equal(prekeys.nextId, 22);
});

Deno.test("[ID4] no one-time prekey goes into two bundles, and the pool is filled up when it is low", () => {
  const { prekeys: left, bundles } = take(prekeys, 40);
  assert.equal(new Set(bundles.map(({ oneTime }) => oneTime!.id)).size, 40);
  assert.equal(new Set(bundles.map(({ kem }) => kem.join())).size, 40);
  assert.ok(fresh(left) >= PREKEYS.oneTimeCount / 2);
  assert.equal(fresh(prekeys), PREKEYS.oneTimeCount, "the set that was given is unchanged");
});

Deno.test("[ID4] with too many one-time prekeys out, a bundle carries the signed prekey alone", () => {
  const issued = Array.from({ length: PREKEYS.maxIssued }, (_, i) => ({
    ...prekeys.oneTime[0]!,
    id: 1000 + i,
    issuedAtMs: START_MS,
  }));
  const drained = { ...prekeys, oneTime: [...prekeys.oneTime, ...issued] };
  const { bundle, prekeys: left } = takeBundle(drained, device, envOf(1));
  assert.equal(bundle.oneTime, null);
  assert.deepEqual(bundle.kem, prekeys.signed[0]!.kem.publicKey);
  assert.equal(fresh(left), PREKEYS.oneTimeCount);
  must(decodePrekeys(encodePrekeys(left)));
});

Deno.test("[ID5] a bundle with right signatures of the expected person is taken", () => {
  const { bundle } = takeBundle(prekeys, device, envOf(1));
  const verified = must(verifyBundle(bundle, device.user, START_MS));
  assert.equal(verified.peer.device, device.id);
  assert.equal(verified.wire, bundle);
});

Deno.test("[ID5] a bundle whose signature is not right is refused, whatever field was changed", () => {
  const { bundle } = takeBundle(prekeys, device, envOf(1));
  const other = prekeys.oneTime[9]!;
  const changes: Partial<Bundle>[] = [
    { createdAtMs: bundle.createdAtMs - 1 },
    { signed: { ...bundle.signed, id: 7 } },
    { signed: { ...bundle.signed, dh: other.dh.publicKey } },
    { oneTime: null },
    { oneTime: { id: 99, dh: bundle.oneTime!.dh } },
    { oneTime: { id: bundle.oneTime!.id, dh: other.dh.publicKey } },
    { kem: other.kem.publicKey },
    { signature: bundle.signature.with(3, bundle.signature[3]! ^ 1) },
    { certificate: { ...bundle.certificate, dh: other.dh.publicKey } },
    { certificate: party(2).device.certificate },
  ];
  for (const change of changes) {
    const bent = { ...bundle, ...change };
    const expected = change.certificate === party(2).device.certificate ? party(2).device.user : device.user;
    mustRefuse(verifyBundle(bent, expected, START_MS), "crypto.bad-signature");
  }
});

Deno.test("[ID5] a bundle signed by another device than its certificate names is refused", () => {
  const { bundle } = takeBundle(prekeys, device, envOf(1));
  const signature = sign(party(2).device.signing, LABELS.prekeyBundle, bundleToSign(bundle));
  mustRefuse(verifyBundle({ ...bundle, signature }, device.user, START_MS), "crypto.bad-signature");
});

Deno.test("[ID5] somebody else's bundle is refused by that name", () => {
  const { bundle } = takeBundle(prekeys, device, envOf(1));
  mustRefuse(verifyBundle(bundle, party(2).device.user, START_MS), "identity.wrong-user");
});

Deno.test("[ID5] a bundle is stale after fourteen days", () => {
  const { bundle } = takeBundle(prekeys, device, envOf(1));
  must(verifyBundle(bundle, device.user, START_MS + PREKEYS.signedGraceMs));
  mustRefuse(verifyBundle(bundle, device.user, START_MS + PREKEYS.signedGraceMs + 1), "identity.stale-bundle");
});

Deno.test("[ID6] the signed prekey is replaced after a week and opens first messages two weeks longer", () => {
  assert.equal(rotatePrekeys(prekeys, later(6.99)), prekeys);
  const rotated = rotatePrekeys(prekeys, later(7));
  assert.deepEqual(rotated.signed.map(({ id }) => id), [1, 22]);
  assert.equal(takeBundle(rotated, device, later(7)).bundle.signed.id, 22);
  const grace = rotatePrekeys(rotated, later(20.9));
  must(findPrekeys(grace, { signedId: 1, oneTimeId: null }));
  const over = rotatePrekeys(grace, later(21));
  mustRefuse(findPrekeys(over, { signedId: 1, oneTimeId: null }), "session.unknown-prekey");
  must(findPrekeys(over, { signedId: 22, oneTimeId: null }));
});

Deno.test("[ID6] a device that was away for a month still opens what was sent to its last signed prekey", () => {
  const rotated = rotatePrekeys(prekeys, later(30));
  must(findPrekeys(rotated, { signedId: 1, oneTimeId: null }));
});

Deno.test("[ID6] one-time prekeys that were handed out and not used go after three weeks, others stay", () => {
  const { prekeys: left, bundles } = take(prekeys, 3);
  const old = rotatePrekeys(left, later(21));
  for (const { oneTime } of bundles) assert.ok(!old.oneTime.some(({ id }) => id === oneTime!.id));
  assert.equal(fresh(old), fresh(left));
});

Deno.test("[ID7] a one-time prekey opens once, and only after it was handed out", () => {
  const { prekeys: left, bundles } = take(prekeys, 1);
  const choice = { signedId: 1, oneTimeId: bundles[0]!.oneTime!.id };
  const used = must(findPrekeys(left, choice));
  assert.deepEqual(used.kem.publicKey, bundles[0]!.kem);
  const after = must(consumePrekeys(left, { ...choice, ephemeral: new Uint8Array(32) }, new Uint8Array(32)));
  mustRefuse(findPrekeys(after, choice), "session.prekey-used");
  must(findPrekeys(left, choice));
  mustRefuse(findPrekeys(left, { signedId: 1, oneTimeId: 5 }), "session.prekey-used");
  mustRefuse(findPrekeys(left, { signedId: 1, oneTimeId: 500 }), "session.unknown-prekey");
  mustRefuse(findPrekeys(left, { signedId: 500, oneTimeId: null }), "session.unknown-prekey");
});

Deno.test("[ID7] a replay of a first message without a one-time prekey is refused, as long as its prekey lives", () => {
  const ephemeral = new Uint8Array(32).fill(4);
  const choice = { signedId: 1, oneTimeId: null, ephemeral };
  const [transcript, another] = [new Uint8Array(32).fill(5), new Uint8Array(32).fill(6)];
  const after = must(consumePrekeys(prekeys, choice, transcript));
  mustRefuse(consumePrekeys(after, { ...choice, ephemeral: ephemeral.slice() }, another), "session.replayed");
  must(consumePrekeys(after, { ...choice, ephemeral: another }, transcript));
  must(consumePrekeys(after, { ...choice, signedId: 2 }, transcript));
  const stored = must(decodePrekeys(encodePrekeys(after)));
  mustRefuse(consumePrekeys(stored, choice, transcript), "session.replayed");
  assert.equal(rotatePrekeys(after, later(7)).seen.length, 1);
  assert.equal(rotatePrekeys(rotatePrekeys(after, later(7)), later(21)).seen.length, 0);
});

Deno.test("[ID7] a full replay cache takes no more rather than forgetting one", () => {
  const seen = Array.from({ length: PREKEYS.maxReplayCache }, (_, i) => ({
    signedId: 1,
    ephemeral: new Uint8Array(32).with(0, i & 255).with(1, i >> 8),
  }));
  const choice = { signedId: 1, oneTimeId: null, ephemeral: new Uint8Array(32).fill(9) };
  mustRefuse(consumePrekeys({ ...prekeys, seen }, choice, new Uint8Array(32)), "session.exhausted");
  const seenBefore = [{ signedId: 1, transcript: new Uint8Array(32).fill(8) }];
  const nearlyFull = { ...prekeys, seen: seen.slice(1), seenBefore };
  mustRefuse(consumePrekeys(nearlyFull, choice, new Uint8Array(32)), "session.exhausted");
});

Deno.test("[ID8] prekeys come back from their record, and one without a signed prekey is refused", () => {
  const { prekeys: left } = take(prekeys, 15);
  assert.deepEqual(must(decodePrekeys(encodePrekeys(left))), left);
  mustRefuse(decodePrekeys(prekeysRecord.encode({ ...left, signed: [] })), "wire.wrong-shape");
});

Deno.test("[ID8] a used one-time prekey is not in the record any more", () => {
  const { prekeys: left, bundles } = take(createPrekeys(envOf(8)), 1);
  const choice = { signedId: 1, oneTimeId: bundles[0]!.oneTime!.id };
  const { oneTime, kem } = must(findPrekeys(left, choice));
  const includes = (record: Uint8Array, secret: Uint8Array) => record.join().includes(secret.join());
  const before = encodePrekeys(left);
  const after = encodePrekeys(
    must(consumePrekeys(left, { ...choice, ephemeral: new Uint8Array(32) }, new Uint8Array(32))),
  );
  for (const secret of [oneTime!.secret, kem.seed]) {
    assert.ok(includes(before, secret));
    assert.ok(!includes(after, secret));
  }
});
