import assert from "node:assert/strict";
import { fromHex, toHex, type UserId } from "../../../core/ids.ts";
import { GROUP, MAILBOX, RATCHET, SESSION } from "../../../core/limits.ts";
import { inPieces, openMail, sealMail } from "../../../core/mailbox/mail.ts";
import { addressOf, depositorOf, spaceKeys } from "../../../core/mailbox/space.ts";
import { open, seal, type Session } from "../../../core/session/session.ts";
import { mailBytes, SEALED_LENGTHS } from "../../../core/wire/sealedMail.ts";
import { utf8 } from "../../../core/wire/text.ts";
import { envOf, flipBit, must, mustRefuse, pair, party } from "../../support/world.ts";

const env = envOf(41);
const keys = spaceKeys(env.rng.bytes(32));
const address = addressOf(keys, "mail.example", env.rng.bytes(32));
const depositor = depositorOf(address);
const { user, id: device } = party(1).device;
const mailOf = (envelope: Uint8Array, kind: "pairwise" | "group" = "pairwise") => ({
  kind,
  user,
  device,
  envelopes: [envelope],
});
const sealed = must(sealMail(address, mailOf(utf8("an envelope")), env));

Deno.test("[MBX5] [MBX6] mail opens for the owner, and says who wrote what", () => {
  for (const kind of ["pairwise", "group"] as const) {
    const mail = mailOf(env.rng.bytes(900), kind);
    const bytes = must(sealMail(address, mail, env));
    assert.deepEqual(must(openMail(keys, depositor, user, bytes)), mail);
    assert.deepEqual(must(openMail(keys, depositor, null, bytes)), mail);
  }
});

Deno.test("[MBX6] mail of somebody else than the one who was given the depositor's key is refused", () => {
  mustRefuse(openMail(keys, depositor, "00".repeat(32) as UserId, sealed), "mail.wrong-sender");
});

Deno.test("[MBX5] mail opens in its own space and under its own depositor only", () => {
  const other = spaceKeys(env.rng.bytes(32));
  mustRefuse(openMail(other, depositor, null, sealed), "crypto.not-authentic");
  mustRefuse(openMail({ ...keys, id: other.id }, depositor, null, sealed), "crypto.not-authentic");
  mustRefuse(openMail({ ...keys, secret: other.secret }, depositor, null, sealed), "crypto.not-authentic");
  mustRefuse(openMail({ ...keys, sealing: other.sealing }, depositor, null, sealed), "crypto.not-authentic");
  const another = depositorOf({ depositor: env.rng.bytes(32) });
  mustRefuse(openMail(keys, another, null, sealed), "crypto.not-authentic");
});

Deno.test("[MBX5] no changed bit opens, and no other length", () => {
  for (let bit = 0; bit < 8 * 200; bit += 3) {
    assert.equal(openMail(keys, depositor, null, flipBit(sealed, bit)).ok, false, `bit ${bit}`);
  }
  for (let bit = 1_600; bit < 8 * sealed.length; bit += 997) {
    mustRefuse(openMail(keys, depositor, null, flipBit(sealed, bit)), "crypto.not-authentic");
  }
  mustRefuse(openMail(keys, depositor, null, sealed.subarray(0, sealed.length - 1)), "wire.malformed");
  mustRefuse(openMail(keys, depositor, null, sealed.with(0, 2)), "wire.unknown-version");
  mustRefuse(openMail(keys, depositor, null, new Uint8Array(30_000)), "wire.too-large");
});

Deno.test("[MBX5] an ephemeral key of low order opens nothing, and an address with one seals nothing", () => {
  const bytes = sealed.slice();
  bytes.fill(0, 1, 33);
  mustRefuse(openMail(keys, depositor, null, bytes), "crypto.bad-key");
  mustRefuse(sealMail({ ...address, sealing: new Uint8Array(32) }, mailOf(utf8("x")), env), "crypto.bad-key");
});

