/** Two people who are never there at the same time, and a server between them that keeps what it cannot read. */
import assert from "node:assert/strict";
import { envelopeIdOf } from "../../../core/crypto/mailRequest.ts";
import { verifyBundle } from "../../../core/identity/bundle.ts";
import { takeBundle } from "../../../core/identity/prekeys.ts";
import { MAILBOX } from "../../../core/limits.ts";
import { openBundle, sealBundle } from "../../../core/mailbox/bundles.ts";
import { openMail, sealMail } from "../../../core/mailbox/mail.ts";
import {
  addressOf,
  depositorOf,
  depositorRequest,
  grantOf,
  ownerRequest,
  spaceKeys,
} from "../../../core/mailbox/space.ts";
import { accept, initiate } from "../../../core/session/session.ts";
import { SECURECOMM_SUITE } from "../../../core/session/suite.ts";
import { decodeMailAddress, encodeMailAddress } from "../../../core/wire/mailAddress.ts";
import { mailAnswerCodec } from "../../../core/wire/mailAnswer.ts";
import type { DepositorRequest, OwnerRequest } from "../../../core/wire/mailRequest.ts";
import { SEALED_BUNDLE_BYTES } from "../../../core/wire/sealedBundle.ts";
import { SEALED_LENGTHS } from "../../../core/wire/sealedMail.ts";
import { fromUtf8, utf8 } from "../../../core/wire/text.ts";
import { ALICE_SEED, BOB_SEED, envOf, flipBit, must, mustRefuse, party } from "../../support/world.ts";
import { type ServerConnection, SpaceServer } from "../../support/spaceServer.ts";

const SERVER = "mail.example";

function world() {
  const env = envOf(51);
  const server = new SpaceServer(SERVER, env.rng);
  server.nowMs = env.nowMs;
  const keys = spaceKeys(env.rng.bytes(32));
  const address = addressOf(keys, SERVER, env.rng.bytes(32));
  const asOwner = (connection: ServerConnection, request: OwnerRequest) =>
    server.handle(connection, ownerRequest(keys, connection, connection.lastNumber + 1, request));
  const asDepositor = (connection: ServerConnection, request: DepositorRequest, by = address) =>
    server.handle(connection, depositorRequest(by, connection, connection.lastNumber + 1, request));
  const home = server.connect();
  asOwner(home, { t: "open", joinCode: null });
  return { env, server, keys, address, asOwner, asDepositor, home };
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
  const { env, server, keys, address, asOwner, asDepositor, home } = world();
  const [alice, bob] = [party(ALICE_SEED), party(BOB_SEED)];
  const { prekeys, bundle } = takeBundle(bob.prekeys, bob.device, env);
  asOwner(home, { t: "grant", grants: [grantOf(address, null)] });
  asOwner(home, { t: "upload", oneTime: [sealBundle(keys, bundle, env)], lastResort: null });

  const visit = server.connect();
  const taken = asDepositor(visit, { t: "take" });
  assert.ok(taken.t === "bundle");
  const verified = must(verifyBundle(must(openBundle(address, taken.sealed)), bob.device.user, env.nowMs));
  const { envelope } = must(initiate(SECURECOMM_SUITE, alice.device, verified, utf8("are you there?"), env));
  const { user, id: device } = alice.device;
  const sealed = must(sealMail(address, { kind: "pairwise", user, device, envelope }, env));
  assert.equal(asDepositor(visit, { t: "deposit", envelope: sealed }).t, "done");

  const later = server.connect();
  const fetched = asOwner(later, { t: "fetch", after: 0, limit: 10 });
  assert.ok(fetched.t === "mail" && !fetched.more);
  assert.deepEqual(must(mailAnswerCodec.decode(mailAnswerCodec.encode(fetched))), fetched);
  const [waiting] = fetched.waiting;
  const mail = must(openMail(keys, waiting!.depositor, user, waiting!.envelope));
  const accepted = must(accept(SECURECOMM_SUITE, bob.device, prekeys, mail.envelope, env));
  assert.equal(fromUtf8(accepted.plaintext), "are you there?");
  assert.equal(accepted.peer.user, mail.user);
  asOwner(later, { t: "ack", envelopes: [envelopeIdOf(sealed)] });
  const empty = asOwner(later, { t: "fetch", after: 0, limit: 10 });
  assert.ok(empty.t === "mail" && empty.waiting.length === 0);
});

Deno.test("[MBX3] a depositor's quota bounds what waits, and what it takes", () => {
  const { env, server, keys, address, asOwner, asDepositor, home } = world();
  const { user, id: device } = party(ALICE_SEED).device;
  const letter = () => must(sealMail(address, { kind: "pairwise", user, device, envelope: env.rng.bytes(9) }, env));
  asOwner(home, { t: "grant", grants: [{ ...grantOf(address, env.nowMs + 1_000), maxBundles: 1 }] });
  const { bundle } = takeBundle(party(BOB_SEED).prekeys, party(BOB_SEED).device, env);
  asOwner(home, { t: "upload", oneTime: [], lastResort: sealBundle(keys, bundle, env) });
  const visit = server.connect();
  const letters = [letter(), letter(), letter(), letter()];
  const answers = letters.map((envelope) => asDepositor(visit, { t: "deposit", envelope }).t);
  assert.deepEqual(answers, ["done", "done", "done", "refused"]);
  assert.equal(asDepositor(visit, { t: "deposit", envelope: letters[0]! }).t, "done", "a copy is kept already");
  assert.equal(asDepositor(visit, { t: "take" }).t, "bundle");
  assert.deepEqual(asDepositor(visit, { t: "take" }), { t: "refused", number: visit.lastNumber, reason: "quota" });
  asOwner(home, { t: "ack", envelopes: [envelopeIdOf(letters[1]!)] });
  assert.equal(asDepositor(visit, { t: "deposit", envelope: letters[3]! }).t, "done");
  server.nowMs += 1_000;
  const late = asDepositor(visit, { t: "deposit", envelope: letter() });
  assert.ok(late.t === "refused" && late.reason === "unknown-depositor");
});

Deno.test("[MBX3] who is revoked, or was never registered, leaves nothing and takes nothing", () => {
  const { env, server, keys, address, asOwner, asDepositor, home } = world();
  const friend = addressOf(keys, SERVER, env.rng.bytes(32));
  asOwner(home, { t: "grant", grants: [grantOf(address, null), grantOf(friend, null)] });
  asOwner(home, { t: "revoke", depositors: [depositorOf(address)] });
  const visit = server.connect();
  const envelope = new Uint8Array(SEALED_LENGTHS[0]!).fill(1);
  for (const by of [address, addressOf(keys, SERVER, env.rng.bytes(32))]) {
    for (const request of [{ t: "deposit", envelope }, { t: "take" }] as const) {
      const said = asDepositor(visit, request, by);
      assert.ok(said.t === "refused" && said.reason === "unknown-depositor");
    }
  }
  assert.equal(asDepositor(visit, { t: "deposit", envelope }, friend).t, "done");
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
