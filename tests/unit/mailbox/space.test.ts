/** Two people who are never there at the same time, and a server between them that keeps what it cannot read. */
import assert from "node:assert/strict";
import { envelopeIdOf } from "../../../core/crypto/spaceEntry.ts";
import { verifyBundle } from "../../../core/identity/bundle.ts";
import { takeBundle } from "../../../core/identity/prekeys.ts";
import { MAILBOX } from "../../../core/limits.ts";
import { openBundle, sealBundle } from "../../../core/mailbox/bundles.ts";
import { openMail, sealMail } from "../../../core/mailbox/mail.ts";
import { addressOf, depositorEntry, depositorOf, grantOf, ownerEntry, spaceKeys } from "../../../core/mailbox/space.ts";
import { accept, initiate } from "../../../core/session/session.ts";
import { SECURECOMM_SUITE } from "../../../core/session/suite.ts";
import { decodeMailAddress, encodeMailAddress } from "../../../core/wire/mailAddress.ts";
import { SEALED_BUNDLE_BYTES } from "../../../core/wire/sealedBundle.ts";
import { SEALED_LENGTHS } from "../../../core/wire/sealedMail.ts";
import { spaceAnswerCodec } from "../../../core/wire/spaceAnswer.ts";
import { MAILBOX_PROTOCOL, PREKEYS_PROTOCOL } from "../../../core/wire/spaceEntry.ts";
import { fromUtf8, utf8 } from "../../../core/wire/text.ts";
import { ALICE_SEED, BOB_SEED, envOf, flipBit, must, mustRefuse, party } from "../../support/world.ts";
import { requestBytes, type ServerStream, type SpaceRequest, SpaceServer } from "../../support/spaceServer.ts";

const SERVER = "https://mail.example";

function world() {
  const env = envOf(51);
  const server = new SpaceServer("server", env.rng);
  server.nowMs = env.nowMs;
  const keys = spaceKeys(env.rng.bytes(32));
  const address = addressOf(keys, SERVER, env.rng.bytes(32));
  const ask = (stream: ServerStream, request: SpaceRequest) =>
    server.ask(stream, requestBytes(stream, stream.entered!.role, stream.lastNumber + 1, request));
  const owner = () => entered(server.connect(MAILBOX_PROTOCOL, "owner"), (stream) => ownerEntry(keys, stream));
  const depositor = (by = address) =>
    entered(server.connect(MAILBOX_PROTOCOL, "other"), (stream) => depositorEntry(by, stream));
  const taker = (by = address) =>
    entered(server.connect(PREKEYS_PROTOCOL, "other"), (stream) => depositorEntry(by, stream));
  const uploader = () => entered(server.connect(PREKEYS_PROTOCOL, "owner"), (stream) => ownerEntry(keys, stream));
  function entered(stream: ServerStream, entry: (stream: ServerStream) => Uint8Array): ServerStream {
    assert.equal(server.enter(stream, entry(stream)).t, "entered");
    return stream;
  }
  const home = owner();
  ask(home, { t: "open", joinCode: null });
  return { env, server, keys, address, ask, owner, depositor, taker, uploader, home };
}

Deno.test("[MBX2] an address survives the wire, and another version of it is refused", () => {
  const { address } = world();
  const bytes = encodeMailAddress(address);
  assert.ok(bytes.length <= MAILBOX.maxAddressBytes);
  assert.deepEqual(must(decodeMailAddress(bytes)), address);
  const at = bytes.findIndex((byte, index) => byte === 0x76 && bytes[index - 1] === 0x61) + 1;
  mustRefuse(decodeMailAddress(bytes.with(at, 2)), "wire.unknown-version");
});

Deno.test("[MBX4] [MBX5] a session begins between two who are never there at once", () => {
  const { env, keys, address, ask, owner, depositor, taker, uploader, home } = world();
  const [alice, bob] = [party(ALICE_SEED), party(BOB_SEED)];
  const { prekeys, bundle } = takeBundle(bob.prekeys, bob.device, env);
  ask(home, { t: "grant", grants: [grantOf(address, null)] });
  ask(uploader(), { t: "upload", oneTime: [sealBundle(keys, bundle, env)], lastResort: null, replace: false });

  const taken = ask(taker(), { t: "take" });
  assert.ok(taken.t === "bundle");
  const verified = must(verifyBundle(must(openBundle(address, taken.sealed)), bob.device.user, env.nowMs));
  const { envelope } = must(initiate(SECURECOMM_SUITE, alice.device, verified, utf8("are you there?"), env));
  const { user, id: device } = alice.device;
  const sealed = must(sealMail(address, { kind: "pairwise", user, device, envelopes: [envelope] }, env));
  assert.equal(ask(depositor(), { t: "deposit", envelopes: [sealed] }).t, "done");

  const later = owner();
  const fetched = ask(later, { t: "fetch", after: 0, limit: 10 });
  assert.ok(fetched.t === "mail" && !fetched.more);
  assert.deepEqual(must(spaceAnswerCodec.decode(spaceAnswerCodec.encode(fetched))), fetched);
  const [waiting] = fetched.waiting;
  const mail = must(openMail(keys, waiting!.depositor, user, waiting!.envelope));
  const accepted = must(accept(SECURECOMM_SUITE, bob.device, prekeys, mail.envelopes[0]!, env));
  assert.equal(fromUtf8(accepted.plaintext), "are you there?");
  assert.equal(accepted.peer.user, mail.user);
  ask(later, { t: "ack", envelopes: [envelopeIdOf(sealed)] });
  const empty = ask(later, { t: "fetch", after: 0, limit: 10 });
  assert.ok(empty.t === "mail" && empty.waiting.length === 0);
});