Deno.test("[MBX5] nothing of sender, session or certificate is to be found in what a server keeps", () => {
  const { alice } = pair(42);
  const { envelope } = seal(alice, utf8("hi"), env);
  const bytes = toHex(must(sealMail(address, mailOf(envelope), env)));
  for (const secret of [user, device, alice.id, toHex(envelope.subarray(20, 40)), toHex(keys.secret)]) {
    assert.ok(!bytes.includes(secret));
  }
  assert.notEqual(toHex(must(sealMail(address, mailOf(envelope), env))), bytes, "two seals are alike in nothing");
});

Deno.test("[MBX5] a short text has one length on the server, be it a first message, a turn or part of a KEM exchange", () => {
  let { alice, bob } = pair(43);
  const shortLengths = new Set<number>();
  const sealedLengths = new Set<number>();
  const say = (from: Session, sizeBytes: number) => {
    const { session, envelope } = seal(from, new Uint8Array(sizeBytes), env);
    if (sizeBytes < 100) shortLengths.add(envelope.length);
    sealedLengths.add(must(sealMail(address, mailOf(envelope), env)).length);
    return { session, envelope };
  };
  for (let i = 0; i < 2 * RATCHET.mixAfterMessages; i++) {
    const { session, envelope } = say(alice, i % 2 === 0 ? 20 : 2_800);
    alice = session;
    bob = must(open(bob, envelope)).session;
    if (i % 10 < 5) continue;
    const answer = say(bob, 1);
    bob = answer.session;
    alice = must(open(alice, answer.envelope)).session;
  }
  // First and later ones, and both with a part of the exchange.
  assert.ok(shortLengths.size >= 3, `short texts have only ${shortLengths.size} lengths`);
  assert.deepEqual([...sealedLengths], [SEALED_LENGTHS[0]]);
});

Deno.test("[MBX5] the largest envelope of either kind fits", () => {
  for (const sizeBytes of [SESSION.maxEnvelopeBytes, GROUP.maxEnvelopeBytes]) {
    assert.ok(mailBytes([new Uint8Array(sizeBytes)]) < Math.max(...MAILBOX.bucketsBytes));
    const bytes = must(sealMail(address, mailOf(new Uint8Array(sizeBytes)), env));
    assert.ok(SEALED_LENGTHS.includes(bytes.length));
    assert.equal(must(openMail(keys, depositor, user, bytes)).envelopes[0]!.length, sizeBytes);
  }
});

Deno.test("[MBX5] what waits goes in as few pieces of the smaller length as hold it, and in its order", () => {
  const sizes = [500, 500, 6_000, 18_000, 300, 5_700, 5_000, ...Array<number>(70).fill(1)];
  const envelopes = sizes.map((sizeBytes, place) => new Uint8Array(sizeBytes).fill(place));
  const pieces = inPieces(envelopes);
  assert.deepEqual(pieces.flat(), envelopes);
  assert.deepEqual(pieces.map((piece) => piece.map(({ length }) => length)).slice(0, 4), [
    [500, 500],
    [6_000],
    [18_000],
    [300, 5_700],
  ]);
  assert.deepEqual(pieces.slice(4).map(({ length }) => length), [MAILBOX.maxInOneMail, 7]);
  for (const piece of pieces) {
    const bytes = must(sealMail(address, { kind: "pairwise", user, device, envelopes: piece }, env));
    assert.equal(bytes.length, SEALED_LENGTHS[piece[0]!.length > 6_100 ? 1 : 0]);
    assert.deepEqual(must(openMail(keys, depositor, user, bytes)).envelopes, piece);
  }
});

Deno.test("[MBX1] all keys of a space follow from its seed, and none tells of another", () => {
  const seed = env.rng.bytes(32);
  assert.deepEqual(spaceKeys(seed), spaceKeys(seed));
  const { id, owner, secret, sealing } = spaceKeys(seed);
  const all = [seed, fromHex(id), owner.secret, owner.publicKey, secret, sealing.secret, sealing.publicKey].map(toHex);
  assert.equal(new Set(all).size, all.length);
});