Deno.test("[MBX3] a depositor's quota bounds what waits, and what it takes", () => {
  const { env, server, keys, address, ask, depositor, taker, uploader, home } = world();
  const { user, id: device } = party(ALICE_SEED).device;
  const letter = () => must(sealMail(address, { kind: "pairwise", user, device, envelopes: [env.rng.bytes(9)] }, env));
  ask(home, { t: "grant", grants: [{ ...grantOf(address, env.nowMs + 1_000), maxBundles: 1 }] });
  const { bundle } = takeBundle(party(BOB_SEED).prekeys, party(BOB_SEED).device, env);
  ask(uploader(), { t: "upload", oneTime: [], lastResort: sealBundle(keys, bundle, env), replace: false });
  const [visit, take] = [depositor(), taker()];
  const letters = [letter(), letter(), letter(), letter()];
  const answers = letters.map((envelope) => ask(visit, { t: "deposit", envelopes: [envelope] }).t);
  assert.deepEqual(answers, ["done", "done", "done", "refused"]);
  assert.equal(ask(visit, { t: "deposit", envelopes: [letters[0]!] }).t, "done", "a copy is kept already");
  assert.equal(ask(take, { t: "take" }).t, "bundle");
  const second = ask(take, { t: "take" });
  assert.ok(second.t === "refused" && second.reason === "quota");
  ask(home, { t: "ack", envelopes: [envelopeIdOf(letters[1]!)] });
  assert.equal(ask(visit, { t: "deposit", envelopes: [letters[3]!] }).t, "done");
  server.nowMs += 1_000;
  const late = ask(visit, { t: "deposit", envelopes: [letter()] });
  assert.ok(late.t === "refused" && late.reason === "unknown-depositor");
});

Deno.test("[MBX3] who is revoked, or was never registered, leaves nothing and takes nothing", () => {
  const { env, keys, address, ask, depositor, taker, home } = world();
  const friend = addressOf(keys, SERVER, env.rng.bytes(32));
  ask(home, { t: "grant", grants: [grantOf(address, null), grantOf(friend, null)] });
  const before = depositor();
  ask(home, { t: "revoke", depositors: [depositorOf(address)] });
  const envelopes = [new Uint8Array(SEALED_LENGTHS[0]!).fill(1)];
  const stranger = addressOf(keys, SERVER, env.rng.bytes(32));
  const said = [
    ask(before, { t: "deposit", envelopes }),
    ...[address, stranger].flatMap((by) => [
      ask(depositor(by), { t: "deposit", envelopes }),
      ask(taker(by), { t: "take" }),
    ]),
  ];
  for (const one of said) assert.ok(one.t === "refused" && one.reason === "unknown-depositor");
  assert.equal(ask(depositor(friend), { t: "deposit", envelopes }).t, "done");
});

Deno.test("[MBX4] sealed bundles are of one length, and open in their space under its secret only", () => {
  const { env, keys, address } = world();
  const { bundle } = takeBundle(party(BOB_SEED).prekeys, party(BOB_SEED).device, env);
  const sealed = sealBundle(keys, bundle, env);
  assert.equal(sealed.length, SEALED_BUNDLE_BYTES);
  assert.equal(sealBundle(keys, { ...bundle, oneTime: null }, env).length, SEALED_BUNDLE_BYTES);
  assert.deepEqual(must(openBundle(address, sealed)), bundle);
  const other = spaceKeys(env.rng.bytes(32));
  mustRefuse(openBundle({ ...address, secret: other.secret }, sealed), "crypto.not-authentic");
  mustRefuse(openBundle({ ...address, space: other.id }, sealed), "crypto.not-authentic");
  for (let bit = 8; bit < 8 * sealed.length; bit += 499) {
    mustRefuse(openBundle(address, flipBit(sealed, bit)), "crypto.not-authentic");
  }
  mustRefuse(openBundle(address, sealed.with(0, 9)), "wire.unknown-version");
  mustRefuse(openBundle(address, sealed.subarray(1)), "wire.unknown-version");
  mustRefuse(openBundle(address, Uint8Array.of(...sealed, 0)), "wire.too-large");
});
